"""What a file_stream request does to a run: lines by offset, heartbeats, states, finish."""

from collections.abc import Awaitable
from typing import Annotated

import msgspec

from mockwb.backend.errors import NotFoundError
from mockwb.backend.row_facts import RowFacts
from mockwb.backend.run import ENDED, RunKey, RunProgress, RunState
from mockwb.backend.runs import Runs
from mockwb.backend.store import LineFile, Store, WrittenLines
from mockwb.clock import Clock
from mockwb.logged_rows import LoggedRows

HISTORY = "wandb-history.jsonl"
EVENTS = "wandb-events.jsonl"
SUMMARY = "wandb-summary.json"
OUTPUT = "output.log"


class Chunk(msgspec.Struct):
    """Consecutive lines of one file: `content[i]` is line `offset + i`."""

    content: list[str]
    offset: Annotated[int, msgspec.Meta(ge=0)] = 0


class Update(msgspec.Struct):
    """The body of a file_stream request; absent keys mean "no news"."""

    files: dict[str, Chunk] = {}
    uploaded: list[str] = []
    preempting: bool = False
    complete: bool = False
    exitcode: int | None = None
    dropped: int = 0


class Applied(msgspec.Struct):
    """What an update changed, for the answer and for the account."""

    stopped: bool = False
    """The run was asked to stop."""
    files: dict[str, WrittenLines] = {}
    logged: LoggedRows | None = None
    """What the new history rows hold; None without any history."""
    completed: bool = False

    @property
    def values(self) -> int:
        """Logged points in the new history rows."""
        return self.logged.points if self.logged is not None else 0


class FileStream:
    """Applies updates to runs."""

    def __init__(self, store: Store, runs: Runs, clock: Clock) -> None:
        """Write to `store`; find runs in `runs`."""
        self._store = store
        self._runs = runs
        self._clock = clock

    async def apply(self, key: RunKey, update: Update, writer: str = "") -> Applied:
        """Store what `update` brings; the same update again changes nothing.

        `writer` is the client id in shared mode. NotFoundError without such a run; InvalidError
        if a line that must be JSON is not, in which case nothing is stored.
        """
        progress = await self._runs.progress(key)
        if progress is None:
            raise NotFoundError(f"run {key} not found")
        applied = Applied()
        if update.files:
            history = update.files.get(HISTORY)
            facts = None
            if history is not None and history.content:
                facts = RowFacts(history.content, history.offset, HISTORY)
            for name, chunk in update.files.items():
                applied.files[name] = await self._write(key, writer, name, chunk)
            if facts is not None and history is not None:
                applied.logged = _new_rows(facts, applied.files[HISTORY], history)
        if update.uploaded:
            await self._runs.note_uploaded(key, update.uploaded)
        progress = self._advance(progress, update)
        await self._runs.put_progress(key, progress)
        applied.completed = update.complete
        applied.stopped = progress.stop_requested and not update.complete
        return applied

    def _write(self, key: RunKey, writer: str, name: str, chunk: Chunk) -> Awaitable[WrittenLines]:
        file = LineFile(key.entity, key.project, key.name, writer, name)
        if name == SUMMARY and chunk.content:  # always whole, and its last line is the current one
            return self._store.replace_lines(file, chunk.content[-1:])
        return self._store.write_lines(file, chunk.offset, chunk.content)

    def _advance(self, progress: RunProgress, update: Update) -> RunProgress:
        state, exit_code = progress.state, progress.exit_code
        if update.preempting:
            state = RunState.PREEMPTING
        elif state is RunState.PENDING:
            state = RunState.RUNNING
        if update.complete:
            exit_code = update.exitcode or 0
            if state not in ENDED:
                state = progress.completed(exit_code)
        return RunProgress(
            state=state,
            heartbeat_at=self._clock.wall(),
            exit_code=exit_code,
            stop_requested=progress.stop_requested,
        )


def _new_rows(facts: RowFacts, written: WrittenLines, history: Chunk) -> LoggedRows:
    """What is to be known of the rows that were not there before."""
    if written.added == len(history.content):
        return facts.of_all()
    return facts.of_lines(written.new_lines)
