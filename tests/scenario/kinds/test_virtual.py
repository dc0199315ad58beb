"""Virtual clients over real HTTP, in time that runs ten times as fast as the machine's."""

import asyncio
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import msgspec

from mockwb.clock import RealClock
from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.scenario.ramp import Ramp
from mockwb.scenario.virtual_client import FINISH_GRACE_SECONDS, STOPPED_EXIT_CODE
from mockwb.scenario.workload import ProjectPath, Surroundings
from mockwb.sdkmodel.settings import FILELESS, QUIET
from mockwb.units import Duration
from tests.sdkmodel.scripted_server import Answer, ScriptedServer

SPEED = 10.0
Script = Mapping[tuple[str, int], Answer]
BUSY = msgspec.structs.replace(FILELESS, x_file_stream_transmit_interval=1)


class FastClock(RealClock):
    """A second here is a tenth of one outside."""

    def now(self) -> float:  # type: ignore[override]
        return RealClock.now() * SPEED

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / SPEED)


def load_of(**how: Any) -> VirtualWorkload:
    given: dict[str, Any] = {
        "name": "many",
        "project": ProjectPath("team", "vision"),
        "rows": 8,
        "metrics": 3,
        "every": Duration(0.5),
        "settings": BUSY,
    }
    return VirtualWorkload(**(given | how))


async def run(
    load: VirtualWorkload, script: Script | None = None, stop_after: float | None = None
) -> tuple[list[ClientResult], ScriptedServer]:
    clock = FastClock()
    async with ScriptedServer(script, clock=clock) as server:
        around = Surroundings(server.url, "k" * 40, clock, "t")
        driving = asyncio.create_task(load.run(around))
        if stop_after is not None:
            await clock.sleep(stop_after)
            around.stop.set()
        results = await driving
    return results, server


async def test_given_no_trouble_then_a_client_tells_what_it_did() -> None:
    (result,), server = await run(load_of())
    assert (result.workload, result.entity, result.project) == ("many", "team", "vision")
    assert result.run == load_of().run_id(Surroundings("", "", FastClock(), "t"), 0)
    assert (result.rows, result.values, result.exit_code, result.error) == (8, 24, 0, None)
    assert result.requests["graphql"] == {"200": len(server.of_kind("UpsertBucket"))}
    assert result.requests["file_stream"] == {"200": len(server.of_kind("file_stream"))}
    assert result.finish_seconds is not None
    assert 0 < result.finish_seconds < 5
    assert (result.retries, result.throttled_seconds, result.lowest_remaining) == (0, 0.0, None)


async def test_every_row_arrives_in_order_and_the_finish_mark_comes_last() -> None:
    _, server = await run(load_of(rows=20))
    bodies = [exchange.json for exchange in server.of_kind("file_stream")]
    chunks = [body["files"].get("wandb-history.jsonl") for body in bodies if "files" in body]
    lines = {
        chunk["offset"] + i: msgspec.json.decode(line)["_step"]
        for chunk in chunks
        if chunk
        for i, line in enumerate(chunk["content"])
    }
    assert lines == {i: i for i in range(20)}
    assert [body.get("complete") for body in bodies] == [None] * (len(bodies) - 1) + [True]


async def test_given_429_then_the_same_body_comes_again_after_the_sdk_s_waits() -> None:
    script = {("file_stream", n): Answer(429, {"RateLimit-Remaining": "7"}) for n in (2, 3)}
    (result,), server = await run(load_of(rows=14), script)
    first, second, third = server.of_kind("file_stream")[1:4]
    assert first.body == second.body == third.body
    assert 2.0 <= second.at - first.at <= 3.5
    assert 4.0 <= third.at - second.at <= 6.0
    assert third.status == 200
    assert result.requests["file_stream"]["429"] == result.retries == 2
    assert result.lowest_remaining == 7
    assert 6.0 <= result.throttled_seconds <= 9.5


