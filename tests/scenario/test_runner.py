import asyncio

import msgspec
import pytest

from mockwb.account import Account
from mockwb.clock import RealClock, VirtualClock
from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.errors import ScenarioError, StartError
from mockwb.scenario.logging_workload import LoggingWorkload
from mockwb.scenario.model import Scenario
from mockwb.scenario.place import Place
from mockwb.scenario.runner import run_scenario
from mockwb.scenario.timeline.outages import Kill
from mockwb.scenario.workload import ProjectPath
from mockwb.units import Duration
from tests.scenario.accounts import client, stored
from tests.scenario.fake_server import FakeServer


class Instant(LoggingWorkload, frozen=True, kw_only=True, tag="instant"):
    async def run(self, around):
        return [client(workload=self.name)]


class Endless(LoggingWorkload, frozen=True, kw_only=True, tag="endless"):
    async def run(self, around):
        await around.stop.wait()
        return [client(workload=self.name, error="stopped", exit_code=None)]


class Broken(LoggingWorkload, frozen=True, kw_only=True, tag="broken"):
    async def run(self, around):
        raise StartError("bad settings")


class Impossible(LoggingWorkload, frozen=True, kw_only=True, tag="impossible"):
    def check(self):
        raise StartError("needs what is not there")


def scenario(*kinds: type[LoggingWorkload], timeout: float = 60) -> Scenario:
    workloads = [
        kind(name=f"w{number}", project=ProjectPath("team", "p"), rows=10)
        for number, kind in enumerate(kinds)
    ]
    return Scenario(name="s", workloads=workloads, timeout=Duration(timeout))  # type: ignore[arg-type]


class Nobody:
    def saw(self, sample):
        """Not interested."""

    def missed(self, at, error):
        """Not interested."""

    def happened(self, event):
        """Not interested."""


async def go(server, scenario, *, clock=None, interrupted=None, onlooker=None, own=None):
    async with asyncio.timeout(20):  # a workload that is never told to stop would hang the test
        return await run_scenario(
            scenario,
            Place(url=server.url, api_key="k" * 40, server=own),
            clock or RealClock(),
            interrupted or asyncio.Event(),
            onlooker or Nobody(),
        )


@pytest.fixture
async def server():
    async with FakeServer().running() as server:
        yield server


async def test_all_workloads_run_at_once_and_the_account_is_read_after_them(server):
    class Waiting(LoggingWorkload, frozen=True, kw_only=True, tag="waiting"):
        async def run(self, around):
            await met.wait()
            server.account = Account(runs=[stored()])
            return [client(workload=self.name)]

    class Meeting(LoggingWorkload, frozen=True, kw_only=True, tag="meeting"):
        async def run(self, around):
            met.set()
            return [client(workload=self.name)]

    met = asyncio.Event()
    done = await go(server, scenario(Waiting, Meeting))
    assert done.ending == "done"
    assert [c.workload for c in done.clients] == ["w0", "w1"]
    assert [run.rows_stored for run in done.account.runs] == [10]


async def test_after_the_timeout_clients_are_told_to_stop_and_still_report(server):
    clock = VirtualClock()
    running = asyncio.create_task(go(server, scenario(Endless, timeout=30), clock=clock))
    while not running.done():
        await clock.advance(10)
        await asyncio.sleep(0.001)  # noqa: TID251 -- the server answers in real time
    done = running.result()
    assert done.ending == "timeout"
    assert [c.error for c in done.clients] == ["stopped"]
    assert done.seconds >= 30


async def test_an_interrupt_stops_clients_and_still_reports(server):
    interrupted = asyncio.Event()
    interrupted.set()
    done = await go(server, scenario(Endless, Instant), interrupted=interrupted)
    assert done.ending == "interrupted"
    assert len(done.clients) == 2


async def test_a_workload_that_cannot_start_ends_the_others(server):
    with pytest.raises(StartError, match="bad settings"):
        await go(server, scenario(Endless, Broken))


async def test_a_workload_that_this_machine_cannot_run_is_refused_before_anything_starts(server):
    with pytest.raises(StartError, match="needs what is not there"):
        await go(server, scenario(Instant, Impossible))
    assert server.asked == []


async def test_a_url_where_nothing_listens_is_a_bad_start(server):
    server.url = "http://127.0.0.1:1"
    with pytest.raises(StartError, match=r"no mockwb server at http://127\.0\.0\.1:1"):
        await go(server, scenario(Instant))


async def test_of_a_server_that_vanishes_meanwhile_what_it_said_last_is_told(server):
    class Vandal(LoggingWorkload, frozen=True, kw_only=True, tag="vandal"):
        async def run(self, around) -> list[ClientResult]:
            await shown.wait()
            server.status = 500
            return [client(workload=self.name)]

    class Onlooker(Nobody):
        def saw(self, sample):
            shown.set()

    shown = asyncio.Event()
    server.account = Account(runs=[stored(rows_stored=7)])
    done = await go(server, scenario(Vandal), onlooker=Onlooker())
    assert done.ending == "broken"
    assert done.broken_by.startswith("the server stopped answering: HTTP 500")
    assert [run.rows_stored for run in done.account.runs] == [7]
    assert len(done.clients) == len(done.series) == 1
    assert (done.behaved, done.guidance) == (None, None)


class Own:
    """A server of the scenario's own that does as a test says."""

    def __init__(self, *, lost=None, back=True):
        self._lost = lost
        self._back = back

    async def restart(self, down):
        """Nothing is asked of it here."""

    async def kill(self, down):
        if not self._back:
            raise ScenarioError("the server cannot come back: port taken")

    async def lost(self):
        if self._lost is None:
            await asyncio.Event().wait()
        return self._lost


@pytest.mark.parametrize(
    ("own", "timeline", "reason"),
    [
        (Own(lost="the process ended"), [], "the process ended"),
        (Own(back=False), [Kill(at=Duration(0))], "the server cannot come back: port taken"),
    ],
)
async def test_a_server_that_is_gone_for_good_ends_the_scenario_and_clients_report(
    server, own, timeline, reason
):
    endless = msgspec.structs.replace(scenario(Endless), timeline=timeline)
    done = await go(server, endless, own=own)
    assert (done.ending, done.broken_by) == ("broken", reason)
    assert [c.error for c in done.clients] == ["stopped"]


async def test_samples_are_taken_to_the_end_and_shown_while_clients_run(server):
    class Watched(LoggingWorkload, frozen=True, kw_only=True, tag="watched"):
        async def run(self, around):
            around.rows_logged[self.name] = lambda: 10
            await shown.wait()
            server.account = Account(runs=[stored()])
            return [client(workload=self.name)]

    class Onlooker(Nobody):
        def saw(self, sample):
            seen.append(sample)
            shown.set()

    seen, shown = [], asyncio.Event()
    done = await go(server, scenario(Watched), onlooker=Onlooker())
    assert seen[0].rows_stored == 0
    assert (done.series[-1].rows_logged, done.series[-1].rows_stored) == (10, 10)


async def test_no_two_runs_of_a_scenario_share_run_ids(server):
    prefixes = []

    class Noting(LoggingWorkload, frozen=True, kw_only=True, tag="noting"):
        async def run(self, around):
            prefixes.append(self.run_id(around, 0))
            return []

    await go(server, scenario(Noting))
    await go(server, scenario(Noting))
    assert prefixes[0] != prefixes[1]
