"""Turns readings of the server's account into samples. Called by `runner` while clients run."""

from collections.abc import Callable, Sequence
from typing import Protocol

from mockwb.account import Account
from mockwb.clock import Clock
from mockwb.scenario.account_reader import AccountReader
from mockwb.scenario.errors import ServerGoneError
from mockwb.scenario.figures import quantile
from mockwb.scenario.series import Sample, Series, Waits, grown
from mockwb.scenario.timeline.player import Happened

PAUSE_SECONDS = 1.0
SPARING = 20
"""Reading a large account takes the server's time: pause so many times as long as it took..."""
LONGEST_PAUSE = 5.0
"""... but no longer than this, lest the charts have gaps..."""
AT_LEAST = 4
"""... unless the server did little else then: so many times as long it pauses in any case."""


class Onlooker(Protocol):
    """Who is shown how a scenario goes on."""

    def saw(self, sample: Sample) -> None:
        """The next interval is over."""

    def missed(self, at: float, error: str) -> None:
        """The server could not be asked, `at` seconds after the start; it may come back."""

    def happened(self, event: Happened) -> None:
        """An event of the timeline came to pass."""


class Sampler:
    """Fills a series, reading by reading."""

    def __init__(
        self, reader: AccountReader, clock: Clock, rows_logged: Callable[[], int | None]
    ) -> None:
        """Begin now; `rows_logged` says how many rows clients have logged, if they can tell."""
        self._reader = reader
        self._clock = clock
        self._rows_logged = rows_logged
        self._start = clock.now()
        self._at = 0.0
        self._requests: dict[str, int] = {}
        self._bytes_in = 0
        self._series = Series(PAUSE_SECONDS)

    @property
    def samples(self) -> Sequence[Sample]:
        """All so far."""
        return self._series.samples

    @property
    def at(self) -> float:
        """Seconds from the start to the newest reading."""
        return self._at

    async def watch(self, onlooker: Onlooker) -> None:
        """Read again and again, until cancelled."""
        while True:
            asked = self._clock.now()
            try:
                account = await self._reader.read()
            except ServerGoneError as error:  # clients go on trying, and it may come back
                onlooker.missed(self._clock.now() - self._start, str(error))
            else:
                sample = self._sample(account)
                self._series.add(sample)
                onlooker.saw(sample)
            took = self._clock.now() - asked
            await self._clock.sleep(pause_after(took))

    def end(self, account: Account) -> None:
        """Add the last interval, up to a reading that was taken when all was over."""
        self._series.end(self._sample(account))

    def _sample(self, account: Account) -> Sample:
        """The interval from the last reading to this one."""
        at = self._clock.now() - self._start
        requests, bytes_in = _totals(account)
        held_back = [run.throttled_seconds for run in account.runs]
        sample = Sample(
            at=at,
            seconds=at - self._at,
            active=sum(run.state == "running" for run in account.runs),
            waiting=sum(run.waiting and run.state == "running" for run in account.runs),
            requests=grown(self._requests, requests),
            # A server that was started again counts from 0.
            bytes_in=bytes_in - self._bytes_in if bytes_in >= self._bytes_in else bytes_in,
            rows_logged=self._rows_logged(),
            rows_sent=sum(run.delivery.rows_sent for run in account.runs),
            rows_stored=sum(run.rows_stored for run in account.runs),
            remaining=self._reader.remaining,
            waits=Waits(
                p50=quantile(held_back, 0.5) or 0.0,
                p95=quantile(held_back, 0.95) or 0.0,
                max=quantile(held_back, 1) or 0.0,
            ),
        )
        self._at, self._requests, self._bytes_in = at, requests, bytes_in
        return sample


def pause_after(took: float) -> float:
    """Seconds until the next reading, if the last one took so many."""
    return max(PAUSE_SECONDS - took, min(SPARING * took, LONGEST_PAUSE), AT_LEAST * took)


def _totals(account: Account) -> tuple[dict[str, int], int]:
    """HTTP status -> requests, and their bytes, since the scenario's start."""
    by_endpoint = [run.requests for run in account.runs] + [account.other_requests]
    totals: dict[str, int] = {}
    for statuses in (s for endpoints in by_endpoint for s in endpoints.values()):
        for status, count in statuses.items():
            totals[status] = totals.get(status, 0) + count
    return totals, sum(run.bytes_in for run in account.runs)
