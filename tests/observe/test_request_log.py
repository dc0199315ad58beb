import asyncio
import logging

import pytest

from mockwb.clock import VirtualClock
from mockwb.observe.request_log import RequestLog
from mockwb.record import Ingested
from mockwb.target import Surface
from tests.observe.records import asked, refused, streamed


@pytest.fixture
def log() -> RequestLog:
    return RequestLog(VirtualClock(), 5.0)


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, dict[str, object]]]:
    """(level, event, fields) of everything written."""
    return [(one.levelname, one.getMessage(), one.fields) for one in caplog.records]  # type: ignore[attr-defined]


def test_given_debug_then_each_request_is_one_line(
    log: RequestLog, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "mockwb")
    log.saw(streamed(duration=0.25, remaining=900))
    log.saw(refused())
    (level, event, fields), second = lines(caplog)
    assert (level, event, second[1]) == ("DEBUG", "request", "request")
    assert fields == {
        "endpoint": "file_stream",
        "method": "POST",
        "path": "/files/team/proj/r1/file_stream",
        "status": 200,
        "duration_seconds": 0.25,
        "bytes_in": 100,
        "bytes_out": 2,
        "project": "team/proj",
        "run": "r1",
        "user": "someone",
        "ratelimit_remaining": 900,
    }


def test_given_info_then_requests_that_went_well_leave_no_line(
    log: RequestLog, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "mockwb")
    log.saw(streamed(ingested=Ingested(rows=1)))
    assert lines(caplog) == []


def test_given_a_path_with_a_token_in_its_query_then_the_query_is_left_out(
    log: RequestLog, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "mockwb")
    log.saw(asked(surface=Surface.STORAGE, path="/storage/a?token=hidden"))
    assert lines(caplog)[0][2]["path"] == "/storage/a"


@pytest.mark.parametrize(("status", "level"), [(400, "INFO"), (404, "INFO"), (500, "WARNING")])
def test_given_an_error_answer_then_its_message_is_logged(
    log: RequestLog, caplog: pytest.LogCaptureFixture, status: int, level: str
) -> None:
    caplog.set_level(logging.INFO, "mockwb")
    log.saw(streamed(status=status, error="body is not JSON"))
    ((own_level, event, fields),) = lines(caplog)
    assert (own_level, event) == (level, "request failed")
    assert (fields["status"], fields["error"]) == (status, "body is not JSON")


def test_given_everyday_error_answers_then_nobody_is_bothered(
    log: RequestLog, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "mockwb")
    log.saw(asked(None, surface=Surface.HEALTH, status=503, path="/readyz"))
    log.saw(asked(None, surface=Surface.TELEMETRY, status=404, path="/sdk/otel/v1/logs"))
    assert lines(caplog) == []


def test_given_gaps_then_a_warning_names_run_file_and_lines(
    log: RequestLog, caplog: pytest.LogCaptureFixture
) -> None:
    log.saw(streamed(ingested=Ingested(gaps=[("wandb-history.jsonl", 3, 7)])))
    assert lines(caplog) == [
        (
            "WARNING",
            "lines missing",
            {
                "run": "team/proj/r1",
                "file": "wandb-history.jsonl",
                "first_missing": 3,
                "missing": 4,
            },
        )
    ]


async def test_given_thousands_of_refusals_then_one_warning_per_project_and_interval(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = VirtualClock()
    log = RequestLog(clock, 5.0)
    summaries = asyncio.create_task(log.summarise())
    for _ in range(2000):
        log.saw(refused())
    log.saw(refused(limit="bytes"))
    log.saw(refused(project="p2"))
    await clock.advance(4.9)
    assert lines(caplog) == []
    await clock.advance(0.2)
    event = "rate limit exceeded"
    counts = {"refused": 2001, "project.requests": 2000, "project.bytes": 1}
    assert lines(caplog) == [
        ("WARNING", event, {"project": "team/proj", **counts}),
        ("WARNING", event, {"project": "team/p2", "refused": 1, "project.requests": 1}),
    ]
    await clock.advance(60)
    assert len(lines(caplog)) == 2
    summaries.cancel()


def test_given_a_shutdown_between_summaries_then_flush_tells_the_rest(
    log: RequestLog, caplog: pytest.LogCaptureFixture
) -> None:
    log.saw(refused())
    log.flush()
    assert lines(caplog)[0][2] == {"project": "team/proj", "refused": 1, "project.requests": 1}
    log.flush()
    assert len(lines(caplog)) == 1
