"""What the account says of the delivery of a run's lines, over HTTP."""

import gzip
import json
from typing import Any

import aiohttp
import pytest

from mockwb.clock import VirtualClock
from tests.conftest import Serve
from tests.wandb_client import WandbClient, history, rows
from tests.wire.test_storage import put, upload_url

ROWS = "wandb-history.jsonl"
FINISH = {"complete": True, "exitcode": 0}


async def delivery(client: WandbClient) -> Any:
    return (await client.run_account())["delivery"]


async def test_given_a_run_under_way_then_its_delivery_is_in_flight(client: WandbClient) -> None:
    await client.start_run()
    await client.stream(history(0, 2))
    told = await delivery(client)
    assert (told["verdict"], told["rows_sent"], told["missing"]) == ("in flight", 2, [])
    assert told["requests_per_row"] == 0.5


async def test_given_all_lines_and_the_finish_mark_then_it_is_complete(
    client: WandbClient,
) -> None:
    await client.start_run()
    await client.stream(history(0, 4))
    await client.stream(FINISH)
    told = await delivery(client)
    assert (told["verdict"], told["end_unknown"], told["bytes_wasted"]) == ("complete", False, 0)


async def test_given_a_chunk_twice_then_duplicates_were_suppressed(client: WandbClient) -> None:
    await client.start_run()
    body = history(0, 4)
    await client.stream(body)
    await client.stream(body)
    await client.stream(FINISH)
    told = await delivery(client)
    assert told["verdict"] == "complete with duplicates suppressed"
    assert (told["rows_sent"], told["chunks_resent"]) == (4, 1)
    assert told["bytes_wasted"] > 100


async def test_given_lines_that_were_refused_and_never_came_again_then_they_are_named(
    serve: Serve,
) -> None:
    client = await serve(limits={"project": {"requests": "2/1m"}})
    await client.start_run()
    await client.stream(history(0, 4))
    await client.stream(history(4, 1))
    status, _, _ = await client.stream(history(5, 3))
    assert status == 429
    told = await delivery(client)
    assert told["verdict"] == "in flight"
    assert told["missing"] == [[ROWS, 5, 8]]
    assert told["bytes_wasted"] > 0


async def test_given_refused_lines_that_came_later_then_nothing_is_missing(
    serve: Serve, clock: VirtualClock
) -> None:
    client = await serve(limits={"project": {"requests": "1/10s"}})
    await client.start_run()
    await client.stream(history(0, 2))
    assert (await client.stream(history(2, 2)))[0] == 429
    await clock.advance(11)
    await client.stream({**history(2, 2), **FINISH})
    told = await delivery(client)
    assert (told["verdict"], told["missing"], told["rows_sent"]) == ("complete", [], 4)


async def test_given_a_gap_at_the_end_of_a_run_then_it_is_incomplete_and_names_the_lines(
    client: WandbClient,
) -> None:
    await client.start_run()
    await client.stream(history(0, 2))
    await client.stream(history(5, 2))
    await client.stream(FINISH)
    told = await delivery(client)
    assert (told["verdict"], told["missing"]) == ("incomplete", [[ROWS, 2, 5]])
    assert told["chunks_out_of_order"] == 1


async def test_given_a_crash_then_what_followed_cannot_be_known(
    serve: Serve, clock: VirtualClock
) -> None:
    client = await serve(runs={"crash_after": "1m"})
    await client.start_run()
    await client.stream(history(0, 2))
    await clock.advance(61)
    told = await delivery(client)
    assert (told["verdict"], told["missing"]) == ("incomplete", [])
    assert told["end_unknown"] is True


async def test_given_a_crash_after_its_summary_was_uploaded_then_that_tells_what_was_logged(
    serve: Serve, clock: VirtualClock
) -> None:
    client = await serve(runs={"crash_after": "1m"})
    for run in ("r1", "r2"):
        await client.start_run(run)
    await client.stream(history(0, 2))
    address = await upload_url(client, "wandb-summary.json")
    await put(client, address, b'{"_step": 6, "x": 1}')
    told = await delivery(client)
    assert (told["last_step"], told["last_step_logged"]) == (None, None)  # it is under way
    await clock.advance(61)
    told = await delivery(client)
    assert (told["verdict"], told["last_step"], told["last_step_logged"]) == ("incomplete", 1, 6)


@pytest.mark.parametrize("summary", [b"{", b"[]", b'{"_step": "x"}', b"\xff\xfe"])
async def test_given_an_upload_that_is_no_summary_then_the_streamed_one_counts(
    serve: Serve, clock: VirtualClock, summary: bytes
) -> None:
    client = await serve(runs={"crash_after": "1m"})
    await client.start_run()
    line = {"offset": 0, "content": ['{"_step": 4}']}
    await client.stream({"files": {"wandb-summary.json": line}})
    await put(client, await upload_url(client, "wandb-summary.json"), summary)
    await clock.advance(61)
    told = await delivery(client)
    assert (told["last_step"], told["last_step_logged"]) == (None, 4)


