"""The plain counters that `metrics` keeps between scrapes, one object per label value."""

from mockwb.observe.histogram import Histogram
from mockwb.record import Ingested

_DURATION_BOUNDS = (
    *(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0),
)
"""Seconds; the long end is for answers that are delayed on purpose."""

_SIZE_BOUNDS = tuple(float(4**power) for power in range(3, 16))
"""Bytes, 64 B to 1 GiB: from a heartbeat to a large upload."""


class EndpointTally:
    """How long one endpoint took and how much went through it."""

    __slots__ = ("bytes_out", "duration", "size")

    def __init__(self) -> None:
        self.duration = Histogram(_DURATION_BOUNDS)
        self.size = Histogram(_SIZE_BOUNDS)
        self.bytes_out = 0


class IngestTally:
    """What one project's runs were given."""

    __slots__ = ("bytes", "gaps", "lines", "rows", "rows_changed", "rows_resent", "values")

    def __init__(self) -> None:
        self.bytes = self.lines = self.rows = self.rows_resent = self.rows_changed = 0
        self.values = self.gaps = 0

    def add(self, ingested: Ingested, bytes_in: int) -> None:
        """Add what one accepted request of `bytes_in` body bytes brought."""
        self.bytes += bytes_in
        self.lines += ingested.lines
        self.rows += ingested.rows
        self.values += ingested.values
        if ingested.rows_resent or ingested.rows_changed or ingested.gaps:
            self.rows_resent += ingested.rows_resent
            self.rows_changed += ingested.rows_changed
            self.gaps += len(ingested.gaps)
