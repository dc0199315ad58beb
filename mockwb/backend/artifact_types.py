"""Types of artifacts: made when first named."""

from mockwb.backend.artifact import ArtifactType
from mockwb.backend.errors import InvalidError
from mockwb.backend.node_ids import node_id
from mockwb.backend.store import Store
from mockwb.clock import Clock

MAX_NAME = 128


class ArtifactTypes:
    """All artifact types of one server."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Keep them in `store`."""
        self._store = store
        self._clock = clock

    async def ensure(self, entity: str, project: str, name: str) -> ArtifactType:
        """The type of that name; made if there is none yet."""
        kept = await self.find(entity, project, name)
        if kept is not None:
            return kept
        if not 0 < len(name) <= MAX_NAME:
            raise InvalidError(f"artifact type name must have 1 to {MAX_NAME} characters")
        created = ArtifactType(
            id=node_id("ArtifactType", await self._store.next_number("artifact-type")),
            entity=entity,
            project=project,
            name=name,
            created_at=self._clock.wall(),
        )
        await self._store.put(_table(entity, project), name, created)
        return created

    async def find(self, entity: str, project: str, name: str) -> ArtifactType | None:
        """The type, or None."""
        found: ArtifactType | None = await self._store.get(_table(entity, project), name)
        return found

    async def of_project(self, entity: str, project: str) -> list[ArtifactType]:
        """All types of a project, oldest first."""
        return await self._store.records(_table(entity, project))


def _table(entity: str, project: str) -> str:
    return f"artifact-type/{entity}/{project}"
