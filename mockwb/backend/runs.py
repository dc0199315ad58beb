"""Runs: made, found, changed and deleted. History and files have modules of their own."""

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence

import msgspec

from mockwb.backend.errors import InvalidError, NotFoundError
from mockwb.backend.run import ENDED, Run, RunKey, RunProgress, RunState
from mockwb.backend.store import Store
from mockwb.clock import Clock

_PROJECTS = "run-projects"
"""Table of (entity, project) of all projects that ever had a run."""

_CHANGES = {
    "pending": (RunState.RUNNING, RunState.FAILED, RunState.CRASHED, RunState.PREEMPTED),
    "failed": (RunState.PENDING, RunState.RUNNING),
}
"""New state -> states that somebody outside may change to it."""


class Runs:
    """All runs of one server."""

    def __init__(self, store: Store, clock: Clock, crash_after: float) -> None:
        """Call a running run crashed after `crash_after` seconds of silence."""
        self._store = store
        self._clock = clock
        self.crash_after = crash_after
        """Seconds."""

    async def find(self, key: RunKey) -> Run | None:
        """The run, or None."""
        run: Run | None = await self._store.get(_table("run", key), key.name)
        return run

    async def get(self, key: RunKey) -> Run:
        """The run; NotFoundError without it."""
        run = await self.find(key)
        if run is None:
            raise NotFoundError(f"run {key} not found")
        return run

    async def put(self, run: Run) -> None:
        """Store a new or changed run."""
        await self._store.put(_table("run", run.key), run.name, run)

    async def of_project(self, entity: str, project: str) -> list[Run]:
        """All runs of a project, oldest first."""
        return await self._store.records(f"run/{entity}/{project}")

    async def projects(self) -> list[tuple[str, str]]:
        """(entity, project) of all projects that ever had a run."""
        return await self._store.records(_PROJECTS)

    async def count(self, entity: str, project: str) -> int:
        """How many runs a project has."""
        return await self._store.count(f"run/{entity}/{project}")

    async def tables(
        self, entity: str, project: str
    ) -> tuple[Mapping[str, Run], Mapping[str, RunProgress], float]:
        """All runs of a project by name, oldest first; how far each has come; and the time now.

        Both are the same objects again if the store knows that nothing has changed.
        """
        runs = await self._store.table(f"run/{entity}/{project}")
        progress = await self._store.table(f"progress/{entity}/{project}")
        return runs, progress, self._clock.wall()

    def progress(self, key: RunKey) -> Awaitable[RunProgress | None]:
        """How far the run has come; None without such a run."""
        return self._store.get(_table("progress", key), key.name)

    async def progress_of(self, key: RunKey) -> RunProgress:
        """How far the run has come; NotFoundError without such a run."""
        progress = await self.progress(key)
        if progress is None:
            raise NotFoundError(f"run {key} not found")
        return progress

    def put_progress(self, key: RunKey, progress: RunProgress) -> Awaitable[None]:
        """Store how far the run has come."""
        return self._store.put(_table("progress", key), key.name, progress)

    async def start(self, key: RunKey, state: RunState = RunState.RUNNING) -> None:
        """Set a run going, for the first time or again (resume)."""
        await self.put_progress(key, RunProgress(state=state, heartbeat_at=self._clock.wall()))
        await self._store.put(_PROJECTS, f"{key.entity}/{key.project}", key[:2])

    async def keep_alive(self, key: RunKey) -> None:
        """Note that the run's own client was heard of; one that had ended goes on (resume)."""
        progress = await self.progress_of(key)
        if progress.state is RunState.RUNNING:
            heard = msgspec.structs.replace(progress, heartbeat_at=self._clock.wall())
            await self.put_progress(key, heard)
        else:
            await self.start(key)

    async def change_state(self, key: RunKey, state: str) -> None:
        """Requeue a run (`pending`) or give it up (`failed`) from outside.

        InvalidError where W&B refuses the change (wandb/apis/public/runs.py, update_state);
        NotFoundError without such a run.
        """
        run = await self.get(key)
        former = await self.state(key)
        if former not in _CHANGES.get(state, ()):
            raise InvalidError(f"invalid state transition from {former} to {state}")
        if run.sweep is not None:
            raise InvalidError("invalid state transition: the state of sweep runs is the sweep's")
        await self.start(key, RunState(state))

    async def delete(self, key: RunKey) -> None:
        """Drop the run and how far it has come; NotFoundError without such a run."""
        if not await self._store.delete(_table("run", key), key.name):
            raise NotFoundError(f"run {key} not found")
        await self._store.delete(_table("progress", key), key.name)
        for name in await self.uploaded(key):
            await self._store.delete(f"uploaded/{'/'.join(key)}", name)

    async def state(self, key: RunKey) -> RunState:
        """The state as W&B would show it now; NotFoundError without such a run."""
        progress = await self.progress_of(key)
        return progress.state_at(self._clock.wall(), self.crash_after)

    async def states(self) -> AsyncIterator[RunState]:
        """The state of every run of every project now."""
        now = self._clock.wall()
        for entity, project in await self.projects():
            for progress in await self._store.records(f"progress/{entity}/{project}"):
                yield progress.state_at(now, self.crash_after)

    async def request_stop(self, key: RunKey) -> bool:
        """Ask a run to stop; False if it has ended already, NotFoundError without it."""
        progress = await self.progress_of(key)
        if progress.state in ENDED:
            return False
        await self.put_progress(key, msgspec.structs.replace(progress, stop_requested=True))
        return True

    async def note_uploaded(self, key: RunKey, names: Sequence[str]) -> None:
        """Remember which files the client says it has finished uploading."""
        table = f"uploaded/{'/'.join(key)}"
        for name in names:
            await self._store.put(table, name, name)

    async def uploaded(self, key: RunKey) -> list[str]:
        """Names of the files that clients reported as uploaded."""
        return await self._store.records(f"uploaded/{'/'.join(key)}")


def _table(kind: str, key: RunKey) -> str:
    return f"{kind}/{key.entity}/{key.project}"
