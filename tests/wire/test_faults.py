"""What each kind of fault looks like to a client over HTTP."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest

from mockwb.clock import RealClock, VirtualClock
from tests.conftest import Serve
from tests.wandb_client import WandbClient, history
from tests.wire.test_storage import direct_url, get, put, upload_url

STREAM = {"endpoint": "file_stream"}
Faulty = Callable[..., Any]


@pytest.fixture
def faulty(serve: Serve) -> Faulty:
    """A server with one fault of that kind for file_stream, and a run; its client."""

    async def start(kind: str, *, match: Any = STREAM, when: Any = None, **what: Any) -> Any:
        settings = what.pop("settings", {})
        rule = {"match": match, "when": when or {}, "what": {"kind": kind, **what}}
        client = await serve(faults=[rule], **settings)
        await client.start_run()
        return client

    return start


async def raw(client: WandbClient, body: object = None, run: str = "r1") -> Any:
    """(status, body, headers) of a file_stream request whose answer may be anything."""
    url = f"{client.url}/files/team/vision/{run}/file_stream"
    data = json.dumps(body or history(0, 1)).encode()
    async with client.session.post(url, data=data, headers=client.headers) as response:
        return response.status, await response.read(), response.headers


async def after(clock: VirtualClock, seconds: float, request: Any) -> Any:
    """What `request` gives after so long, and not before."""
    task = asyncio.create_task(request)
    await until_asleep(clock)
    await clock.advance(seconds - 0.01)
    await settle()
    assert not task.done()
    await clock.advance(0.02)
    return await asyncio.wait_for(task, 10)


async def until_asleep(clock: VirtualClock) -> None:
    """Wait until somebody waits for the clock, which takes real time over HTTP."""
    for _ in range(1000):
        if clock._sleepers:
            return
        await settle()
    raise AssertionError("nobody waits")


async def settle() -> None:
    await RealClock().sleep(0.005)


async def rows_stored(client: WandbClient) -> int:
    accounts = (await client.account(run="r1"))["runs"]
    return sum(account["rows_stored"] for account in accounts)


async def test_given_no_fault_then_records_name_none(client) -> None:
    await client.start_run()
    await client.stream(history(0, 1))
    assert (await client.run_account())["faults"] == {}


async def test_given_a_client_that_gives_up_while_it_waits_then_that_is_no_error_here(
    faulty, clock, caplog
) -> None:
    client = await faulty("latency", time="10s", when={"first": 1})
    waiting = asyncio.create_task(client.stream(history(0, 2)))
    for _ in range(200):
        async with client.session.get(f"{client.url}/_mockwb/faults") as answer:
            if (await answer.json())["faults"][0]["acted"]:
                break
        await settle()
    waiting.cancel()
    await settle()
    await clock.advance(11)
    await settle()
    account = await client.run_account()
    assert account["requests"]["file_stream"] == {"0": 1}
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
    assert (await client.stream(history(0, 2)))[0] == 200


@pytest.mark.parametrize("status", [401, 403, 404, 408, 409, 413, 429, 500])
async def test_given_a_status_then_the_answer_has_it_with_the_json_of_wandb(faulty, status) -> None:
    client = await faulty("status", status=status)
    code, answer, headers = await client.stream(history(0, 1))
    assert code == status
    assert answer["errors"][0]["message"] == answer["error"] != ""
    assert not [name for name in headers if name.lower().startswith("ratelimit")]
    assert await rows_stored(client) == 0


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_given_a_status_of_proxies_then_the_answer_is_a_page(faulty, status) -> None:
    client = await faulty("status", status=status, retry_after=7)
    code, body, headers = await raw(client)
    assert (code, headers["Content-Type"], headers["Retry-After"]) == (status, "text/html", "7")
    assert f"<h1>{status} ".encode() in body


async def test_given_404_on_run_creation_then_graphql_says_what_is_not_there(serve) -> None:
    match = {"operation": "UpsertBucket", "project": "team/vis*"}
    client = await serve(faults=[{"match": match, "what": {"kind": "status", "status": 404}}])
    status, answer = await client.graphql("mutation UpsertBucket { upsertBucket(input: {"
        'entityName: "team", modelName: "vision", name: "r1"}) { inserted } }')  # fmt: skip
    assert (status, answer["data"]) == (404, None)
    assert answer["errors"] == [{"message": "run team/vision/r1 not found"}]
    assert (await client.graphql("{ viewer { id } }"))[0] == 200


async def test_given_a_status_once_handled_then_the_rows_are_stored_all_the_same(faulty) -> None:
    client = await faulty("status", status=504, handled=True, when={"first": 1})
    assert (await raw(client, history(0, 2)))[0] == 504
    assert (await raw(client, history(0, 2)))[0] == 200
    account = await client.run_account()
    assert (account["rows_stored"], account["rows_resent"]) == (2, 2)


async def test_given_graphql_errors_then_the_status_is_200_and_there_is_no_data(serve) -> None:
    rule = {"match": {"operation": "Viewer"}, "what": {"kind": "graphql_error", "message": "boom"}}
    client = await serve(faults=[rule])
    status, answer = await client.graphql("query Viewer { viewer { id } }")
    assert (status, answer) == (200, {"data": None, "errors": [{"message": "boom"}]})
    await client.start_run()
    assert (await client.stream(history(0, 1)))[0] == 200


async def test_given_a_constant_latency_then_answers_come_that_much_later(faulty, clock) -> None:
    client = await faulty("latency", time="3s")
    status, _, _ = await after(clock, 3, client.stream(history(0, 1)))
    assert status == 200
    assert await rows_stored(client) == 1


@pytest.mark.parametrize("at", ["before", "during"])
async def test_given_a_reset_before_or_during_the_body_then_nothing_is_stored(faulty, at) -> None:
    client = await faulty("reset", at=at, when={"first": 1})
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.stream(history(0, 500))
    assert await rows_stored(client) == 0
    assert (await client.stream(history(0, 500)))[0] == 200
    account = await client.run_account()
    assert (account["rows_stored"], account["rows_resent"]) == (500, 0)
    assert account["requests"]["file_stream"] == {"0": 1, "200": 1}


async def test_given_a_reset_after_the_body_then_the_retry_finds_the_lines_stored(faulty) -> None:
    client = await faulty("reset", at="after", when={"first": 1})
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.stream(history(0, 5))
    assert await rows_stored(client) == 5
    assert (await client.stream(history(0, 5)))[0] == 200
    account = await client.run_account()
    assert (account["rows_stored"], account["rows_resent"], account["gaps"]) == (5, 5, [])
    assert (await client.start_run())["historyLineCount"] == 5


async def test_given_a_stall_then_silence_lasts_until_its_time_is_over(faulty, clock) -> None:
    client = await faulty("stall", time="30s")
    with pytest.raises(aiohttp.ClientConnectionError):
        await after(clock, 30, client.stream(history(0, 1)))
    assert await rows_stored(client) == 0


async def test_given_a_stall_then_a_client_that_gives_up_is_noticed(faulty, clock) -> None:
    client = await faulty("stall", handled=True)
    patience = aiohttp.ClientTimeout(total=0.1)
    with pytest.raises(TimeoutError):
        await client.stream(history(0, 3), timeout=patience)
    for _ in range(5):
        await clock.advance(1)
        await settle()
    account = await client.run_account()
    assert (account["requests"]["file_stream"], account["rows_stored"]) == ({"0": 1}, 3)


async def test_given_a_server_that_ends_then_nobody_is_kept_stalled(serve) -> None:
    from mockwb.config.load import load_config
    from mockwb.server import Server

    rule = {"match": STREAM, "what": {"kind": "stall"}}
    config = load_config(overlay={"port": 0, "faults": [rule], "shutdown_timeout": "1m"})
    async with aiohttp.ClientSession() as session:
        async with Server(config, RealClock()) as server:
            stalled = asyncio.create_task(WandbClient(session, server.url).stream({}))
            await RealClock().sleep(0.2)
        with pytest.raises(aiohttp.ClientConnectionError):
            await asyncio.wait_for(stalled, 5)


async def test_given_truncation_then_the_answer_breaks_off(faulty) -> None:
    client = await faulty("truncate", keep=0.5)
    with pytest.raises(aiohttp.ClientPayloadError):
        await raw(client)
    assert await rows_stored(client) == 1


async def test_given_corruption_then_as_many_bytes_come_and_are_no_json(faulty) -> None:
    client = await faulty("corrupt", when={"first": 1})
    _, damaged, _ = await raw(client)
    _, right, _ = await raw(client)
    assert [a for a, b in zip(damaged, right, strict=True) if a != b] == [0]
    with pytest.raises(json.JSONDecodeError):
        json.loads(damaged)


async def test_given_a_slow_line_up_then_bodies_take_as_long_as_they_are_large(
    faulty, clock
) -> None:
    client = await faulty("bandwidth", up="10kB")
    body = json.dumps(history(0, 1, pad="x" * 20_000)).encode()
    status, _, _ = await after(clock, len(body) / 10_000, client.stream(body))
    assert status == 200
    account = await client.run_account()
    assert account["rows_stored"] == 1
    assert account["bytes_in"] >= len(body)


async def test_given_a_slow_line_down_then_answers_take_as_long_as_they_are_large(
    faulty, clock
) -> None:
    client = await faulty("bandwidth", down=10)
    size = len('{"exitcode":null,"limits":{},"stopped":false}')
    status, body, _ = await after(clock, size / 10, raw(client))
    assert (status, len(body)) == (200, size)


async def test_given_graphql_on_a_slow_line_then_its_body_has_its_time_too(serve, clock) -> None:
    rule = {"match": {"operation": "Viewer"}, "what": {"kind": "bandwidth", "up": 10}}
    client = await serve(faults=[rule])
    query = "query Viewer { viewer { id } }"
    size = len(json.dumps({"query": query, "variables": {}, "operationName": ""}))
    status, _ = await after(clock, size / 10, client.graphql(query))
    assert status == 200


LIMITS = {"limits": {"project": {"requests": "1/1h"}}}


async def test_given_missing_headers_then_neither_answers_nor_refusals_carry_them(faulty) -> None:
    client = await faulty("ratelimit_headers", settings=LIMITS)
    for status in (200, 429):
        code, _, headers = await client.stream(history(0, 1))
        assert code == status
        assert not [name for name in headers if name.lower().startswith(("ratelimit", "retry"))]


async def test_given_wrong_headers_then_they_are_what_the_client_reads(faulty) -> None:
    wrong = {"remaining": "0", "reset": "soon", "limit": "-1"}
    client = await faulty("ratelimit_headers", **wrong)
    _, _, headers = await client.stream(history(0, 1))
    read = {name: headers[f"RateLimit-{name.title()}"] for name in wrong}
    assert read == wrong


async def test_given_stopped_then_file_stream_and_graphql_say_so(faulty) -> None:
    client = await faulty("stopped", match={})
    _, answer, _ = await client.stream(history(0, 1))
    assert answer["stopped"] is True
    query = '{ project(entityName: "team", name: "vision") { run(name: "r1") { stopped } } }'
    _, answer = await client.graphql(query)
    assert answer["data"]["project"]["run"] == {"stopped": True}


@pytest.mark.parametrize(
    ("skew", "seconds"), [({"ahead": "1h"}, 3600), ({"behind": "2d"}, -172_800)]
)
async def test_given_a_skewed_clock_then_the_date_header_is_off(
    faulty, clock, skew, seconds
) -> None:
    client = await faulty("clock_skew", match={}, **skew)
    _, _, headers = await raw(client)
    assert parsedate_to_datetime(headers["Date"]).timestamp() == clock.wall() + seconds


async def test_given_a_skewed_clock_then_the_dates_of_graphql_are_off_and_stored_ones_right(
    faulty, clock
) -> None:
    skewed = {"operation": "Skewed"}
    client = await faulty("clock_skew", match=skewed, ahead="1h")

    async def created(operation: str) -> datetime:
        query = (
            f'query {operation} {{ project(name: "vision", entityName: "team") {{ createdAt }} }}'
        )
        _, answer = await client.graphql(query)
        return datetime.fromisoformat(answer["data"]["project"]["createdAt"])

    right = await created("Right")
    assert right == datetime.fromtimestamp(int(clock.wall()), UTC)
    assert await created("Skewed") == right + timedelta(hours=1)
    assert await created("Right") == right


async def test_given_refused_connections_then_nobody_gets_in_until_the_time_is_over(
    faulty, clock
) -> None:
    client = await faulty("refuse", time="10s", when={"first": 1})
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.stream(history(0, 2))
    await until_asleep(clock)
    for _ in range(2):
        with pytest.raises(aiohttp.ClientConnectorError):
            await client.stream(history(0, 2))
        await clock.advance(4.9)
    await clock.advance(1)
    await settle()
    assert (await client.stream(history(0, 2)))[0] == 200
    assert (await client.run_account())["rows_stored"] == 2


async def test_given_a_bad_key_then_it_is_refused_before_any_fault(serve) -> None:
    client = await serve(
        auth={"keys": [{"key": "other"}]}, faults=[{"what": {"kind": "status", "status": 503}}]
    )
    assert (await client.stream(history(0, 1)))[0] == 401


async def test_given_a_fault_that_answers_then_limits_are_not_charged(faulty) -> None:
    client = await faulty("status", settings=LIMITS, when={"first": 3})
    codes = [(await client.stream(history(0, 1)))[0] for _ in range(5)]
    assert codes == [500, 500, 500, 200, 429]


async def test_given_several_faults_then_they_act_together_and_all_are_named(serve, clock) -> None:
    rules = [
        {"name": "slow", "match": STREAM, "what": {"kind": "latency", "time": "2s"}},
        {"name": "down", "match": STREAM, "what": {"kind": "status", "status": 503}},
    ]
    client = await serve(faults=rules)
    await client.start_run()
    status, _, _ = await after(clock, 2, raw(client))
    assert status == 503
    assert (await client.run_account())["faults"] == {"slow": 1, "down": 1}
    async with client.session.get(f"{client.url}/metrics") as response:
        metrics = await response.text()
    labels = 'endpoint="file_stream",fault="down",kind="status"'
    assert f"mockwb_faults_total{{{labels}}} 1.0" in metrics


async def test_given_an_sdk_version_then_runs_of_other_releases_are_spared(serve) -> None:
    rule = {"match": {**STREAM, "sdk_version": "0.16.*"}, "what": {"kind": "status"}}
    client = await serve(faults=[rule])
    for run, version in (("old", "0.16.6"), ("new", "0.31.0")):
        config = json.dumps({"_wandb": {"value": {"cli_version": version}}})
        query = (
            "mutation U($name: String, $config: JSONString) { upsertBucket(input: {entityName: "
            '"team", modelName: "vision", name: $name, config: $config}) { inserted } }'
        )
        assert (await client.graphql(query, name=run, config=config))[0] == 200
    assert [(await raw(client, run=run))[0] for run in ("old", "new")] == [500, 200]
    agent = {"User-Agent": "W&B Internal Client 0.16.3"}
    assert (await client.stream({}, run="new", headers=agent))[0] == 500


class TestFiles:
    """Uploads and downloads."""

    @pytest.fixture
    async def client(self, serve: Serve) -> WandbClient:
        client = await serve()
        await client.start_run()
        return client

    async def add(self, client: WandbClient, **what: object) -> None:
        rule = {"match": {"endpoint": "storage"}, "what": what}
        async with client.session.post(f"{client.url}/_mockwb/faults", json=rule) as response:
            assert response.status == 200, await response.text()

    async def uploaded(self, client: WandbClient, content: bytes) -> str:
        """Its download URL."""
        assert (await put(client, await upload_url(client, "f.bin"), content))[0] == 200
        return await direct_url(client, "f.bin")

    async def test_given_a_status_then_uploads_fail_and_nothing_is_visible(self, client) -> None:
        url = await upload_url(client, "f.bin")
        await self.add(client, kind="status", status=403)
        assert await put(client, url, b"x" * 300_000) == (403, "permission denied")

    @pytest.mark.parametrize(("at", "kept"), [("during", False), ("after", True)])
    async def test_given_a_reset_then_a_file_is_there_only_if_it_was_whole(
        self, client, at, kept
    ) -> None:
        url = await upload_url(client, "f.bin")
        await self.add(client, kind="reset", at=at)
        with pytest.raises(aiohttp.ClientError):
            await put(client, url, b"x" * 300_000)
        async with client.session.delete(f"{client.url}/_mockwb/faults"):
            pass
        names = '{ project(entityName: "team", name: "vision") { run(name: "r1") { fileCount } } }'
        _, answer = await client.graphql(names)
        assert answer["data"]["project"]["run"]["fileCount"] == int(kept)

    async def test_given_truncation_then_downloads_break_off(self, client) -> None:
        url = await self.uploaded(client, b"x" * 200_000)
        await self.add(client, kind="truncate", keep=0.25)
        read = bytearray()

        async def download() -> None:
            async with client.session.get(url) as response:
                async for chunk in response.content.iter_any():
                    read.extend(chunk)

        with pytest.raises(aiohttp.ClientPayloadError):
            await download()
        assert len(read) == 50_000

    async def test_given_corruption_then_downloads_are_damaged_block_by_block(self, client) -> None:
        content = bytes(100_000)
        url = await self.uploaded(client, content)
        await self.add(client, kind="corrupt", one_in=1000)
        status, damaged = await get(client, url)
        assert (status, len(damaged)) == (200, len(content))
        assert damaged.count(0xFF) == 100
        assert all(damaged[i : i + 1000].count(0xFF) == 1 for i in range(0, 100_000, 1000))

    async def test_given_a_slow_line_then_downloads_take_their_time(self, client, clock) -> None:
        url = await self.uploaded(client, b"x" * 50_000)
        await self.add(client, kind="bandwidth", down="10kB")
        assert await after(clock, 5, get(client, url)) == (200, b"x" * 50_000)

    async def test_given_a_slow_line_then_uploads_take_their_time(self, client, clock) -> None:
        url = await upload_url(client, "f.bin")
        await self.add(client, kind="bandwidth", up="10kB")
        assert (await after(clock, 5, put(client, url, b"x" * 50_000)))[0] == 200
