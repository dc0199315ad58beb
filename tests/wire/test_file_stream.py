"""file_stream over HTTP: offsets, re-sent chunks, gaps, states, and the RateLimit headers."""

import gzip
import json
from urllib.parse import quote

import pytest
from yarl import URL

from tests.wandb_client import history, rows

LOG = "output.log"


async def state(client, run="r1") -> str:
    return (await client.run_account(run))["state"]


async def test_given_a_chunk_sent_twice_then_it_is_stored_once(client) -> None:
    await client.start_run()
    for _ in range(2):
        status, answer, _ = await client.stream(history(0, 5))
        assert (status, answer) == (200, {"exitcode": None, "limits": {}, "stopped": False})
    account = await client.run_account()
    assert (account["rows_stored"], account["rows_resent"]) == (5, 5)
    assert (await client.start_run())["historyLineCount"] == 5


async def test_given_overlapping_chunks_then_only_new_rows_count(client) -> None:
    await client.start_run()
    await client.stream(history(0, 5, acc=1))
    await client.stream(history(3, 5, acc=1))
    account = await client.run_account()
    assert (account["rows_stored"], account["rows_resent"]) == (8, 2)
    assert account["values_stored"] == 16


async def test_given_other_content_at_an_offset_then_the_newer_is_kept_and_told(client) -> None:
    await client.start_run()
    await client.stream(history(0, 2, acc=1))
    await client.stream(history(1, 1, acc=2))
    account = await client.run_account()
    assert (account["rows_stored"], account["rows_changed"]) == (2, 1)


async def test_given_a_gap_then_it_is_told_until_it_is_filled(client) -> None:
    await client.start_run()
    await client.stream(history(0, 2))
    await client.stream(history(5, 1))
    assert (await client.run_account())["gaps"] == [["wandb-history.jsonl", 2, 5]]
    await client.stream(history(2, 3))
    account = await client.run_account()
    assert account["gaps"] == []
    assert account["rows_stored"] == 6


async def test_given_a_gzip_body_then_it_is_unpacked_and_counted_as_sent(client) -> None:
    await client.start_run()
    plain = json.dumps(history(0, 100)).encode()
    packed = gzip.compress(plain)
    status, _, _ = await client.stream(packed, headers={"Content-Encoding": "gzip"})
    assert status == 200
    account = await client.run_account()
    assert account["rows_stored"] == 100
    assert len(packed) <= account["bytes_in"] < len(plain)


async def test_given_nested_rows_then_values_are_counted_flattened(client) -> None:
    await client.start_run()
    row = {"_step": 0, "a": 1, "b": {"c": "hello", "d": [1, 2, 3]}, "img": {"_type": "image-file"}}
    body = {"files": {"wandb-history.jsonl": {"offset": 0, "content": [json.dumps(row)]}}}
    await client.stream(body)
    assert (await client.run_account())["values_stored"] == 4


async def test_given_nan_and_infinity_then_the_row_is_taken_as_it_is(client) -> None:
    await client.start_run()
    line = '{"_step":0,"loss":NaN,"gain":Infinity,"low":-Infinity}'
    body = {"files": {"wandb-history.jsonl": {"offset": 0, "content": [line]}}}
    status, _, _ = await client.stream(body)
    assert status == 200
    assert (await client.run_account())["values_stored"] == 3


async def test_given_any_other_streamed_file_then_it_is_accepted(client) -> None:
    await client.start_run()
    body = {"files": {"logs/rank-7.txt": {"offset": 0, "content": ["one", "two"]}}}
    status, _, _ = await client.stream(body)
    assert status == 200


@pytest.mark.parametrize(("exit_code", "expected"), [(0, "finished"), (1, "failed")])
async def test_given_the_finish_mark_then_the_state_follows_the_exit_code(
    client, exit_code, expected
) -> None:
    await client.start_run()
    assert await state(client) == "running"
    await client.stream({"complete": True, "exitcode": exit_code})
    assert await state(client) == expected
    assert (await client.run_account())["finished_at"] is not None


async def test_given_silence_then_the_run_has_crashed_until_it_speaks_again(serve, clock) -> None:
    client = await serve(runs={"crash_after": "2m"})
    await client.start_run()
    await clock.advance(100)
    await client.stream({})
    await clock.advance(119)
    assert await state(client) == "running"
    await clock.advance(2)
    assert await state(client) == "crashed"
    await client.stream({})
    assert await state(client) == "running"


async def test_given_preempting_then_silence_means_preempted(serve, clock) -> None:
    client = await serve(runs={"crash_after": "2m"})
    await client.start_run()
    await client.stream({"preempting": True})
    assert await state(client) == "preempting"
    await clock.advance(121)
    assert await state(client) == "preempted"


async def test_given_preempting_then_a_bad_exit_means_preempted_and_a_good_one_finished(
    client,
) -> None:
    for run, code in (("bad", 1), ("good", 0)):
        await client.start_run(run)
        await client.stream({"preempting": True}, run)
        await client.stream({"complete": True, "exitcode": code}, run)
    assert await state(client, "bad") == "preempted"
    assert await state(client, "good") == "finished"


async def test_given_a_stop_request_then_answers_say_so_and_the_finish_is_killed(client) -> None:
    bucket = await client.start_run()
    query = "mutation StopRun($id: ID!) { stopRun(input: {id: $id}) { success } }"
    status, answer = await client.graphql(query, id=bucket["id"])
    assert (status, answer["data"]["stopRun"]["success"]) == (200, True)
    assert (await client.stream({}))[1]["stopped"] is True
    await client.stream({"complete": True, "exitcode": 255})
    assert await state(client) == "killed"


