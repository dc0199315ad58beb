"""How far a run got: the last step that is stored, and the last one that its summary names.

The account asks where a run ended without saying so: a client whose stream has failed uploads its
summary all the same, and that tells what it had logged by then.
"""

from typing import NamedTuple

from mockwb.backend.errors import BackendError
from mockwb.backend.file_stream import HISTORY, SUMMARY
from mockwb.backend.history_row import parse_row
from mockwb.backend.run import RunKey
from mockwb.backend.run_files import blob_key
from mockwb.backend.store import Store
from mockwb.backend.summary import Summaries

_LARGEST = 10_000_000
"""Bytes of an uploaded summary that is still read."""


class LastSteps(NamedTuple):
    """Values of `_step`; None where there is none."""

    stored: float | None
    """Of the last row in history."""
    logged: float | None
    """As the summary says, streamed or uploaded."""


async def last_steps(store: Store, key: RunKey) -> LastSteps:
    """Those of one run, which need not exist."""
    stored = [
        _step(line)
        for file in await store.line_files(*key)
        if file.name == HISTORY
        for line in await store.read_lines(file, max(0, await store.count_lines(file) - 1))
    ]
    streamed = (await Summaries(store).values(key)).get("_step")
    named = [_number(streamed), _step(await _uploaded(store, key))]
    return LastSteps(_highest(stored), _highest(named))


async def _uploaded(store: Store, key: RunKey) -> str | None:
    blob = blob_key(key, SUMMARY)
    info = await store.blob_info(blob)
    if info is None or info.size > _LARGEST:
        return None
    parts = [part async for part in store.read_blob(blob)]
    return b"".join(parts).decode(errors="replace")


def _step(text: str | None) -> float | None:
    """`_step` of a JSON object; None if it is none, or has none."""
    try:
        return _number(parse_row(text)["_step"]) if text is not None else None
    except (BackendError, KeyError):
        return None


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) else None


def _highest(steps: list[float | None]) -> float | None:
    return max((step for step in steps if step is not None), default=None)
