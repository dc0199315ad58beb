"""Source: wandb SDK 0.31.0 on the wire (file_stream requests of runs against a recording server).

Runs live in virtual time, with answers at once unless a test says otherwise. The first request of
a run that logs at once is a summary alone: see `FileStream`.
"""

import math
from itertools import pairwise
from random import Random
from typing import Any

import msgspec
import pytest

from mockwb.sdkmodel.logging_shape import Pace, Shape
from mockwb.sdkmodel.operations import RunName
from mockwb.sdkmodel.run import VirtualRun
from mockwb.sdkmodel.settings import FILELESS, SdkSettings
from mockwb.sdkmodel.shaped_lines import ShapedLines
from tests.sdkmodel.timeline import Answer, Answering, Sent, Timeline, bucket, files_of, graphql

HISTORY, EVENTS, SUMMARY = "wandb-history.jsonl", "wandb-events.jsonl", "wandb-summary.json"


def run_of(rows: ShapedLines | None = None, **settings: Any) -> VirtualRun:
    """A run that sends nothing but UpsertBucket and its stream."""
    return VirtualRun(
        RunName("team", "vision", "r1"),
        api_key="k" * 40,
        settings=msgspec.structs.replace(FILELESS, **settings),
        random=Random(7),
        rows=rows,
    )


def rows_of(count: float = math.inf, interval: float = 1.0) -> ShapedLines:
    return ShapedLines(Shape({"metrics": 2}), Pace(interval), count=count)


def stream_answers(script: dict[int, Answer]) -> Answering:
    """Answer the n-th file_stream request as the script says, everything else as usual."""

    def answering(sent: Sent, number: int) -> Answer | None:
        return script.get(number) if sent.name == "file_stream" else None

    return answering


def test_given_steady_rows_then_requests_go_out_at_the_transmit_interval() -> None:
    time = Timeline(run_of(rows_of())).advance_to(60)
    assert time.times("file_stream") == [0, 15, 30, 45, 60]
    assert [files_of(sent).get(HISTORY) for sent in time.of("file_stream")] == [
        None,
        (0, 16),
        (16, 15),
        (31, 15),
        (46, 15),
    ]


def test_given_an_idle_sender_then_the_first_row_sends_the_summary_and_follows_one_slot_later() -> (
    None
):
    time = Timeline(run_of(rows_of(count=1))).advance_to(20)
    assert [files_of(sent) for sent in time.of("file_stream")] == [
        {SUMMARY: (0, 1)},
        {HISTORY: (0, 1), SUMMARY: (0, 1)},
    ]


def test_given_a_shorter_interval_then_requests_are_closer() -> None:
    time = Timeline(run_of(rows_of(), x_file_stream_transmit_interval=2)).advance_to(6.5)
    assert time.times("file_stream") == [0, 2, 4, 6]


def test_given_no_rows_then_a_heartbeat_goes_out_every_30_seconds() -> None:
    time = Timeline(run_of()).advance_to(95)
    assert time.times("file_stream") == [30, 60, 90]
    assert {sent.body for sent in time.of("file_stream")} == {b"{}"}


def test_given_data_now_and_then_then_heartbeats_count_from_the_last_request() -> None:
    run = run_of()
    time = Timeline(run).advance_to(20)
    run.log(20.0, {"loss": 1})
    time.advance_to(70)
    assert time.times("file_stream") == [20, 35, 65]


def test_given_429_then_the_same_bytes_are_sent_again_after_2_then_4_seconds() -> None:
    answering = stream_answers({2: Answer(429), 3: Answer(429)})
    time = Timeline(run_of(rows_of(interval=0.5)), answering).advance_to(25)
    _, first, second, third = time.of("file_stream")[:4]
    assert first.body == second.body == third.body
    assert 2.0 <= second.at - first.at <= 2.5
    assert 4.0 <= third.at - second.at <= 5.0


def test_given_a_retry_then_the_slots_stay_where_they_were_and_nothing_is_lost() -> None:
    answering = stream_answers({2: Answer(429)})
    time = Timeline(run_of(rows_of()), answering).advance_to(46)
    assert [round(t) for t in time.times("file_stream")] == [0, 15, 17, 30, 45]
    ranges = [files_of(sent).get(HISTORY) for sent in time.of("file_stream")]
    assert ranges == [None, (0, 16), (0, 16), (16, 15), (31, 15)]


