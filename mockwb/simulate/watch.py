"""Looks at a simulation now and then: samples for charts, limits at work, thresholds that fail.

`play` sets it up. A real run's `Sampler` asks the server the same over HTTP.
"""

from collections.abc import Sequence
from typing import Protocol

from mockwb.scenario.account_reader import Window
from mockwb.scenario.early_end import EarlyEnd
from mockwb.scenario.figures import quantile
from mockwb.scenario.series import MOST_SAMPLES, Sample, Series, Waits
from mockwb.scenario.thresholds import Threshold
from mockwb.sdkmodel.run import VirtualRun
from mockwb.simulate.client import SimulatedClient
from mockwb.simulate.engine import Engine
from mockwb.simulate.served_run import ServedRun
from mockwb.simulate.server import SimulatedServer

_LOOKED_AT = 600_000
"""Clients looked at in all samples of a series together: more clients, fewer samples."""
_FEWEST_SAMPLES = 100
_WINDOWS = 1_000
"""Of more windows than that, not all are looked at in every sample."""


class Onlooker(Protocol):
    """Who is shown how a simulation goes on."""

    def saw(self, sample: Sample) -> None:
        """The next interval is over."""


class Watch:
    """Takes samples at a pace that time and the number of clients allow."""

    def __init__(
        self,
        engine: Engine,
        server: SimulatedServer,
        clients: Sequence[SimulatedClient],
        early_end: EarlyEnd,
        onlooker: Onlooker | None,
    ) -> None:
        """Begin now."""
        self._engine = engine
        self._server = server
        self._clients = clients
        self._early_end = early_end
        self._onlooker = onlooker
        most = min(MOST_SAMPLES, max(_FEWEST_SAMPLES, _LOOKED_AT // max(1, len(clients))))
        self._series = Series(most=most)
        self._last_at = 0.0
        self._seen = dict(server.answered), server.bytes_in
        self._windows: dict[tuple[str, str, float], Window] = {}
        self._skip_windows = 0
        self._remaining: dict[str, int] = {}
        self._failing: Threshold | None = None
        engine.at(self._series.interval, self._look_again, None)

    @property
    def failed(self) -> Threshold | None:
        """The threshold that ended the scenario."""
        return self._failing

    @property
    def samples(self) -> Sequence[Sample]:
        """All so far."""
        return self._series.samples

    @property
    def windows(self) -> list[Window]:
        """The limits that were seen at work."""
        return list(self._windows.values())

    def end(self, now: float) -> None:
        """Add the last interval."""
        self._look_at_windows()
        self._series.end(self._sample(now))

    def _look_again(self, _: object, now: float) -> None:
        if self._skip_windows:
            self._skip_windows -= 1
        else:
            self._look_at_windows()
        sample = self._sample(now)
        self._series.add(sample)
        if self._onlooker is not None:
            self._onlooker.saw(sample)
        if self._early_end.watched:
            account = self._server.account(now, self._engine.to_wall)
            self._failing = self._early_end.failed(now, account, self._server.behaved(), ())
        if self._failing is not None:
            self._engine.pause()
        self._engine.at(now + self._series.interval, self._look_again, None)

    def _look_at_windows(self) -> None:
        count = 0
        self._remaining = {}
        for usage in self._server.limiter.usage():
            count += 1
            if not usage.used:
                continue
            window = Window(
                scope=usage.scope,
                key=usage.key,
                limit=usage.limit,
                amount=usage.amount,
                window_seconds=usage.window,
            )
            self._windows[window.name, window.key, window.window_seconds] = window
            left = usage.remaining
            scaled = (1000 * left // usage.amount or 1) if left > 0 else 0
            self._remaining[window.name] = min(scaled, self._remaining.get(window.name, scaled))
        self._skip_windows = count // _WINDOWS

    def _sample(self, now: float) -> Sample:
        """The interval from the last look to this one."""
        requests, bytes_in = self._seen
        server = self._server
        self._seen = answered, received = dict(server.answered), server.bytes_in
        active = waiting = rows_logged = rows_sent = rows_stored = 0
        held_back: list[float] = []
        for client in self._clients:
            run, served = client.run, client.served
            if not client.started or not isinstance(run, VirtualRun):
                continue
            assert isinstance(served, ServedRun)
            rows_logged += run.rows(now)
            tally = served.tally
            if tally is None:
                continue
            held_back.append(tally.throttled_until(now))
            rows_stored += tally.rows_stored
            rows_sent += served.rows_sent()
            if client.done_at is None:
                active += 1
                waiting += tally.throttled_since is not None
        sample = Sample(
            at=now,
            seconds=now - self._last_at,
            active=active,
            waiting=waiting,
            requests={
                status: count - requests.get(status, 0)
                for status, count in sorted(answered.items())
                if count > requests.get(status, 0)
            },
            bytes_in=received - bytes_in,
            rows_logged=rows_logged,
            rows_sent=rows_sent,
            rows_stored=rows_stored,
            remaining=self._remaining,
            waits=Waits(
                p50=quantile(held_back, 0.5) or 0.0,
                p95=quantile(held_back, 0.95) or 0.0,
                max=quantile(held_back, 1) or 0.0,
            ),
        )
        self._last_at = now
        return sample
