"""Reports and workspaces: saved, listed, deleted."""

from typing import Any

from mockwb.backend.projects import Project
from mockwb.backend.users import User
from mockwb.backend.views import View
from mockwb.wire.graphql.connections import page
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field

_KEPT = frozenset(
    {"type", "name", "display_name", "description", "spec", "created_using", "locked"}
)


@field("Query", "view")
async def view(_root: None, context: GraphQLContext, id: str) -> View | None:  # noqa: A002
    """A view by id; null if there is none."""
    found = await context.world.views.find(id)
    if found is not None:
        context.touch_project(found.entity, found.project)
    return found


@field("Project", "allViews")
async def all_views(
    project: Project,
    context: GraphQLContext,
    view_type: str | None = None,
    view_name: str | None = None,
    user_name: str | None = None,
    first: int | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    """The views of a project."""
    found = await context.world.views.of_project(
        project.entity, project.name, type_=view_type, name=view_name, user=user_name
    )
    return page(found, lambda view: view.number, first=first, after=after, descending=True)


@field("Mutation", "createView")
async def create_view(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Make a view."""
    return {"view": await _create(context, values)}


@field("Mutation", "upsertView")
async def upsert_view(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Make a view, or change the one whose id is given; it stays in its project."""
    if not values.get("id"):
        return {"view": await _create(context, values), "inserted": True}
    found = await context.world.views.get(values["id"])
    context.touch_project(found.entity, found.project)
    changed = await context.world.views.change(found, await _fields(context, values))
    return {"view": changed, "inserted": False}


@field("Mutation", "deleteView")
async def delete_view(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Delete a view; one with drafts only together with them."""
    views = context.world.views
    found = await views.get(values["id"])
    context.touch_project(found.entity, found.project)
    if await views.drafts_of(found) and not values.get("delete_drafts"):
        return {"success": False, "pending_drafts": True}
    await context.world.view_removal.remove(found)
    return {"success": True, "pending_drafts": False}


async def _create(context: GraphQLContext, values: dict[str, Any]) -> View:
    entity = values.get("entity_name") or context.entity
    project = values.get("project_name") or ""
    context.touch_project(entity, project)
    fields = await _fields(context, values)
    return await context.world.views.create(entity, project, context.user, fields)


async def _fields(context: GraphQLContext, values: dict[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in values.items() if name in _KEPT}
    if values.get("parent_id"):
        fields["parent"] = (await context.world.views.get(values["parent_id"])).id
    return fields


@field("View", "project")
async def project(view: View, context: GraphQLContext) -> Project | None:
    """Where it was saved."""
    return await context.world.projects.find(view.entity, view.project)


@field("View", "user")
async def user(view: View, context: GraphQLContext) -> User:
    """Who made it."""
    return await context.world.users.get(view.user)


@field("View", "parentId")
def parent_id(view: View, _context: GraphQLContext) -> str | None:
    """The report that it is a draft of."""
    return view.parent
