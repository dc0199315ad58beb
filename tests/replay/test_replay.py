"""Recordings of one server sent to another, over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer

from mockwb.clock import RealClock, VirtualClock
from mockwb.replay.recording import read_recording
from mockwb.replay.sender import NO_ADDRESS, ReplayError, replay
from tests.conftest import Serve
from tests.control.test_journal import ask, upload
from tests.replay.recorder import entry, written
from tests.wandb_client import WandbClient, history

OTHER_KEY = "f" * 40


async def record(serve: Serve, file: Path) -> WandbClient:
    """A server at which a run logged three rows and stored a file."""
    client = await serve(journal={"bodies": True, "file": str(file)})
    await client.start_run()
    await client.stream(history(0, 3))
    await upload(client, b"hello")
    return client


@pytest.mark.parametrize("form", ["har", "ndjson"])
async def test_given_a_recorded_run_then_another_server_has_it_too(
    serve: Serve, clock: VirtualClock, tmp_path: Path, form: str
) -> None:
    file = tmp_path / "j.ndjson"
    recorded = await record(serve, file)
    if form == "har":
        async with recorded.session.get(f"{recorded.url}/_mockwb/journal/har") as answer:
            file.write_bytes(await answer.read())
    else:
        await ask(recorded)  # the journal has seen every request by then
        await clock.advance(1.1)
        async with asyncio.timeout(30):
            while not file.exists() or file.read_text().count("\n") < 4:
                await RealClock().sleep(0.01)
    other = await serve()
    outcome = await replay(read_recording(file), other.url, OTHER_KEY, None, RealClock())
    assert (outcome.sent, outcome.same, outcome.differing) == (4, 4, {})
    assert outcome.skipped == {}
    account = await other.run_account()
    assert (account["rows_stored"], account["entity"]) == (3, "team")
    names = [one["path"] for one in (await ask(other))["entries"] if one["endpoint"] == "storage"]
    assert names == ["/storage/runs/team/vision/r1/a.txt"]


async def test_given_another_status_then_it_is_named_with_the_first_request(
    serve: Serve, tmp_path: Path
) -> None:
    file = written(tmp_path / "j", entry(1), entry(2), entry(3, status=429))
    client = await serve()
    outcome = await replay(read_recording(file), client.url, OTHER_KEY, None, RealClock())
    assert outcome.differing == {("file_stream", 200, 404): 2, ("file_stream", 429, 404): 1}
    example = outcome.examples["file_stream", 200, 404]
    assert example.startswith("request 1 (POST /files/e/p/r/file_stream): ")
    assert "not found" in example


async def test_given_an_upload_without_an_address_then_it_is_counted(
    serve: Serve, tmp_path: Path
) -> None:
    put = entry(1, endpoint="storage", method="PUT", path="/storage/a")
    client = await serve()
    file = written(tmp_path / "j", put)
    outcome = await replay(read_recording(file), client.url, OTHER_KEY, None, RealClock())
    assert (outcome.sent, outcome.skipped) == (0, {NO_ADDRESS: 1})


async def test_given_no_server_then_the_error_says_so(tmp_path: Path) -> None:
    file = written(tmp_path / "j", entry(1), entry(2))
    with pytest.raises(ReplayError, match=r"no server at http://127\.0\.0\.1:1:"):
        await replay(read_recording(file), "http://127.0.0.1:1", OTHER_KEY, None, RealClock())


@pytest.fixture
async def watched() -> AsyncIterator[tuple[RawTestServer, list[str]]]:
    """A server that answers when all that is under way has arrived, and what it saw."""
    seen: list[str] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        name = request.path.split("/")[4]
        seen.append(f"{name} begins")
        await request.read()
        await RealClock().sleep(0.05)
        seen.append(f"{name} ends")
        return web.Response()

    async with RawTestServer(answer) as server:
        yield server, seen


def stream(number: int, run: str, time: float, duration: float):
    path = f"/files/e/p/{run}/file_stream"
    return entry(number, path=path, time=time, duration=duration)


async def test_given_requests_at_the_same_time_then_only_what_followed_waits(
    watched, tmp_path: Path
) -> None:
    server, seen = watched
    file = written(
        tmp_path / "j",
        stream(1, "a", 0.0, 2.0),
        stream(2, "b", 1.0, 2.0),
        stream(3, "c", 3.5, 1.0),
    )
    await replay(read_recording(file), str(server.make_url("")), OTHER_KEY, None, RealClock())
    assert sorted(seen[:2]) == ["a begins", "b begins"]
    assert seen.index("c begins") > max(seen.index("a ends"), seen.index("b ends"))


async def test_given_a_speed_then_the_pace_is_the_recorded_one_so_many_times(
    watched, tmp_path: Path
) -> None:
    server, seen = watched
    file = written(tmp_path / "j", stream(1, "a", 0.0, 1.0), stream(2, "b", 100.0, 1.0))
    clock = VirtualClock()
    going = asyncio.create_task(
        replay(read_recording(file), str(server.make_url("")), OTHER_KEY, 10.0, clock)
    )
    while "a ends" not in seen:
        await RealClock().sleep(0.01)
    await clock.advance(9.9)
    await RealClock().sleep(0.1)
    assert "b begins" not in seen
    while not going.done():
        await clock.advance(0.2)
        await RealClock().sleep(0.01)
    assert (await going).sent == 2