async def test_given_writers_in_shared_mode_then_their_offsets_do_not_collide(client) -> None:
    await client.start_run()
    for writer in ("a", "b"):
        await client.stream(history(0, 3), headers={"X-WANDB-ASYNC-CLIENT-ID": writer})
    account = await client.run_account()
    assert (account["rows_stored"], account["rows_resent"]) == (6, 0)


async def test_given_a_limit_then_every_answer_carries_its_headers(serve, clock) -> None:
    client = await serve(limits={"project": {"requests": "2/1m"}})
    await client.start_run()
    seen = []
    for body in (history(0, 1), b"{broken", history(1, 1)):
        status, answer, headers = await client.stream(body)
        named = {k: v for k, v in headers.items() if k.startswith(("RateLimit", "Retry"))}
        seen.append((status, named))
    limit = {"RateLimit-Limit": "1000", "RateLimit-Reset": "60"}
    assert seen == [
        (200, {**limit, "RateLimit-Remaining": "500"}),
        (400, {**limit, "RateLimit-Remaining": "0"}),
        (429, {**limit, "RateLimit-Remaining": "0"}),
    ]
    assert "rate limit exceeded: 2/1m requests for project team/vision" in answer["error"]
    assert answer["errors"] == [{"message": answer["error"]}]
    await clock.advance(60)
    assert (await client.stream(history(1, 1)))[0] == 200
    account = await client.run_account()
    assert account["refused"] == {"project.requests": 1}
    assert account["throttled_seconds"] == 60
    assert account["lowest_remaining"] == 0


async def test_given_a_byte_limit_then_bytes_on_the_wire_count(serve, clock) -> None:
    client = await serve(limits={"project": {"bytes": "1kB/1m"}})
    await client.start_run()
    body = json.dumps(history(0, 6)).encode()
    padded = body + b" " * (700 - len(body))
    assert (await client.stream(padded))[0] == 200
    status, answer, headers = await client.stream(padded)
    assert (status, headers["RateLimit-Remaining"]) == (429, "0")
    assert "1kB/1m bytes" in answer["error"]
    assert (await client.stream({}))[2]["RateLimit-Remaining"] == "298"


async def test_given_an_oversize_request_and_reject_then_it_is_413(serve) -> None:
    client = await serve(limits={"project": {"bytes": "100B/1m"}, "oversize": "reject"})
    await client.start_run()
    status, answer, _ = await client.stream(history(0, 50))
    assert status == 413
    assert "larger than the bytes limit of project team/vision (100B/1m)" in answer["error"]


async def test_given_retry_after_is_configured_then_only_refusals_carry_it(serve) -> None:
    client = await serve(limits={"project": {"requests": "1/1m"}, "retry_after": "5s"})
    await client.start_run()
    assert "Retry-After" not in (await client.stream({}))[2]
    assert (await client.stream({}))[2]["Retry-After"] == "5"


async def test_given_no_limit_then_no_ratelimit_headers_are_sent(client) -> None:
    await client.start_run()
    headers = (await client.stream({}))[2]
    assert not [name for name in headers if name.startswith("RateLimit")]


async def test_given_a_broken_row_among_good_ones_then_nothing_of_the_request_is_stored(
    client,
) -> None:
    await client.start_run()
    chunk = rows(0, 3)
    chunk["content"][1] = '{"loss": '
    status, answer, _ = await client.stream(
        {"files": {LOG: {"offset": 0, "content": ["hi"]}, "wandb-history.jsonl": chunk}}
    )
    assert status == 400
    assert "wandb-history.jsonl: line 1: not valid JSON" in answer["error"]
    assert (await client.start_run())["historyLineCount"] == 0
    assert (await client.stream(history(0, 3)))[0] == 200


async def test_given_names_with_spaces_signs_and_unicode_then_paths_lead_to_the_run(client) -> None:
    where = {"run": "run id+1%", "project": "my proj é", "entity": "équipe"}
    await client.start_run(**where)
    quoted = {name: quote(value) for name, value in where.items()}
    url = f"{client.url}/files/{quoted['entity']}/{quoted['project']}/{quoted['run']}/file_stream"
    async with client.session.post(
        URL(url.replace("%2B", "+"), encoded=True), json=history(0, 2), headers=client.headers
    ) as response:
        assert response.status == 200
    (account,) = (await client.account(run="run id+1%"))["runs"]
    assert account["rows_stored"] == 2
    assert (account["entity"], account["project"]) == ("équipe", "my proj é")


async def test_given_refusals_then_they_are_summed_up_as_often_as_configured(
    serve, clock, caplog
) -> None:
    client = await serve(limits={"project": {"requests": "0/1m"}}, log={"summary_every": "7s"})
    await client.start_run()
    for _ in range(3):
        assert (await client.stream({}))[0] == 429
    await client.account()  # which waits for nobody: onlookers have seen all by then

    def summaries() -> list[int]:
        told = [line for line in caplog.records if line.getMessage() == "rate limit exceeded"]
        return [line.fields["refused"] for line in told]

    await clock.advance(6.9)
    assert summaries() == []
    await clock.advance(0.2)
    assert summaries() == [3]