async def test_given_retry_after_then_its_seconds_are_waited() -> None:
    script = {("file_stream", 2): Answer(429, {"Retry-After": "6"})}
    _, server = await run(load_of(), script)
    first, second = server.of_kind("file_stream")[1:3]
    assert 6.0 <= second.at - first.at <= 7.5


async def test_given_a_broken_connection_then_it_counts_as_error_and_is_retried() -> None:
    (result,), server = await run(load_of(), {("file_stream", 2): Answer(0)})
    broken, again = server.of_kind("file_stream")[1:3]
    assert broken.body == again.body
    assert result.requests["file_stream"]["error"] == 1
    assert (result.exit_code, result.error) == (0, None)


async def test_given_files_to_upload_then_they_are_put_and_told() -> None:
    (result,), server = await run(load_of(settings=QUIET))
    assert sorted(exchange.path for exchange in server.of_kind("put")) == [
        "/storage/config.yaml",
        "/storage/wandb-summary.json",
    ]
    assert result.requests["storage"] == {"200": 2}
    last = server.of_kind("file_stream")[-1].json
    assert sorted(last["uploaded"]) == ["config.yaml", "wandb-summary.json"]


async def test_given_a_bad_key_then_the_client_fails_with_the_server_s_words() -> None:
    refusal = Answer(401, body='{"errors":[{"message":"user is not logged in"}]}')
    (result,), server = await run(load_of(), {("UpsertBucket", 1): refusal})
    assert (result.exit_code, result.error) == (1, "user is not logged in")
    assert (result.rows, result.finish_seconds) == (0, None)
    assert len(server.exchanges) == 1


async def test_given_a_fatal_answer_then_the_result_says_why_nothing_more_came() -> None:
    (result,), _ = await run(load_of(), {("file_stream", 2): Answer(404, body="gone")})
    assert result.error == "Fatal error while uploading data. HTTP 404: gone"
    assert result.exit_code == 0


async def test_many_clients_start_over_the_spread_and_all_end() -> None:
    load = load_of(count=20, ramp=Ramp.over(10))
    assert [load.start_delay(index) for index in (0, 10, 19)] == [0.0, 5.0, 9.5]
    results, server = await run(load)
    assert len({result.run for result in results}) == 20
    assert {(result.rows, result.exit_code, result.error) for result in results} == {(8, 0, None)}
    paths = list(dict.fromkeys(exchange.path for exchange in server.of_kind("file_stream")))
    assert [path.split("/")[4] for path in paths] == [result.run for result in results]
    firsts = [next(e.at for e in server.exchanges if e.path == path) for path in paths]
    assert firsts[-1] - firsts[0] >= 8.5
    assert all(later >= earlier for earlier, later in pairwise(firsts))


async def test_given_a_stop_then_running_clients_finish_and_waiting_ones_never_start() -> None:
    load = load_of(count=2, ramp=Ramp.over(40), rows=100)
    (first, second), server = await run(load, stop_after=6)
    assert 5 < first.rows < 20
    assert (first.exit_code, first.error) == (0, None)
    assert server.exchanges[-1].json["complete"] is True
    assert (second.rows, second.exit_code, second.error) == (0, None, "stopped before its start")


async def test_given_a_stop_while_throttled_then_finish_is_cut_off() -> None:
    script = {("file_stream", 2): Answer(429, {"Retry-After": "1000"})}
    clock = FastClock()
    begin = clock.now()
    (result,), _ = await run(load_of(rows=100), script, stop_after=4)
    assert clock.now() - begin < 4 + FINISH_GRACE_SECONDS + 10
    assert (result.exit_code, result.error) == (None, "stopped before finish() was through")
    assert result.finish_seconds is None


async def test_given_a_stop_from_the_server_then_the_client_ends_at_its_next_look() -> None:
    script = {("file_stream", 2): Answer(200, body='{"stopped":true}')}
    (result,), _ = await run(load_of(rows=200), script)
    assert result.exit_code == STOPPED_EXIT_CODE
    assert 28 <= result.rows <= 40  # 15 s of rows, half a second apart
