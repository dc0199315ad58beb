"""Projects: found, listed, made by name."""

from typing import Any

from mockwb.backend.entities import Entity
from mockwb.backend.errors import InvalidError
from mockwb.backend.node_ids import node_parts
from mockwb.backend.projects import UNCATEGORIZED, Project
from mockwb.backend.users import User
from mockwb.wire.graphql.connections import page
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field

_OF_REGISTRIES = ("allow_all_artifact_types_in_registry", "artifact_types")


@field("Query", "project")
@field("Query", "model")
async def project(
    _root: None,
    context: GraphQLContext,
    name: str | None = None,
    entity_name: str | None = None,
) -> Project | None:
    """A project by name; null if there is none, as SDKs expect of everything absent."""
    entity, name = entity_name or context.entity, name or UNCATEGORIZED
    context.touch_project(entity, name)
    return await context.world.projects.find(entity, name)


@field("Query", "models")
async def projects(
    _root: None,
    context: GraphQLContext,
    entity_name: str | None = None,
    first: int | None = None,
    after: str | None = None,
) -> dict[str, Any] | None:
    """The projects of an entity that the caller may see, newest first; null for no such entity."""
    entity = entity_name or context.entity
    permissions = context.world.permissions
    found = await context.world.projects.of_entity(entity)
    seen = [p for p in found if await permissions.may_read(context.user, entity, p.name)]
    if not seen and not await permissions.may_see(context.user, entity):
        return None
    return page(seen, lambda project: project.number, first=first, after=after, descending=True)


@field("Mutation", "upsertModel")
async def upsert_model(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Make a project or change it; None leaves a field as it is."""
    if any(values.get(key) is not None for key in _OF_REGISTRIES):
        raise InvalidError("upsertModel: mockwb does not serve registries yet")
    entity, name = _named(context, values)
    context.touch_project(entity, name)
    project, inserted = await context.world.projects.ensure(entity, name, context.user)
    kept = {k: v for k, v in values.items() if k in Project.__struct_fields__ and k != "name"}
    project = await context.world.projects.change(project, kept)
    return {"project": project, "model": project, "inserted": inserted}


@field("Mutation", "deleteModel")
async def delete_model(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Drop a project and its runs."""
    entity, name = _named(context, values)
    context.touch_project(entity, name)
    await context.world.project_removal.remove(entity, name)
    return {"success": True}


def _named(context: GraphQLContext, values: dict[str, Any]) -> tuple[str, str]:
    """(entity, project) by id or by names."""
    if values.get("id"):
        parts = node_parts("Project", values["id"])
        if parts is None or len(parts) != 3:
            raise InvalidError(f"project id {values['id']!r} is none")
        return parts[2], parts[1]
    return values.get("entity_name") or context.entity, values.get("name") or UNCATEGORIZED


@field("Project", "entityName")
def entity_name(project: Project, _context: GraphQLContext) -> str:
    """Who owns it."""
    return project.entity


@field("Project", "entity")
async def entity(project: Project, context: GraphQLContext) -> Entity:
    """Who owns it."""
    return await context.world.entities.get(project.entity)


@field("Project", "user")
async def user(project: Project, context: GraphQLContext) -> User | None:
    """Who made it; null for a declared one."""
    return await context.world.users.get(project.user) if project.user else None


@field("Project", "readOnly")
async def read_only(project: Project, context: GraphQLContext) -> bool:
    """Whether the caller may not write; SDKs take null for read-only."""
    permissions = context.world.permissions
    return not await permissions.may_write(context.user, project.entity, project.name)


@field("Project", "totalRuns")
async def total_runs(project: Project, context: GraphQLContext) -> int:
    """Runs in the project now."""
    return len(await context.world.runs.of_project(project.entity, project.name))
