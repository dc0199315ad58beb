"""Looks at a simulation now and then: samples for charts, limits at work, thresholds that fail.

`play` sets it up. A real run's `Sampler` asks the server the same over HTTP.
"""

import math
from collections.abc import Sequence
from typing import Protocol

from mockwb.scenario.account_reader import Window
from mockwb.scenario.early_end import EarlyEnd
from mockwb.scenario.series import MOST_SAMPLES, Sample, Series, Waits, grown
from mockwb.scenario.thresholds import Threshold
from mockwb.sdkmodel.run import VirtualRun
from mockwb.simulate.client import SimulatedClient
from mockwb.simulate.engine import Engine
from mockwb.simulate.server import SimulatedServer

_LOOKED_AT = 100_000
"""Clients looked at in all samples of a series together: more clients, fewer samples."""
_FEWEST_SAMPLES = 60
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
        self._seen: tuple[dict[str, int], int] = {}, 0
        self._live: list[SimulatedClient] = []
        self._to_start: list[SimulatedClient] = []
        self._known = self._ended = self._logged_by_ended = 0
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
        if self._early_end.watched and not self._engine.stopping:
            account = self._server.account(now, self._engine.to_wall)
            self._failing = self._early_end.failed(
                now, account, self._server.behaved(), self._server.findings() or ()
            )
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
        so_far = self._server.so_far
        self._seen = answered, received = dict(so_far.answered), so_far.bytes_in
        rows_logged = self._rows_logged(now)
        held_back = sorted(run.throttled_until(now) for run in so_far.held_back)
        sample = Sample(
            at=now,
            seconds=now - self._last_at,
            active=len(self._live),
            waiting=min(so_far.waiting, len(self._live)),
            requests=grown(requests, answered),
            bytes_in=received - bytes_in if received >= bytes_in else received,
            rows_logged=rows_logged,
            rows_sent=so_far.rows_sent,
            rows_stored=so_far.rows_stored,
            remaining=self._remaining,
            waits=Waits(
                p50=self._wait(held_back, 0.5),
                p95=self._wait(held_back, 0.95),
                max=self._wait(held_back, 1),
            ),
        )
        self._last_at = now
        return sample

    def _rows_logged(self, now: float) -> int:
        """By all clients; who has ended logs no more."""
        live: list[SimulatedClient] = []
        waiting: list[SimulatedClient] = []
        logged = 0
        for client in [*self._live, *self._to_start, *self._clients[self._known :]]:
            run = client.run
            if not isinstance(run, VirtualRun):
                continue
            if not client.started:
                waiting.append(client)
                continue
            rows = run.rows(now)
            if client.done_at is None:
                live.append(client)
                logged += rows
            else:
                self._ended += 1
                self._logged_by_ended += rows
        self._known = len(self._clients)
        self._live, self._to_start = live, waiting
        return logged + self._logged_by_ended

    def _wait(self, held_back: Sequence[float], share: float) -> float:
        """What `share` of all clients that have begun were not held back longer than."""
        begun = len(self._live) + self._ended
        index = max(0, math.ceil(share * begun) - 1) - (begun - len(held_back))
        return held_back[index] if held_back and index >= 0 else 0.0
