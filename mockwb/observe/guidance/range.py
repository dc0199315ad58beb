"""What a range of W&B's guidance is made of.

A further range is one file with a `RANGE`, one line in `ranges` and its setting.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, auto
from typing import Protocol

from mockwb.record import RequestRecord


class Place(IntEnum):
    """What something is measured of."""

    RUN = auto()
    PROJECT = auto()
    USER = auto()


class Subject(IntEnum):
    """What a request was about."""

    ROWS = auto()
    """It brought new history rows."""
    VIDEO = auto()
    """It brought rows with videos."""
    LARGE = auto()
    """It brought a row of more than 10 kB."""
    UPSERT = auto()
    """It made or changed a run."""
    FILE = auto()
    """It uploaded a file of a run."""
    API = auto()
    """It came from W&B's public API."""


class Measure(Protocol):
    """One range in one place."""

    peak: float
    """The most there was; above the range no later than with the news that led there."""
    key: str | None
    """The metric to blame for the peak, where one is."""

    def add(self, record: RequestRecord, wall: float) -> None:
        """Take a request into account that arrived `wall` seconds after the Unix epoch."""

    def now(self) -> float:
        """As it stands; brings `peak` up to date."""


@dataclass(frozen=True, slots=True)
class Range:
    """One range."""

    name: str
    """In the settings, too."""
    unit: str
    subject: Subject
    places: tuple[Place, ...]
    """Where leaving it is a finding."""
    measure: Callable[[float], Measure]
    """Makes the measure for one place, out of what the range allows."""
    advice: str
    figures: tuple[Place, ...] = ()
    """Where it is measured besides, without findings."""


class Largest:
    """A measure of something of which the largest counts."""

    __slots__ = ("_latest", "key", "peak")

    def __init__(self, _limit: float) -> None:
        self.peak = self._latest = 0.0
        self.key: str | None = None

    def now(self) -> float:
        """The latest one."""
        return self._latest

    def note(self, value: float, key: str | None = None) -> None:
        """Take one into account."""
        self._latest = value
        if value > self.peak:
            self.peak, self.key = value, key
