"""What `/metrics` shows of deliveries. Used by `metrics`."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from mockwb.observe.delivery_tally import accepted
from mockwb.observe.histogram import Histogram
from mockwb.record import RequestRecord

_LAG_BOUNDS = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)
"""Seconds; SDKs send every 15."""


class DeliveryFamilies:
    """Lags, bytes in vain and verdicts."""

    def __init__(self) -> None:
        self._lag = Histogram(_LAG_BOUNDS)
        self._wasted: defaultdict[str, int] = defaultdict(int)
        self._verdicts: Mapping[str, int] = {}

    def saw(self, record: RequestRecord, project: str) -> None:
        """Count one request of file_stream; `project` is its label."""
        ingested = record.ingested
        if ingested is None:
            if not accepted(record):
                self._wasted[project] += record.bytes_in
            return
        if ingested.lags:
            self._lag.observe_all(ingested.lags)
        if ingested.chunks_resent and not ingested.lines:
            self._wasted[project] += record.bytes_in

    def note_verdicts(self, verdicts: Mapping[str, int]) -> None:
        """Show `verdicts`, verdict -> runs, from now on."""
        self._verdicts = dict(verdicts)

    def collect(self) -> Iterator[Metric]:
        """The three families."""
        lag = HistogramMetricFamily(
            "mockwb_delivery_lag_seconds", "Time from a row's own timestamp to its storage."
        )
        lag.add_metric((), self._lag.cumulative(), self._lag.sum)
        yield lag
        wasted = CounterMetricFamily(
            "mockwb_wasted_bytes",
            "Body bytes of file stream requests that were refused, failed or brought nothing new.",
            labels=("project",),
        )
        for project, count in self._wasted.items():
            wasted.add_metric((project,), count)
        yield wasted
        runs = GaugeMetricFamily(
            "mockwb_delivery_runs", "Runs by the verdict on their delivery.", labels=("verdict",)
        )
        for verdict, count in self._verdicts.items():
            runs.add_metric((verdict,), count)
        yield runs