def test_given_a_refusal_longer_than_the_interval_then_the_backlog_goes_out_at_once_after_it() -> (
    None
):
    answering = stream_answers({2: Answer(429, headers={"Retry-After": "40"})})
    time = Timeline(run_of(rows_of()), answering).advance_to(56)
    # The heartbeat that was due meanwhile comes before the backlog.
    assert time.times("file_stream") == [0, 15, 55, 55, 55, 56]
    ranges = [files_of(sent).get(HISTORY) for sent in time.of("file_stream")]
    assert ranges == [None, (0, 16), (0, 16), None, (16, 40), None]
    assert time.of("file_stream")[3].body == b"{}"


def test_given_deliveries_longer_than_the_heartbeat_then_there_is_one_heartbeat_between_two() -> (
    None
):
    slow = {number: Answer(429, headers={"Retry-After": "33"}) for number in (2, 4, 6)}
    run = run_of(rows_of())
    time = Timeline(run, stream_answers(slow)).advance_to(20)
    run.finish(20.0)
    time.advance_to(200)
    ranges = [files_of(sent).get(HISTORY) for sent in time.of("file_stream")]
    assert ranges == [None, (0, 16), (0, 16), None, None, (16, 5), (16, 5)]
    assert time.times("file_stream") == [0, 15, 48, 48, 81, 81, 114]


def test_given_an_answer_that_never_comes_then_it_is_sent_again_after_180_seconds() -> None:
    answering = stream_answers({1: Answer(after=math.inf)})
    time = Timeline(run_of(rows_of(count=1)), answering).advance_to(183)
    first, second = time.of("file_stream")[:2]
    assert first.request.timeout == 180
    assert 182 <= second.at <= 182.5
    assert first.body == second.body


def test_one_request_at_a_time_however_slow_the_answers() -> None:
    answering = stream_answers({number: Answer(after=50) for number in range(1, 9)})
    time = Timeline(run_of(rows_of()), answering).advance_to(160)
    assert time.times("file_stream") == [0, 50, 100, 150]


def test_given_resumed_history_then_offsets_go_on_from_there() -> None:
    def answering(sent: Sent, number: int) -> Answer | None:
        if sent.name != "UpsertBucket":
            return None
        return graphql({"upsertBucket": {"bucket": bucket("r1", history_lines=100)}})

    time = Timeline(run_of(rows_of()), answering).advance_to(31)
    assert [files_of(sent).get(HISTORY) for sent in time.of("file_stream")[1:]] == [
        (100, 16),
        (116, 15),
    ]


def test_given_preempting_then_it_goes_at_once_and_only_once() -> None:
    run = run_of(rows_of())
    time = Timeline(run).advance_to(20)
    run.mark_preempting()
    time.advance_to(50)
    flags = [sent.json.get("preempting") for sent in time.of("file_stream")]
    assert flags == [None, None, True, None]
    # The slot at 30 s was reserved for what went with the flag, so the next is one later.
    assert time.times("file_stream") == [0, 15, 20, 45]


def test_given_more_than_a_request_holds_then_it_does_not_wait_for_its_slot() -> None:
    run = run_of()
    time = Timeline(run)
    run.log(0.0, {"text": "x" * 10})
    time.advance_to(1)
    for i in range(5):
        run.log(2.0 + i, {"text": "x" * 3_000_000})
        time.advance_to(2.0 + i)
    assert time.times("file_stream") == [0, 5]
    assert files_of(time.of("file_stream")[1])[HISTORY] == (0, 4)


def test_given_steady_rows_that_fill_a_request_then_it_goes_when_full() -> None:
    texts = {"count": 1, "every": 1, "size": 3_000_000}
    rows = ShapedLines(Shape({"metrics": 1, "strings": texts}), Pace(1.0))
    time = Timeline(run_of(rows)).advance_to(8)
    assert time.times("file_stream") == [0, 3, 6]


def test_given_finish_then_the_rest_goes_without_pacing_with_the_exit_code() -> None:
    run = run_of(rows_of())
    time = Timeline(run).advance_to(20)
    run.finish(20.0, 3)
    time.advance_to(60)
    last = time.of("file_stream")[-1]
    assert (last.at, last.json["complete"], last.json["exitcode"]) == (20, True, 3)
    assert files_of(last) == {HISTORY: (16, 5), SUMMARY: (0, 1)}
    assert run.done_at == 20


def test_given_finish_in_quiet_times_then_the_last_summary_goes_first() -> None:
    run = run_of(rows_of(count=1))
    time = Timeline(run).advance_to(40)
    run.finish(40.0)
    time.advance_to(60)
    *_, before, last = time.of("file_stream")
    assert files_of(before) == {SUMMARY: (0, 1)}
    assert last.body == b'{"complete":true,"exitcode":0}'