async def test_given_rows_with_timestamps_then_their_lag_is_told(
    client: WandbClient, clock: VirtualClock
) -> None:
    await client.start_run()
    now = clock.wall()
    lines = [f'{{"_step":{n},"_timestamp":{now - lag},"x":1}}' for n, lag in enumerate([1, 1, 30])]
    await client.stream({"files": {ROWS: {"offset": 0, "content": lines}}})
    lag = (await delivery(client))["lag"]
    assert lag["max"] == pytest.approx(30)
    assert lag["p50"] == pytest.approx(1, rel=0.06)


async def test_given_two_writers_then_the_lines_of_each_are_counted(client: WandbClient) -> None:
    await client.start_run()
    for writer in ("a", "b"):
        headers = {"X-WANDB-ASYNC-CLIENT-ID": writer}
        await client.stream({"files": {ROWS: rows(0, 3)}}, headers=headers)
    await client.stream(FINISH)
    told = await delivery(client)
    assert (told["verdict"], told["rows_sent"], told["missing"]) == ("complete", 6, [])


@pytest.mark.parametrize("gzipped", [False, True])
async def test_given_a_fault_that_ends_a_run_then_the_lines_that_never_arrived_are_named(
    serve: Serve, clock: VirtualClock, gzipped: bool
) -> None:
    rule = {
        "match": {"endpoint": "file_stream", "from_number": 2},
        "what": {"kind": "status", "status": 404},
    }
    client = await serve(faults=[rule])
    await client.start_run()
    await client.stream(history(0, 4))
    body = json.dumps(history(4, 3)).encode()
    headers = {"Content-Encoding": "gzip"} if gzipped else {}
    status, _, _ = await client.stream(gzip.compress(body) if gzipped else body, headers=headers)
    assert status == 404
    await clock.advance(301)
    told = await delivery(client)
    assert (told["verdict"], told["missing"]) == ("incomplete", [[ROWS, 4, 7]])
    assert (told["rows_sent"], told["end_unknown"]) == (7, True)


@pytest.mark.parametrize("padding", [0, 100_000])
async def test_given_a_reset_amid_a_body_then_its_lines_are_missing_until_they_come_again(
    serve: Serve, padding: int
) -> None:
    rule = {
        "match": {"endpoint": "file_stream"},
        "when": {"first": 1},
        "what": {"kind": "reset", "at": "during"},
    }
    client = await serve(faults=[rule])
    await client.start_run()
    body = history(0, 3, text="x" * padding)
    with pytest.raises(aiohttp.ClientError):
        await client.stream(body)
    told = await delivery(client)
    # A long body is still on its way when half of it has come.
    assert told["missing"] == ([] if padding else [[ROWS, 0, 3]])
    await client.stream({**body, **FINISH})
    told = await delivery(client)
    assert (told["verdict"], told["missing"]) == ("complete", [])


async def test_given_an_answer_that_was_lost_then_the_retry_is_a_suppressed_duplicate(
    serve: Serve,
) -> None:
    rule = {
        "match": {"endpoint": "file_stream"},
        "when": {"first": 1},
        "what": {"kind": "reset", "at": "after"},
    }
    client = await serve(faults=[rule])
    await client.start_run()
    with pytest.raises(aiohttp.ClientError):
        await client.stream(history(0, 3))
    await client.stream({**history(0, 3), **FINISH})
    told = await delivery(client)
    assert (told["verdict"], told["missing"]) == ("complete with duplicates suppressed", [])


async def test_given_deliveries_then_metrics_show_verdicts_lag_and_waste(
    client: WandbClient, clock: VirtualClock
) -> None:
    for run in ("r1", "r2"):
        await client.start_run(run)
    row = json.dumps({"_step": 0, "_timestamp": clock.wall() - 20, "x": 1})
    body = {"files": {ROWS: {"offset": 0, "content": [row]}}}
    await client.stream(body)
    await client.stream(body)
    await client.stream(FINISH)
    async with client.session.get(f"{client.url}/metrics") as response:
        shown = await response.text()
    assert 'mockwb_delivery_runs{verdict="complete with duplicates suppressed"} 1.0' in shown
    assert 'mockwb_delivery_runs{verdict="in flight"} 1.0' in shown
    assert 'mockwb_delivery_lag_seconds_bucket{le="15.0"} 0.0' in shown
    assert 'mockwb_delivery_lag_seconds_bucket{le="30.0"} 1.0' in shown
    assert f'mockwb_wasted_bytes_total{{project="team/vision"}} {len(json.dumps(body))}.0' in shown
