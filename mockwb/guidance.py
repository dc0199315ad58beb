"""How logging stands towards W&B's guidance: the JSON of `/_mockwb/guidance`.

`observe` keeps it, `control` serves it, and others read it over HTTP.
"""

import msgspec

from mockwb.units import format_size

SOURCE = "W&B docs, Experiments limits and performance"


class Finding(msgspec.Struct, kw_only=True):
    """One range that was left, in one place."""

    range: str
    """Which one: its name in the settings."""
    entity: str | None = None
    project: str | None = None
    run: str | None = None
    """None if the project as a whole is meant."""
    user: str | None = None
    """Whose requests to the public API are meant; an address without a valid key."""
    key: str | None = None
    """The metric that is to blame, where one is."""
    measured: float
    """As it stands; of rates: in the minute up to the newest row."""
    limit: float
    """What the range allows."""
    unit: str
    """Of `measured`, `limit` and `peak`."""
    peak: float
    """The most there was; of rates: in the fullest minute."""
    since: float
    """When it was first seen; seconds since the Unix epoch."""
    advice: str
    source: str = SOURCE

    def amounts(self) -> tuple[str, str]:
        """The peak with its unit and the limit, for people."""
        if self.unit.startswith("bytes"):
            rest = self.unit.removeprefix("bytes")
            return f"{format_size(self.peak)}{rest}", f"{format_size(self.limit)}{rest}"
        return f"{self.peak:,.10g} {self.unit}", f"{self.limit:,.10g}"


class KeyFigure(msgspec.Struct, kw_only=True):
    """An amount that belongs to a metric, or to metrics whose names begin alike."""

    key: str
    amount: int


class ProjectFigures(msgspec.Struct, kw_only=True):
    """What was measured of a whole project."""

    entity: str
    project: str
    peaks: dict[str, float] = {}
    """Range -> the most there was."""
    metrics_error: float = 0.0
    """Standard error of the number of metrics, as a share of it; 0 while each is counted."""
    largest_groups: list[KeyFigure] = []
    """What comes before the first slash or dot of metric names -> metrics that begin so."""
    largest_values: list[KeyFigure] = []
    """Metric -> bytes of its largest value, of values in rows of more than 10 kB."""


class Guidance(msgspec.Struct, kw_only=True):
    """Everything that matches a query."""

    findings: list[Finding] = []
    projects: list[ProjectFigures] = []
    ranges: dict[str, float] = {}
    """The ranges that are watched: name -> what they allow."""
    forgotten_projects: int = 0
    """Projects no longer watched, because more of them came than the configured bound."""
    forgotten_runs: int = 0
