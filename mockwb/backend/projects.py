"""Projects: made when the first run, or somebody by name, asks for them."""

from collections.abc import Mapping
from typing import Any

import msgspec

from mockwb.backend.entities import check_name
from mockwb.backend.node_ids import node_id
from mockwb.backend.store import Store
from mockwb.clock import Clock

UNCATEGORIZED = "uncategorized"
"""Where runs without a project go."""


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """One project."""

    entity: str
    name: str
    number: int
    """Unique on this server; SDKs send it back as an integer."""
    created_at: float
    """Seconds since the Unix epoch."""
    user: str
    """Who made it; empty for one that was declared."""
    description: str | None = None
    access: str = "PRIVATE"
    views: str | None = None
    """JSON text."""
    is_benchmark: bool = False
    framework: str | None = None
    repo: str | None = None
    docker_image: str | None = None

    @property
    def id(self) -> str:
        """Opaque id."""
        return node_id("Project", "v1", self.name, self.entity)

    @property
    def internal_id(self) -> str:
        """Opaque id around the number."""
        return node_id("ProjectInternalId", self.number)


class Projects:
    """All projects of one server."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Keep them in `store`."""
        self._store = store
        self._clock = clock

    async def find(self, entity: str, name: str) -> Project | None:
        """The project, or None."""
        project: Project | None = await self._store.get("project", f"{entity}/{name}")
        return project

    async def ensure(self, entity: str, name: str, user: str) -> tuple[Project, bool]:
        """The project, and whether it had to be made; InvalidError if a name is none."""
        project = await self.find(entity, name)
        if project is not None:
            return project, False
        check_name("entity", entity)
        check_name("project", name)
        project = Project(
            entity=entity,
            name=name,
            number=await self._store.next_number("project"),
            created_at=self._clock.wall(),
            user=user,
        )
        await self.put(project)
        return project, True

    async def change(self, project: Project, fields: Mapping[str, Any]) -> Project:
        """The project with `fields` replaced; None leaves a field as it is."""
        given = {name: value for name, value in fields.items() if value is not None}
        changed = msgspec.structs.replace(project, **given)
        await self.put(changed)
        return changed

    async def put(self, project: Project) -> None:
        """Store a new or changed project."""
        await self._store.put("project", f"{project.entity}/{project.name}", project)

    async def delete(self, entity: str, name: str) -> bool:
        """Drop the record alone; whether there was one."""
        return await self._store.delete("project", f"{entity}/{name}")

    async def of_entity(self, entity: str) -> list[Project]:
        """All projects of an entity, newest first."""
        records = await self._store.records("project")
        return [project for project in reversed(records) if project.entity == entity]
