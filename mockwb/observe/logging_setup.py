"""Structured logs on standard error, in text or JSON. Called by the commands, never at import.

Any module logs an event with fields so: `log.info("run finished", extra={"fields": {...}})`.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Literal, TextIO

_SECRETS = (
    re.compile(r"(?i)\b(basic|bearer) [\w+/=.~-]+"),
    re.compile(r"\b(wandb_v1)_[\w-]+"),
    re.compile(r"\b([0-9a-zA-Z]{4})[0-9a-zA-Z]{36}\b"),
)
"""What looks like an Authorization header, a new or a classic API key (40 letters and digits);
only the group survives in a log line."""

_NEEDS_QUOTES = re.compile(r"[\s\"'=]|^$")


class TextFormatter(logging.Formatter):
    """`HH:MM:SS level event key=value ...`, local time, for people."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and the traceback below it if there is one."""
        at = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        parts = [at, record.levelname.lower(), _one_line(record.getMessage())]
        parts += [f"{name}={_quoted(value)}" for name, value in fields_of(record).items()]
        text = " ".join(parts)
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return redacted(text)


class JsonFormatter(logging.Formatter):
    """One JSON object per line: ts (ISO 8601, UTC), level, logger, event, fields."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; a traceback goes into `exception`."""
        line: dict[str, object] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            "fields": fields_of(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return redacted(json.dumps(line, ensure_ascii=False, default=str))


class _OwnHandler(logging.StreamHandler[TextIO]):
    """Marks the handler that `setup_logging` put in place, so that it can replace its own."""


def setup_logging(
    level: Literal["debug", "info", "warning", "error"],
    format: Literal["text", "json"],  # noqa: A002 -- the word of the configuration
    stream: TextIO | None = None,
) -> None:
    """Send mockwb's log from `level` up, and others' warnings, to `stream` (standard error).

    Calling it again replaces what the last call set up.
    """
    handler = _OwnHandler(stream if stream is not None else sys.stderr)
    handler.setFormatter(JsonFormatter() if format == "json" else TextFormatter())
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old, _OwnHandler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    logging.getLogger("mockwb").setLevel(level.upper())


def fields_of(record: logging.LogRecord) -> dict[str, object]:
    """The fields that were logged with `extra={"fields": ...}`; empty without."""
    fields = getattr(record, "fields", None)
    return fields if isinstance(fields, dict) else {}


def redacted(text: str) -> str:
    """`text` without what looks like a credential."""
    for secret in _SECRETS:
        text = secret.sub(r"\1[redacted]", text)
    return text


def _quoted(value: object) -> str:
    """`value` as one word: quoted as JSON where it has spaces or control characters."""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    printable = text.isprintable()
    if printable and not _NEEDS_QUOTES.search(text):
        return text
    return json.dumps(text, ensure_ascii=not printable)


def _one_line(text: str) -> str:
    """`text` with its line breaks escaped: a client's words must not forge log lines."""
    return text.replace("\r", "\\r").replace("\n", "\\n")
