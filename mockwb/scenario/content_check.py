"""Whether what is stored is what was logged, row by row. Called by `runner` when all is over.

Counts cannot tell: rows may be mixed up or changed on their way. Kinds whose rows the scenario
gives are checked, on some of their runs.
"""

from collections.abc import Sequence

import msgspec

from mockwb.account import Account
from mockwb.content import MOST_RUNS, Content, ContentDigest
from mockwb.scenario.account_reader import AccountReader
from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.workload import Workload

MOST_ROWS = 20_000
"""Of one workload: each costs some microseconds on both sides."""


class ContentCheck(msgspec.Struct, frozen=True, kw_only=True):
    """Runs of one workload whose rows were compared, one by one."""

    runs: int
    """Compared; of runs that miss rows, the count says enough."""
    different: list[str] = []
    """`entity/project/run` of those whose stored rows are not what was logged."""


async def check_content(
    workloads: Sequence[Workload],
    clients: Sequence[ClientResult],
    account: Account,
    reader: AccountReader,
) -> dict[str, ContentCheck]:
    """By workload, of those whose rows are known; ServerGoneError.

    Each has up to `MOST_RUNS` runs compared, spread evenly, with `MOST_ROWS` rows in all.
    """
    stored = {(run.entity, run.project, run.run): run.rows_stored for run in account.runs}
    checks = {}
    for workload in workloads:
        if workload.rows_known:
            whole = [
                (index, client)
                for index, client in enumerate(c for c in clients if c.workload == workload.name)
                if client.rows
                and client.rows == stored.get((client.entity, client.project, client.run))
            ]
            checks[workload.name] = await _check(workload, _some(whole), reader)
    return checks


def _some(clients: list[tuple[int, ClientResult]]) -> list[tuple[int, ClientResult]]:
    runs = min(len(clients), MOST_RUNS)
    rows = 0
    chosen: list[tuple[int, ClientResult]] = []
    for number in range(runs):
        index, client = clients[number * len(clients) // runs]
        rows += client.rows or 0
        if rows > MOST_ROWS and chosen:
            break
        chosen.append((index, client))
    return chosen


async def _check(
    workload: Workload, clients: list[tuple[int, ClientResult]], reader: AccountReader
) -> ContentCheck:
    asked = {(f"{c.entity}/{c.project}", c.run): (index, c) for index, c in clients}
    different = []
    contents = await reader.read_contents(asked)
    for stored in contents:
        path = (f"{stored.entity}/{stored.project}", stored.run)
        if stored != logged_content(workload, *asked[path]):
            different.append("/".join(path))
    return ContentCheck(runs=len(contents), different=different)


def logged_content(workload: Workload, index: int, client: ClientResult) -> Content:
    """What client number `index` logged."""
    digest = ContentDigest()
    for row in workload.logged_rows(index, client.rows or 0):
        digest.add(row)
    return digest.content(client.entity, client.project, client.run)