def test_given_a_backlog_beyond_one_request_then_finish_drains_it_and_marks_only_the_last() -> None:
    run = run_of()
    time = Timeline(run)
    run.log(0.0, {"a": 1})
    for _ in range(7):
        run.log(0.0, {"text": "x" * 3_000_000})
    run.finish(0.0)
    time.advance_to(1)
    history = [
        files_of(sent)[HISTORY] for sent in time.of("file_stream") if HISTORY in sent.json["files"]
    ]
    assert history == [(0, 4), (4, 3), (7, 1)]
    assert [sent.json.get("complete") for sent in time.of("file_stream")][-2:] == [None, True]


def test_given_a_refusal_at_finish_then_finish_waits_for_it() -> None:
    answering = stream_answers({2: Answer(429, headers={"Retry-After": "100"})})
    run = run_of(rows_of(count=2))
    time = Timeline(run, answering).advance_to(15)
    run.finish(15.0)
    time.advance_to(300)
    assert run.done_at == 115
    assert run.error is None
    assert run.tally.throttled_seconds == 100


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 501])
def test_given_a_fatal_status_then_the_stream_is_dead_but_the_run_ends_well(status: int) -> None:
    run = run_of(rows_of(), x_file_stream_retry_max=1)
    time = Timeline(run, stream_answers({2: Answer(status, b"no")})).advance_to(100)
    run.finish(100.0)
    time.advance_to(200)
    assert len(time.of("file_stream")) == 2
    assert run.error == f"Fatal error while uploading data. HTTP {status}: no"
    assert (run.done_at, run.exit_code) == (100, 0)
    assert len(time.of("UpsertBucket")) == 3


def test_given_too_many_refusals_then_it_gives_up() -> None:
    answering = stream_answers({number: Answer(500) for number in range(1, 10)})
    run = run_of(rows_of(), x_file_stream_retry_max=3)
    time = Timeline(run, answering).advance_to(100)
    assert len(time.of("file_stream")) == 4
    run.finish(100.0)
    time.advance_to(101)
    assert "gave up after 3 retries: HTTP 500" in (run.error or "")


@pytest.mark.parametrize(
    ("body", "stopped"),
    [
        (b'{"stopped":true}', True),
        (b'{"stopped":false}', False),
        (b'"stopped"', False),
        (b"", False),
    ],
)
def test_given_a_stop_in_an_answer_then_the_run_knows(body: bytes, stopped: bool) -> None:
    run = run_of(rows_of())
    Timeline(run, stream_answers({2: Answer(200, body)})).advance_to(40)
    assert run.stopped is stopped


def test_given_system_metrics_then_a_line_per_sample_is_streamed() -> None:
    time = Timeline(run_of(x_disable_stats=False)).advance_to(61)
    assert [files_of(sent) for sent in time.of("file_stream")] == [
        {EVENTS: (number, 1)} for number in range(5)
    ]
    assert time.times("file_stream") == [0.09, 15.09, 30.09, 45.09, 60.09]


def test_given_shrinking_quota_headers_then_short_intervals_are_slowed_down() -> None:
    def answering(sent: Sent, number: int) -> Answer | None:
        headers = {"RateLimit-Remaining": str(60 - number), "RateLimit-Reset": "1000"}
        return Answer(headers=headers) if sent.name == "file_stream" else None

    run = run_of(rows_of(interval=0.1), x_file_stream_transmit_interval=1)
    time = Timeline(run, answering).advance_to(80)
    times = time.times("file_stream")
    assert times[:47] == [float(i) for i in range(47)]
    gaps = [later - earlier for earlier, later in pairwise(times[47:])]
    assert gaps == pytest.approx([10.0] * 2, abs=0.01)
    assert run.tally.lowest_remaining == 60 - len(times)


def test_given_a_run_without_finish_rights_then_it_ends_without_a_mark() -> None:
    run = run_of(rows_of(), x_update_finish_state=False)
    time = Timeline(run).advance_to(20)
    run.finish(20.0)
    time.advance_to(21)
    assert run.done
    assert not any("complete" in sent.json for sent in time.of("file_stream"))


def test_names_are_escaped_in_the_path_as_the_sdk_does() -> None:
    def answering(sent: Sent, number: int) -> Answer | None:
        project = {"name": "my proj é", "entity": {"name": "ent"}}
        named = {"name": "run id+1", "project": project}
        return graphql({"upsertBucket": {"bucket": named}}) if number == 1 else None

    time = Timeline(run_of(rows_of()), answering).advance_to(1)
    url = time.of("file_stream")[0].request.url
    assert url == "/files/ent/my%20proj%20%C3%A9/run%20id+1/file_stream"


def test_settings_default_to_15_seconds() -> None:
    assert SdkSettings().transmit_interval == 15
