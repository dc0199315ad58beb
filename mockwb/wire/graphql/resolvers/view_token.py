"""Magic links of reports."""

from collections.abc import Sequence
from typing import Any

from mockwb.backend.errors import NotFoundError
from mockwb.backend.projects import Project
from mockwb.backend.view_tokens import ViewToken
from mockwb.backend.views import View
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field


@field("View", "accessTokens")
async def access_tokens(view: View, context: GraphQLContext) -> list[ViewToken]:
    """Revoked ones too; nothing for those who may only read."""
    permissions = context.world.permissions
    if not await permissions.may_write(context.user, view.entity, view.project):
        return []
    return await context.world.view_tokens.of_view(view)


@field("Mutation", "createAccessToken")
async def create_access_token(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """A new link to a report."""
    view = await _writable(context, values["view_id"])
    projects = await _readable(context, values["projects"])
    return {"access_token": await context.world.view_tokens.create(view, projects)}


@field("Mutation", "updateAccessTokenProjects")
async def update_access_token_projects(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Say anew which projects the link's report shows."""
    token = await context.world.view_tokens.get(values["token"])
    await _writable(context, token.view)
    projects = await _readable(context, values["projects"])
    await context.world.view_tokens.change_projects(token, projects)
    return {"success": True}


@field("Mutation", "revokeAccessToken")
async def revoke_access_token(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """End a link."""
    token = await context.world.view_tokens.get(values["token"])
    await _writable(context, token.view)
    await context.world.view_tokens.revoke(token)
    return {"success": True}


@field("AccessToken", "type")
def type_(_token: ViewToken, _context: GraphQLContext) -> str:
    """There is one kind."""
    return "PUBLIC"


@field("AccessToken", "projects")
async def projects(token: ViewToken, context: GraphQLContext) -> list[Project]:
    """Those that are still there."""
    found = [await context.world.projects.find(*place) for place in token.projects]
    return [project for project in found if project is not None]


async def _writable(context: GraphQLContext, view_id: str) -> View:
    """The view; ForbiddenError unless the caller may write to its project."""
    view = await context.world.views.get(view_id)
    context.touch_project(view.entity, view.project)
    await context.world.permissions.check_write(context.user, view.entity, view.project)
    return view


async def _readable(
    context: GraphQLContext, specifiers: Sequence[dict[str, str]]
) -> list[tuple[str, str]]:
    """The places; NotFoundError for one that is not there or that the caller may not read."""
    places = []
    for specifier in specifiers:
        entity, name = specifier["entity_name"], specifier["project_name"]
        found = await context.world.projects.find(entity, name)
        if found is None or not await context.world.permissions.may_read(
            context.user, entity, name
        ):
            raise NotFoundError(f"project {entity}/{name} not found")
        places.append((entity, name))
    return places
