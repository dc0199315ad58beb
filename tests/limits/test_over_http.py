"""A hundred clients at once over HTTP: what the server admitted, held against the definition.

A window of L seconds allows so much within any (t - L, t]. The instants are those that the limiter
decided by, not those that clients saw.
"""

import asyncio
import random
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from mockwb.clock import RealClock
from mockwb.limits.decision import Decision
from mockwb.limits.limiter import Limiter
from mockwb.target import Caller, Cost, Surface, Target
from tests.conftest import Serve
from tests.wandb_client import WandbClient

CLIENTS = 100
SECONDS, PATIENCE = 6.0, 30.0
"""How long clients go on at least, and at most while a window has not refused anything yet."""
LIMITS: dict[str, Any] = {
    "project": {"requests": ["40/1s", "90/3s"], "bytes": ["30kB/1s", "80kB/4s"]},
    "run": {"requests": "20/2s"},
}
RUNS = {"many-runs": 8, "few-runs": 2, "large-bodies": 8}
"""Runs of each project; in each another limit is met first."""
SHORTFALL = 0.001
"""Share of a limit by which a window may count too much."""


class Definition(NamedTuple):
    """One window as it is defined, on exact arithmetic."""

    limit: str
    of_run: bool
    amount: int
    length: float


DEFINITIONS = (
    Definition("requests", False, 40, 1.0),
    Definition("requests", False, 90, 3.0),
    Definition("bytes", False, 30_000, 1.0),
    Definition("bytes", False, 80_000, 4.0),
    Definition("requests", True, 20, 2.0),
)


class Decided(NamedTuple):
    """One decision, as the limiter took it."""

    at: float
    target: Target
    cost: Cost
    decision: Decision

    def key(self, definition: Definition) -> str:
        path = self.target.run_path if definition.of_run else self.target.project_path
        assert path is not None
        return path

    def amount(self, definition: Definition) -> int:
        return self.cost.bytes if definition.limit == "bytes" else self.cost.requests


class NotingClock(RealClock):
    """The real clock, and what it said last."""

    def __init__(self) -> None:
        self.last = 0.0

    def now(self) -> float:  # type: ignore[override]
        self.last = RealClock.now()
        return self.last


class Charges:
    """What one window admitted, in order."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._instants: list[float] = []
        self._totals = [0]

    def add(self, at: float, amount: int) -> None:
        self._instants.append(at)
        self._totals.append(self._totals[-1] + amount)

    def used(self, at: float) -> int:
        """Within (at - length, at]."""
        before = bisect_right(self._instants, at - self._definition.length)
        return self._totals[bisect_right(self._instants, at)] - self._totals[before]

    def greatest(self) -> int:
        """The most that any interval of the window's length holds; one ends with a charge."""
        return max(map(self.used, self._instants), default=0)


async def hammered(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Decided], Counter]:
    """What a server under fire decided, and the statuses that its clients saw."""
    decided: list[Decided] = []
    refusing: set[tuple[str, str]] = set()
    clock = NotingClock()

    class Noting(Limiter):
        def admit(self, target: Target, caller: Caller, cost: Cost) -> Decision | None:
            decision = super().admit(target, caller, cost)
            if target.surface is Surface.FILE_STREAM:
                assert decision is not None
                decided.append(Decided(clock.last, target, cost, decision))
                if not decision.admitted:
                    refusing.add((decision.limit, decision.allowance))
            return decision

    monkeypatch.setattr("mockwb.app.Limiter", Noting)
    client = await serve(clock, limits=LIMITS)
    for project, runs in RUNS.items():
        for number in range(runs):
            await client.start_run(f"r{number}", project)
    start = RealClock.now()

    def enough() -> bool:
        seconds = RealClock.now() - start
        met = len(refusing) == len(DEFINITIONS)
        return seconds >= (SECONDS if met else PATIENCE)

    statuses = await asyncio.gather(*(hammer(client, number, enough) for number in range(CLIENTS)))
    return decided, sum(statuses, Counter())


async def hammer(client: WandbClient, number: int, enough: Callable[[], bool]) -> Counter:
    """Send requests until it is enough, whatever the answers say; the statuses."""
    dice = random.Random(number)
    project = list(RUNS)[number % len(RUNS)]
    most = 3000 if project == "large-bodies" else 300
    clock, statuses = RealClock(), Counter[int]()
    while not enough():
        run = f"r{dice.randrange(RUNS[project])}"
        body = b"{" + b" " * dice.randrange(most) + b"}"
        statuses[(await client.stream(body, run, project))[0]] += 1
        await clock.sleep(dice.uniform(0, 0.2))
    return statuses


async def test_given_100_clients_over_http_then_admissions_hold_to_the_definition(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    decided, statuses = await hammered(serve, monkeypatch)
    admitted = sum(one.decision.admitted for one in decided)
    assert statuses == {200: admitted, 429: len(decided) - admitted}
    # Demand was well above every limit.
    refusals = Counter(
        (one.decision.scope, one.decision.limit, one.decision.allowance)
        for one in decided
        if not one.decision.admitted
    )
    assert len(refusals) == len(DEFINITIONS), refusals
    assert len(decided) > 2 * admitted
    charges: dict[tuple[Definition, str], Charges] = {}
    for one in decided:
        own = [
            charges.setdefault((definition, one.key(definition)), Charges(definition))
            for definition in DEFINITIONS
        ]
        if one.decision.admitted:
            for definition, charge in zip(DEFINITIONS, own, strict=True):
                charge.add(one.at, one.amount(definition))
            continue
        # Refused only if the definition has no room for it in some window.
        assert any(
            charge.used(one.at) + one.amount(definition) > definition.amount * (1 - SHORTFALL)
            for definition, charge in zip(DEFINITIONS, own, strict=True)
        ), one
    fullest: defaultdict[Definition, int] = defaultdict(int)
    for (definition, key), charge in charges.items():
        greatest = charge.greatest()
        assert greatest <= definition.amount, (definition, key)
        fullest[definition] = max(fullest[definition], greatest)
    assert {definition for definition in DEFINITIONS if definition.limit == "requests"} <= {
        definition for definition, most in fullest.items() if most == definition.amount
    }
    with capsys.disabled():
        print(f"\n{len(decided)} requests, {admitted} admitted; fullest windows {fullest}")
