"""RewindRun: a run goes back to an earlier step and goes on from there."""

from mockwb.backend.errors import InvalidError
from mockwb.backend.file_stream import EVENTS, HISTORY, OUTPUT
from mockwb.backend.history_row import INTERNAL_KEYS
from mockwb.backend.json_text import to_json
from mockwb.backend.run import Run, RunKey
from mockwb.backend.run_prefix import rows_up_to, summary_of
from mockwb.backend.runs import Runs
from mockwb.backend.store import Store
from mockwb.backend.summary import Summaries


class Rewind:
    """The operation."""

    def __init__(self, store: Store, runs: Runs, summaries: Summaries) -> None:
        """Work on the given nouns."""
        self._store = store
        self._runs = runs
        self._summaries = summaries

    async def apply(self, key: RunKey, step: float) -> Run | None:
        """Drop history behind `step` and set the run going; None without such a run.

        The summary becomes that of the rows left. System metrics and console output go: the SDK
        sends them from line 0 again.
        """
        run = await self._runs.find(key)
        if run is None:
            return None
        kept: list[str] = []
        for file in await self._store.line_files(*key):
            if file.name == HISTORY:
                lines = await rows_up_to(self._store, file, step)
                await self._store.replace_lines(file, lines)
                kept += lines
            elif file.name in (EVENTS, OUTPUT):
                await self._store.delete_lines(file)
        await self._summaries.put(key, to_json(summary_of(kept)))
        await self._runs.start(key)
        return run


def check_metric(name: str) -> None:
    """InvalidError unless a run can be rewound by this metric."""
    if name != INTERNAL_KEYS[0]:
        raise InvalidError(f"runs can be rewound by _step only, not by {name}")
