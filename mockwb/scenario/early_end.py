"""Whether a threshold with `abort_on_fail` has failed for good while clients still run.

Clients tell what they did when they are done, so what counts until then is what the server saw.
"""

import asyncio
from collections.abc import Iterable, Sequence

from mockwb.account import Account, RunAccount
from mockwb.client_account import ClientAccount
from mockwb.clock import Clock
from mockwb.guidance import Finding
from mockwb.scenario.account_reader import AccountReader
from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.errors import ServerGoneError
from mockwb.scenario.model import Scenario
from mockwb.scenario.tally import Tallies, tally
from mockwb.scenario.thresholds import Threshold

_OTHERS = ""
"""Workload of runs whose names do not say which one started them."""


_PAUSE_SECONDS = 1.0
_SPARING = 20
"""Looking takes the server's time: pause so many times as long as it took."""


class EarlyEnd:
    """The thresholds of a scenario that may end it."""

    def __init__(self, scenario: Scenario, run_prefix: str) -> None:
        """Watch over `scenario`, whose runs' names begin with `run_prefix`."""
        self._names = [workload.name for workload in scenario.workloads]
        self._prefix = run_prefix
        self.watched: Sequence[Threshold] = [
            threshold for threshold in scenario.thresholds if threshold.abort_after is not None
        ]
        """Nothing needs to be looked at if there is none."""

    def failed(
        self,
        seconds: float,
        account: Account,
        behaved: Iterable[ClientAccount],
        findings: Iterable[Finding],
    ) -> Threshold | None:
        """The first one that fails for good, `seconds` after the start; None if none does."""
        so_far = self._so_far(account, behaved, findings)
        failing = (t for t in self.watched if t.fails_for_good(seconds, so_far))
        return next(failing, None)

    def _so_far(
        self, account: Account, behaved: Iterable[ClientAccount], findings: Iterable[Finding]
    ) -> Tallies:
        clients = [
            ClientResult(
                workload=self._workload_of(run),
                entity=run.entity,
                project=run.project,
                run=run.run,
                rows=None,
            )
            for run in account.runs
        ]
        return tally([*self._names, _OTHERS], clients, account, behaved, findings)

    def _workload_of(self, run: RunAccount) -> str:
        for mark in (run.run, run.host):
            if mark.startswith(f"{self._prefix}-"):
                name = mark.removeprefix(f"{self._prefix}-").rpartition("-")[0]
                if name in self._names:
                    return name
        return _OTHERS


async def wait_for_failure(early_end: EarlyEnd, reader: AccountReader, clock: Clock) -> Threshold:
    """The threshold that ends the scenario; waits for ever if none does."""
    if not early_end.watched:
        await asyncio.Event().wait()
    start = clock.now()
    while True:
        asked = clock.now()
        try:
            account = await reader.read()
            behaved = await reader.read_clients()
            findings = await reader.read_guidance(account)
        except ServerGoneError:  # it may come back
            failed = None
        else:
            failed = early_end.failed(clock.now() - start, account, behaved, findings)
        if failed is not None:
            return failed
        took = clock.now() - asked
        await clock.sleep(max(_PAUSE_SECONDS - took, _SPARING * took))
