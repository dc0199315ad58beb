"""Recordings for the tests of this room: made by a real server, or by hand."""

import json
from pathlib import Path
from typing import Any


def entry(number: int, **more: Any) -> dict[str, Any]:
    """A line of a journal with bodies: a file_stream request."""
    return {
        "seq": number,
        "time": 1000.0 + number,
        "duration": 0.5,
        "method": "POST",
        "path": "/files/e/p/r/file_stream",
        "endpoint": "file_stream",
        "status": 200,
        "request": {"headers": [["Authorization", "[redacted]"]], "body": "{}"},
    } | more


def written(path: Path, *entries: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in entries))
    return path
