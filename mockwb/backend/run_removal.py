"""Deleting a run with everything that hangs on it."""

from mockwb.backend.alerts import Alerts
from mockwb.backend.run import RunKey
from mockwb.backend.run_files import RunFiles
from mockwb.backend.runs import Runs
from mockwb.backend.store import Store


class RunRemoval:
    """The operation."""

    def __init__(self, store: Store, runs: Runs, files: RunFiles, alerts: Alerts) -> None:
        """Work on the given nouns."""
        self._store = store
        self._runs = runs
        self._files = files
        self._alerts = alerts

    async def remove(self, key: RunKey) -> None:
        """Drop the run, its lines, its files and its alerts; NotFoundError without it."""
        await self._runs.delete(key)
        await self._files.delete_all(key)
        await self._alerts.forget(key)
        for file in await self._store.line_files(*key):
            await self._store.delete_lines(file)
