"""When rows are logged besides steadily: `pattern` of a workload that logs."""

import hashlib
from typing import Annotated

import msgspec

from mockwb.sdkmodel.logging_shape import Pace
from mockwb.units import Duration


class Burst(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rows that come all at once, as at the end of an epoch."""

    rows: Annotated[int, msgspec.Meta(ge=1)]
    every: Duration
    """Seconds from one burst to the next."""


class Stragglers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Clients that are slower than the others."""

    share: Annotated[float, msgspec.Meta(ge=0, le=1)]
    """Of the clients; 0.1 is every tenth."""
    factor: Annotated[float, msgspec.Meta(ge=1)] = 2.0
    """Of the time that they take from row to row."""

    def among(self, count: int) -> int:
        """How many of so many clients are stragglers."""
        return _whole(count * self.share)

    def has(self, index: int) -> bool:
        """Whether client `index` is one; they are spread evenly."""
        return self.among(index + 1) > self.among(index)


class Pattern(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the clients' rows lie in time."""

    burst: Burst | None = None
    """Takes the place of a steady pace."""
    synchronised: bool = False
    """All clients log at the same moments, as ranks do that wait for each other at every step:
    the slowest sets the pace of all, and jitter is the same for all."""
    stragglers: Stragglers | None = None
    jitter: Duration = Duration(0)
    """Each row, or burst, is late by up to this, each client's in its own way."""

    def slowest(self, count: int) -> float:
        """By how much the slowest of so many clients is slower than the others."""
        stragglers = self.stragglers
        return stragglers.factor if stragglers and stragglers.among(count) else 1.0

    def slowness(self, index: int, count: int) -> float:
        """By what factor client `index` of `count` is slower than it could be."""
        if self.synchronised:
            return self.slowest(count)
        return self.stragglers.factor if self.stragglers and self.stragglers.has(index) else 1.0

    def pace(self, period: float, seed: str, started_at: float) -> Pace:
        """Of a client with `period` seconds between rows or bursts.

        `seed` decides its jitter; `started_at` is when all started, in seconds since the epoch.
        """
        return Pace(
            period=period,
            burst=self.burst.rows if self.burst else 1,
            jitter=float(self.jitter),
            seed=_number(seed),
            grid=started_at if self.synchronised else None,
        )


def _whole(number: float) -> int:
    """Rounded down, but for what floats lack to a whole number."""
    return int(number + 1e-9)


def _number(seed: str) -> int:
    return int.from_bytes(hashlib.blake2b(seed.encode(), digest_size=8).digest(), "big")
