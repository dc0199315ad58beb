import json
from collections.abc import Iterable

import pytest

from mockwb.account import Account
from mockwb.content import MOST_RUNS, Content
from mockwb.scenario.account_reader import AccountReader
from mockwb.scenario.content_check import (
    MOST_ROWS,
    ContentCheck,
    check_content,
    logged_content,
)
from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.scenario.workload import ProjectPath
from tests.scenario.accounts import client, stored
from tests.wandb_client import WandbClient

FLEET = VirtualWorkload(name="w", project=ProjectPath("team", "p"), rows=10, metrics=3)


async def log(server: WandbClient, run: str, rows: list[dict]) -> None:
    await server.start_run(run, project="p")
    lines = [json.dumps({"_step": step, **row}) for step, row in enumerate(rows)]
    body = {"files": {"wandb-history.jsonl": {"offset": 0, "content": lines}}}
    await server.stream(body, run=run, project="p")


async def check(server: WandbClient, *clients) -> ContentCheck:
    reader = AccountReader(server.session, server.url, ["team/p"], "r")
    await reader.check()
    checks = await check_content([FLEET], clients, await reader.read(), reader)
    return checks["w"]


async def test_given_rows_stored_as_they_were_logged_then_no_run_differs(serve) -> None:
    server = await serve()
    for index in range(2):
        await log(server, f"r-{index}", [FLEET.shape().row(n, index) for n in range(10)])
    assert await check(server, client("r-0"), client("r-1")) == ContentCheck(runs=2)


@pytest.mark.parametrize("change", ["swapped", "altered"])
async def test_given_as_many_rows_but_others_then_the_run_differs(serve, change) -> None:
    server = await serve()
    rows = [FLEET.shape().row(n, 0) for n in range(10)]
    if change == "swapped":
        rows[3], rows[4] = rows[4], rows[3]
    else:
        rows[7]["metric_1"] += 1
    await log(server, "r-0", rows)
    assert await check(server, client("r-0")) == ContentCheck(runs=1, different=["team/p/r-0"])


async def test_given_a_run_that_misses_rows_then_it_is_not_compared(serve) -> None:
    server = await serve()
    await log(server, "r-0", [FLEET.shape().row(n, 0) for n in range(9)])
    assert await check(server, client("r-0")) == ContentCheck(runs=0)


class Noting:
    """A reader that has stored everything as it was logged."""

    async def check(self, count: int, rows: int) -> ContentCheck:
        self.clients = {str(n): client(str(n), rows=rows) for n in range(count)}
        self.asked: list[int] = []
        account = Account(runs=[stored(run, rows_stored=rows) for run in self.clients])
        every = list(self.clients.values())
        return (await check_content([FLEET], every, account, self))["w"]  # type: ignore[arg-type]

    async def read_contents(self, runs: Iterable[tuple[str, str]]) -> list[Content]:
        self.asked = [int(run) for _, run in runs]
        return [logged_content(FLEET, n, self.clients[str(n)]) for n in self.asked]


async def test_given_many_runs_then_some_are_compared_evenly_spread() -> None:
    reader = Noting()
    assert await reader.check(1010, rows=1) == ContentCheck(runs=MOST_RUNS)
    assert reader.asked == [n * 1010 // MOST_RUNS for n in range(MOST_RUNS)]


async def test_given_long_runs_then_fewer_are_compared_but_one_at_least() -> None:
    assert await Noting().check(8, rows=MOST_ROWS // 2) == ContentCheck(runs=2)
    assert await Noting().check(2, rows=MOST_ROWS + 1) == ContentCheck(runs=1)
