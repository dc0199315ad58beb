"""What runs logged, as digests: the JSON of `/_mockwb/content`.

`control` serves it of what is stored, and scenarios compute it of what their clients logged: the
same digest means the same rows in the same order.
"""

import hashlib
import json
import math
from typing import Any

import msgspec

MOST_RUNS = 20
"""Told of at once: each row costs some microseconds."""


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """All history rows of one run."""

    entity: str
    project: str
    run: str
    rows: int
    digest: str
    """SHA-256 over the rows in order of step, without the keys that begin with an underscore: each
    as JSON with sorted keys, whole numbers without a fraction, `"NaN"` and `"Infinity"` as
    texts, and a line feed."""


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """Runs that match a query, in order of project and age."""

    runs: list[Content]
    left_out: int = 0
    """Runs that match too, but are beyond the first 20."""


class ContentDigest:
    """Takes in row by row."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._rows = 0

    def add(self, row: dict[str, Any]) -> None:
        """Take in the next row."""
        logged = {key: _plain(value) for key, value in row.items() if not key.startswith("_")}
        text = json.dumps(logged, sort_keys=True, separators=(",", ":"))
        self._hash.update(f"{text}\n".encode())
        self._rows += 1

    def content(self, entity: str, project: str, run: str) -> Content:
        """All rows so far, as those of that run."""
        digest = self._hash.hexdigest()
        return Content(entity=entity, project=project, run=run, rows=self._rows, digest=digest)


def _plain(value: Any) -> Any:
    """1.0 as 1, and what is no number by its name: encoders do not agree on them."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
