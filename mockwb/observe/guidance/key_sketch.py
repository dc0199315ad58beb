"""How many different keys there were: exact up to 100,000 and beyond, and bounded in memory.

A k-minimum-values sketch. All hashes are kept while there are at most `CAPACITY`; from then on only
the smallest so many, whose density says how many there are in all.
"""

import heapq

CAPACITY = 131_072
"""Hashes kept, of 64 bits each; a few bytes per key, 15 MB at most."""

_SPAN = float(2**64)


class KeySketch:
    """A set of keys that forgets what they were."""

    __slots__ = ("_capacity", "_hashes", "_largest")

    def __init__(self, capacity: int = CAPACITY) -> None:
        """Count exactly up to `capacity` keys (at least 3)."""
        self._capacity = capacity
        self._hashes: set[int] = set()
        self._largest: list[int] = []
        """A heap of the negated hashes, largest hash first; empty while counting exactly."""

    def add(self, key: str) -> bool:
        """Whether the key is known to be new."""
        # Python's own hash of text is a keyed one of 64 bits, and kept with the text.
        return self.add_hash(hash(key))

    def add_hash(self, hashed: int) -> bool:
        """As `add`, for the hash of a key: 64 bits, signed, evenly spread."""
        hashes = self._hashes
        if hashed in hashes:
            return False
        if len(hashes) < self._capacity and not self._largest:
            hashes.add(hashed)
            return True
        if not self._largest:
            self._largest = [-kept for kept in hashes]
            heapq.heapify(self._largest)
        if hashed < -self._largest[0]:
            hashes.add(hashed)
            hashes.discard(-heapq.heapreplace(self._largest, -hashed))
            return True
        return False

    @property
    def exact(self) -> bool:
        """Whether `count` is more than an estimate."""
        return not self._largest

    @property
    def count(self) -> int:
        """How many different keys were added."""
        if not self._largest:
            return len(self._hashes)
        density = (-self._largest[0] + _SPAN / 2) / _SPAN
        return max(self._capacity + 1, round((self._capacity - 1) / density))

    @property
    def error(self) -> float:
        """Standard error of `count` as a share of it; 0.28% at the usual capacity, 0 if exact."""
        return 0.0 if not self._largest else float((self._capacity - 2) ** -0.5)
