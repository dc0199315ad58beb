"""Forks: a run that begins as a copy of another one up to some step (`fork_from`).

The copy stays when the parent goes on, is rewound or deleted. It is kept apart from the fork's own
rows, as lines of a writer of its own, because SDKs count only what they write themselves.
"""

from typing import Any

import msgspec

from mockwb.backend.errors import InvalidError, NotFoundError
from mockwb.backend.file_stream import HISTORY, SUMMARY
from mockwb.backend.json_text import parse_object, to_json
from mockwb.backend.run import Run, RunKey
from mockwb.backend.run_config import merged_config
from mockwb.backend.run_prefix import rows_up_to, summary_of
from mockwb.backend.runs import Runs
from mockwb.backend.store import INHERITED, LineFile, Store

_OWN = ("_wandb", "wandb_version")
"""Entries of the config that tell of one run only."""


class BranchPoint(msgspec.Struct, frozen=True):
    """Where a run branches off, as its config says it under `_wandb`."""

    run_id: str
    step: float


class RunForks:
    """The operation, which is a part of UpsertBucket."""

    def __init__(self, store: Store, runs: Runs) -> None:
        """Work on the given nouns."""
        self._store = store
        self._runs = runs

    async def parent(self, key: RunKey, config: str | None) -> tuple[Run, float] | None:
        """The run and the step that a new run with this config forks from; None if it does not.

        InvalidError if the config names no proper step, NotFoundError if there is no such run.
        """
        point = _branch_point(config)
        if point is None or point.run_id == key.name:  # a run of its own name was rewound
            return None
        parent = await self._runs.find(key._replace(name=point.run_id))
        if parent is None:
            named = key._replace(name=point.run_id)
            raise NotFoundError(f"run {named}, which {key.name} is to fork from, not found")
        return parent, point.step

    async def begin(self, run: Run, parent: Run, step: float) -> Run:
        """`run` as a fork of `parent`, whose history up to `step` it takes over."""
        lines: list[str] = []
        for file in await self._store.line_files(*parent.key):
            if file.name == HISTORY:
                lines += await rows_up_to(self._store, file, step)
        if lines:
            await self._store.replace_lines(LineFile(*run.key, INHERITED, HISTORY), lines)
            summary = to_json(summary_of(lines))
            await self._store.replace_lines(LineFile(*run.key, INHERITED, SUMMARY), [summary])
        entries = parse_object(parent.config, "config") if parent.config else {}
        inherited = {name: entry for name, entry in entries.items() if name not in _OWN}
        return msgspec.structs.replace(run, inherited_config=to_json(inherited))


def with_inherited(config: str, inherited: str | None) -> str:
    """What a fork's own client says of its config, over what the parent's said."""
    if inherited is None:
        return config
    return merged_config(inherited, config)


def _branch_point(config: str | None) -> BranchPoint | None:
    if not config or '"branch_point"' not in config:
        return None
    value: Any = parse_object(config, "config").get("_wandb")
    for name in ("value", "branch_point"):
        value = value.get(name) if isinstance(value, dict) else None
    if value is None:
        return None
    try:
        return msgspec.convert(value, BranchPoint)
    except msgspec.ValidationError as error:
        raise InvalidError(f"config: _wandb.branch_point: {error}") from error
