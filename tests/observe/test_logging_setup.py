import io
import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime

import pytest

from mockwb.observe.logging_setup import setup_logging

KEY = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the log goes; what the set-up did to the root logger is undone afterwards."""
    root, own = logging.getLogger(), logging.getLogger("mockwb")
    handlers, level = list(root.handlers), own.level
    yield io.StringIO()
    for handler in [handler for handler in root.handlers if handler not in handlers]:
        root.removeHandler(handler)
    own.setLevel(level)


def say(event: str, level: int = logging.INFO, **fields: object) -> None:
    logging.getLogger("mockwb.somewhere").log(level, event, extra={"fields": fields})


def test_given_text_then_a_line_is_time_level_event_and_fields(stream: io.StringIO) -> None:
    setup_logging("info", "text", stream)
    say("run finished", run="a/b/c", rows=3, seconds=0.125, note="two words", empty="")
    time, rest = stream.getvalue().split(" ", 1)
    assert re.fullmatch(r"\d\d:\d\d:\d\d", time)
    assert rest == ('info run finished run=a/b/c rows=3 seconds=0.125 note="two words" empty=""\n')


def test_given_json_then_each_line_is_one_object(stream: io.StringIO) -> None:
    setup_logging("info", "json", stream)
    say("run finished", rows=3, note="é\n2")
    say("again", level=logging.WARNING)
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert datetime.fromisoformat(first.pop("ts")).utcoffset() is not None
    assert first == {
        "level": "info",
        "logger": "mockwb.somewhere",
        "event": "run finished",
        "fields": {"rows": 3, "note": "é\n2"},
    }
    assert (second["level"], second["fields"]) == ("warning", {})


@pytest.mark.parametrize("format_", ["text", "json"])
def test_given_a_level_then_lower_ones_are_left_out(stream: io.StringIO, format_: str) -> None:
    setup_logging("warning", format_, stream)  # type: ignore[arg-type]
    say("quiet", level=logging.INFO)
    say("loud", level=logging.WARNING)
    assert "quiet" not in stream.getvalue()
    assert "loud" in stream.getvalue()


def test_given_debug_then_other_libraries_still_speak_from_warning_up(
    stream: io.StringIO,
) -> None:
    setup_logging("debug", "text", stream)
    logging.getLogger("asyncio").info("chatter")
    logging.getLogger("aiohttp.server").error("broken")
    assert "chatter" not in stream.getvalue()
    assert "broken" in stream.getvalue()


def test_given_setup_twice_then_each_event_is_one_line_in_the_new_form(
    stream: io.StringIO,
) -> None:
    setup_logging("info", "text", stream)
    setup_logging("info", "json", stream)
    say("once")
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["event"] == "once"


@pytest.mark.parametrize("evil", ["a\nb", "a\r\nb", "a\x1b[31mb", "a\u2028b", "a\x9bb"])
def test_given_a_clients_words_with_control_characters_then_text_stays_one_plain_line(
    stream: io.StringIO, evil: str
) -> None:
    setup_logging("info", "text", stream)
    say("request failed", error=evil)
    assert len(stream.getvalue().splitlines()) == 1
    assert stream.getvalue().rstrip("\n").isprintable()


@pytest.mark.parametrize("format_", ["text", "json"])
@pytest.mark.parametrize(
    "secret",
    [KEY, f"local-{KEY}", "wandb_v1_abcDEF_123-456", f"Basic {'YXBpOmFi' * 7}==", f"Bearer {KEY}"],
)
def test_given_credentials_in_a_message_then_they_are_not_logged(
    stream: io.StringIO, format_: str, secret: str
) -> None:
    setup_logging("info", format_, stream)  # type: ignore[arg-type]
    say("request failed", error=f"cannot use {secret} here")
    logged = stream.getvalue()
    assert "[redacted]" in logged
    assert secret[-12:] not in logged
    assert "here" in logged


@pytest.mark.parametrize("format_", ["text", "json"])
def test_given_an_exception_then_its_traceback_is_in_the_log(
    stream: io.StringIO, format_: str
) -> None:
    setup_logging("info", format_, stream)  # type: ignore[arg-type]
    try:
        raise ValueError("boom")
    except ValueError as error:
        logging.getLogger("mockwb").error("failed", exc_info=error)
    text = stream.getvalue()
    assert "Traceback" in text
    assert "ValueError: boom" in text
    if format_ == "json":
        assert "Traceback" in json.loads(text)["exception"]
