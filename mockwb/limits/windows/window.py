"""What every kind of window can do, for `limiter` and `carry_over`.

Instants are seconds of the limiter's clock and never go backwards.
"""

from collections.abc import Iterator
from typing import Protocol


class Window(Protocol):
    """A quota over time: `limit` in any (rolling), each (fixed) or an average `length` seconds."""

    @property
    def limit(self) -> int:
        """What the window allows."""
        ...

    @property
    def length(self) -> float:
        """Seconds."""
        ...

    @property
    def used(self) -> int:
        """What counts against the limit, as of the last `expire` and what came since."""
        ...

    def expire(self, now: float) -> None:
        """Bring `used` up to date."""
        ...

    def take(self, now: float, cost: int) -> bool:
        """Charge `cost` if there is room for it; whether there was."""
        ...

    def fits(self, now: float, cost: int) -> bool:
        """Whether there is room for `cost` at `now`."""
        ...

    def charge(self, now: float, cost: int) -> None:
        """Count `cost` at `now`, room or not."""
        ...

    def empty_at(self, now: float) -> float:
        """The instant at which nothing is used any more if nothing more arrives."""
        ...

    def passes_at(self, now: float, cost: int) -> float:
        """The instant at which `cost` fits if nothing more arrives.

        For a cost over the whole limit, the one at which the window is empty.
        """
        ...

    def resize(self, now: float, limit: int) -> None:
        """Allow `limit` from `now` on; what is used stays."""
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...

    def history(self, now: float) -> Iterator[tuple[float, int]]:
        """(instant, cost) of what is used at `now`, oldest first; instants as late as can be."""
        ...
