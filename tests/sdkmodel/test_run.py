"""Source: wandb SDK 0.31.0 on the wire (whole runs against a recording server)."""

import base64
import math
from random import Random
from typing import Any

import msgspec
import pytest

from mockwb.sdkmodel.logging_shape import Pace, Shape
from mockwb.sdkmodel.operations import RunName
from mockwb.sdkmodel.particulars import Particulars
from mockwb.sdkmodel.run import VirtualRun
from mockwb.sdkmodel.settings import FILELESS, QUIET, SdkSettings
from mockwb.sdkmodel.shaped_lines import ShapedLines
from mockwb.target import Surface
from tests.sdkmodel.timeline import Answer, Answering, Sent, Timeline

KEY = "k" * 40
DEFAULT = SdkSettings()


def run_of(
    settings: SdkSettings = DEFAULT, entity: str | None = "team", rows: int = 30, **more: Any
) -> VirtualRun:
    return VirtualRun(
        RunName(entity, "vision", "r1"),
        api_key=KEY,
        settings=msgspec.structs.replace(settings, **more),
        random=Random(7),
        rows=ShapedLines(Shape({"metrics": 3}), Pace(1.0), count=rows),
        particulars=Particulars(config={"lr": 0.1}),
    )


def answers(name: str, script: dict[int, Answer]) -> Answering:
    def answering(sent: Sent, number: int) -> Answer | None:
        return script.get(number) if sent.name == name else None

    return answering


def whole_life(
    run: VirtualRun, answering: Answering = lambda sent, number: None, finish_at: float = 29.0
) -> Timeline:
    time = Timeline(run, answering).advance_to(finish_at)
    run.finish(finish_at)
    return time.advance_to(10_000)


def names(time: Timeline) -> list[str]:
    return [sent.name for sent in time.sent if sent.name != "file_stream"]


def test_a_default_run_says_what_the_sdk_says_in_its_order() -> None:
    time = whole_life(run_of())
    assert names(time) == [
        "Viewer",
        "UpsertBucket",
        "OrganizationCoreWeaveOrganizationID",
        "UpsertBucket",
        "CreateRunFiles",
        "wandb-metadata.json",
        "requirements.txt",
        "UpsertBucket",
        "CreateRunFiles",
        "wandb-summary.json",
        "config.yaml",
    ]
    assert time.times("UpsertBucket") == [0, 5, 29]
    assert time.times("CreateRunFiles") == [5, 29]


def test_a_quiet_run_leaves_out_what_its_settings_leave_out() -> None:
    assert names(whole_life(run_of(QUIET))) == [
        "UpsertBucket",
        "UpsertBucket",
        "UpsertBucket",
        "CreateRunFiles",
        "wandb-summary.json",
        "config.yaml",
    ]


def test_a_fileless_run_uploads_nothing() -> None:
    assert names(whole_life(run_of(FILELESS))) == ["UpsertBucket"] * 3


def test_given_less_than_five_seconds_then_config_and_files_are_sent_once_at_the_end() -> None:
    time = whole_life(run_of(x_disable_viewer=True, x_disable_stats=True, rows=3), finish_at=2.0)
    assert names(time)[:3] == ["UpsertBucket", "UpsertBucket", "CreateRunFiles"]
    asked = time.of("CreateRunFiles")[0].json["variables"]["files"]
    assert asked == ["wandb-metadata.json", "requirements.txt", "wandb-summary.json", "config.yaml"]
    assert names(time)[3:] == asked


def test_the_last_request_carries_the_exit_code_after_all_uploads_were_told() -> None:
    run = run_of()
    time = whole_life(run)
    assert time.sent[-1].json["complete"] is True
    told = [name for sent in time.of("file_stream") for name in sent.json.get("uploaded", [])]
    assert sorted(told) == [
        "config.yaml",
        "requirements.txt",
        "wandb-metadata.json",
        "wandb-summary.json",
    ]
    assert (run.done_at, run.exit_code, run.error) == (29, 0, None)


def test_rows_and_values_are_counted_until_finish() -> None:
    run = run_of(FILELESS, rows=30)
    time = Timeline(run).advance_to(9.5)
    run.finish(9.5)
    time.advance_to(60)
    assert (run.rows(60.0), run.values(60.0)) == (10, 30)


def test_the_first_upsert_names_everything_and_leaves_the_rest_null() -> None:
    variables = whole_life(run_of(entity=None)).of("UpsertBucket")[0].json["variables"]
    assert len(variables) == 19
    given = {name for name, value in variables.items() if value is not None}
    assert given == {"name", "project", "config", "host", "program"}


def test_without_machine_info_the_host_stays_unnamed() -> None:
    time = whole_life(run_of(x_disable_machine_info=True))
    assert time.of("UpsertBucket")[0].json["variables"]["host"] is None


def test_later_upserts_carry_the_names_the_server_chose_and_only_the_config() -> None:
    second = whole_life(run_of(entity=None)).of("UpsertBucket")[1].json["variables"]
    given = {name: value for name, value in second.items() if value is not None}
    config = msgspec.json.decode(given.pop("config"))
    assert given == {"entity": "team", "project": "vision", "name": "r1"}
    assert config["lr"] == {"value": 0.1}
    assert "e" in config["_wandb"]["value"]


def test_bodies_are_about_as_large_as_the_sdk_s() -> None:
    time = whole_life(run_of())
    first, second, _ = (len(sent.body) for sent in time.of("UpsertBucket"))
    assert 1300 <= first <= 1600
    assert 1800 <= second <= 2150
    assert 380 <= len(time.of("CreateRunFiles")[0].body) <= 480


