"""Which runs made and used which versions."""

from mockwb.backend.run import RunKey
from mockwb.backend.store import Store


class ArtifactUsage:
    """Edges between runs and versions."""

    def __init__(self, store: Store) -> None:
        """Keep them in `store`."""
        self._store = store

    async def note_output(self, run: RunKey, artifact_id: str) -> None:
        """Remember that `run` logged this version; once more changes nothing."""
        await self._store.put(_outputs(run), artifact_id, artifact_id)

    async def note_input(self, run: RunKey, artifact_id: str) -> None:
        """Remember that `run` uses this version; once more changes nothing."""
        await self._store.put(_inputs(run), artifact_id, artifact_id)
        await self._store.put(_users(artifact_id), str(run), run)

    async def outputs(self, run: RunKey) -> list[str]:
        """Ids of the versions that a run logged, in order."""
        return await self._store.records(_outputs(run))

    async def inputs(self, run: RunKey) -> list[str]:
        """Ids of the versions that a run uses, in order."""
        return await self._store.records(_inputs(run))

    async def users(self, artifact_id: str) -> list[RunKey]:
        """The runs that use a version, in order."""
        return await self._store.records(_users(artifact_id))


def _outputs(run: RunKey) -> str:
    return f"artifact-output/{run}"


def _inputs(run: RunKey) -> str:
    return f"artifact-input/{run}"


def _users(artifact_id: str) -> str:
    return f"artifact-user/{artifact_id}"