def test_credentials_go_to_the_api_but_not_to_upload_urls() -> None:
    time = whole_life(run_of(x_extra_http_headers={"X-Tenant": "t1"}))
    for sent in time.sent:
        headers = sent.request.headers
        assert headers["X-Tenant"] == "t1"
        assert headers["User-Agent"] == "wandb-core"
        if sent.request.surface is Surface.STORAGE:
            assert "Authorization" not in headers
            assert headers["X-Token"] == "t"
        else:
            user = base64.b64decode(headers["Authorization"].removeprefix("Basic "))
            assert user == f"api:{KEY}".encode()


def test_given_a_refused_init_then_the_run_ends_with_the_server_s_words() -> None:
    body = b'{"errors":[{"message":"user is not logged in"}]}'
    run = run_of(FILELESS)
    time = Timeline(run, answers("UpsertBucket", {1: Answer(401, body)})).advance_to(10)
    assert (run.done_at, run.exit_code, run.error) == (0, 1, "user is not logged in")
    assert len(time.sent) == 1


def test_given_graphql_errors_at_init_then_the_run_ends_with_them() -> None:
    run = run_of(FILELESS)
    body = b'{"data":null,"errors":[{"message":"no such entity"}]}'
    Timeline(run, answers("UpsertBucket", {1: Answer(200, body)})).advance_to(10)
    assert run.error == "input: no such entity"


def test_given_a_limit_at_init_then_it_retries_until_the_deadline() -> None:
    slow_down = answers("UpsertBucket", {n: Answer(429, b"slow down") for n in range(1, 99)})
    run = run_of(FILELESS)
    time = Timeline(run, slow_down).advance_to(200)
    assert run.done_at == 90
    assert run.error == "Timed out while retrying: HTTP 429: slow down"
    assert 5 <= len(time.sent) <= 6


def test_given_no_answer_at_all_at_init_then_the_attempt_is_cut_at_the_deadline() -> None:
    run = run_of(FILELESS, init_timeout=10)
    time = Timeline(run, answers("UpsertBucket", {1: Answer(after=math.inf)})).advance_to(200)
    assert time.sent[0].request.timeout == 10
    assert run.done_at == 10


def test_given_a_dead_viewer_query_then_init_goes_on_after_five_seconds() -> None:
    run = run_of()
    time = Timeline(run, answers("Viewer", {1: Answer(after=math.inf)})).advance_to(6)
    assert time.times("UpsertBucket") == [5]


def test_given_no_answer_about_the_organization_then_finish_does_not_wait_for_it() -> None:
    name = "OrganizationCoreWeaveOrganizationID"
    run = run_of()
    whole_life(run, answers(name, {n: Answer(after=math.inf) for n in range(1, 99)}))
    assert run.done_at == 29


def test_given_a_limited_config_update_then_finish_waits_for_it_and_updates_again() -> None:
    slow_down = answers("UpsertBucket", {2: Answer(429, headers={"Retry-After": "60"})})
    run = run_of(FILELESS)
    time = whole_life(run, slow_down)
    assert time.times("UpsertBucket") == [0, 5, 65, 65]
    assert run.done_at == 65


def test_given_a_failing_upload_then_it_is_not_told_and_the_run_ends_all_the_same() -> None:
    run = run_of(QUIET)
    time = whole_life(run, answers("config.yaml", {1: Answer(403)}))
    told = [name for sent in time.of("file_stream") for name in sent.json.get("uploaded", [])]
    assert told == ["wandb-summary.json"]
    assert run.error is None


def test_given_another_number_of_upload_urls_than_asked_then_no_file_is_uploaded() -> None:
    body = b'{"data":{"createRunFiles":{"files":[]}}}'
    time = whole_life(run_of(QUIET), answers("CreateRunFiles", {1: Answer(200, body)}))
    assert names(time)[-1] == "CreateRunFiles"


def test_given_a_finish_timeout_then_the_user_waits_no_longer() -> None:
    limited = answers("file_stream", {n: Answer(429) for n in range(1, 99)})
    run = run_of(FILELESS, finish_timeout=20)
    whole_life(run, limited)
    assert (run.done_at, run.error) == (49, "Timed out finishing run.")


def test_given_finish_before_init_is_through_then_the_run_still_completes() -> None:
    run = run_of(FILELESS)
    time = Timeline(run, answers("UpsertBucket", {1: Answer(503)}))
    run.finish(0.0)
    time.advance_to(60)
    assert run.done
    assert time.sent[-1].json["complete"] is True


def test_the_tally_counts_attempts_by_surface_and_status() -> None:
    limited = answers("file_stream", {1: Answer(429), 2: Answer(after=math.inf)})
    run = run_of(FILELESS, x_file_stream_timeout_seconds=3)
    time = whole_life(run, limited)
    assert run.tally.requests[Surface.GRAPHQL] == {"200": 3}
    by_status = run.tally.requests[Surface.FILE_STREAM]
    assert (by_status["429"], by_status["error"]) == (1, 1)
    assert run.tally.retries == 2
    assert run.tally.bytes_sent == sum(len(sent.body) for sent in time.sent)
    first, _, third = time.times("file_stream")[:3]
    assert run.tally.throttled_seconds == pytest.approx(third - first, abs=0.01)
    assert 6.0 <= run.tally.backoff_seconds <= 7.5


def test_given_rows_known_in_advance_then_nobody_can_log_others() -> None:
    with pytest.raises(TypeError, match="known in advance"):
        run_of().log(0.0, {"loss": 1})
