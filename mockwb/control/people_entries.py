"""`/_mockwb/people/...`: one user, team, organisation or project declared or removed at a time."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from mockwb.backend.errors import BackendError, ConflictError, NotFoundError
from mockwb.backend.world import World
from mockwb.config.people import OrganizationEntry, ProjectEntry, TeamEntry, UserEntry
from mockwb.control import declarations
from mockwb.control.answers import RefusedCallError
from mockwb.control.people import PeopleState, people_state
from mockwb.control.resource import Call, Operation, Parameter

_log = logging.getLogger(__name__)

_STATUS: dict[type[BackendError], int] = {NotFoundError: 404, ConflictError: 409}
_ERRORS = {
    404: "It refers to a user, an organization or an entity that is not there",
    409: "A name, a key or an address belongs to somebody else",
}
_GONE = {404: "There is none of that name"}


class DeclaredUser(msgspec.Struct, frozen=True):
    """A user, after a change."""

    name: str
    key: str | None
    """The API key if it is new, this once; else null."""


class UsersResource:
    """Declares and removes users."""

    name = "users"
    path = "/_mockwb/people/users"

    def __init__(self, world: World) -> None:
        self._world = world
        what = "Declare a user, or replace what is known of one; keys only come on top"
        self.operations = [
            Operation("PUT", what, self.put, DeclaredUser, body=UserEntry, errors=_ERRORS),
            _removal("a user with keys, memberships and own projects", self.delete),
        ]

    async def put(self, call: Call) -> DeclaredUser:
        """The key is told if it is new."""
        user, key = await _run(declarations.put_user(self._world, call.body), call, "put user")
        return DeclaredUser(user.username, key.secret if key is not None else None)

    async def delete(self, call: Call) -> PeopleState:
        """Runs in other entities stay."""
        remove = self._world.people.remove_user
        return await _removed(self._world, remove, call, "removed user")


class TeamsResource:
    """Declares and removes teams."""

    name = "teams"
    path = "/_mockwb/people/teams"

    def __init__(self, world: World) -> None:
        self._world = world
        what = "Declare a team, or replace its members; service accounts and invitations stay"
        self.operations = [
            Operation("PUT", what, self.put, PeopleState, body=TeamEntry, errors=_ERRORS),
            _removal("a team with its projects", self.delete),
        ]

    async def put(self, call: Call) -> PeopleState:
        """Everybody afterwards."""
        await _run(declarations.put_team(self._world, call.body), call, "put team")
        return await people_state(self._world)

    async def delete(self, call: Call) -> PeopleState:
        """Its service accounts keep their keys and have nowhere to write to."""
        remove = self._world.people.remove_team
        return await _removed(self._world, remove, call, "removed team")


class OrganizationsResource:
    """Declares and removes organisations."""

    name = "organizations"
    path = "/_mockwb/people/organizations"

    def __init__(self, world: World) -> None:
        self._world = world
        what = "Declare an organisation, or replace its members"
        self.operations = [
            Operation("PUT", what, self.put, PeopleState, body=OrganizationEntry, errors=_ERRORS),
            _removal("an organisation with its teams and all their projects", self.delete),
        ]

    async def put(self, call: Call) -> PeopleState:
        """Everybody afterwards."""
        put = declarations.put_organization(self._world, call.body)
        await _run(put, call, "put organization")
        return await people_state(self._world)

    async def delete(self, call: Call) -> PeopleState:
        """Its members stay."""
        remove = self._world.people.remove_organization
        return await _removed(self._world, remove, call, "removed organization")


class ProjectsResource:
    """Declares projects, and who may see them."""

    name = "projects"
    path = "/_mockwb/people/projects"

    def __init__(self, world: World) -> None:
        self._world = world
        what = "Make a project, or say who may see one"
        self.operations = [
            Operation("PUT", what, self.put, ProjectEntry, body=ProjectEntry, errors=_ERRORS)
        ]

    async def put(self, call: Call) -> ProjectEntry:
        """It as it is now."""
        await _run(declarations.put_project(self._world, call.body), call, "put project")
        entry: ProjectEntry = call.body
        return entry


def _removal(what: str, run: Callable[[Call], Awaitable[object]]) -> Operation:
    parameter = Parameter("name", "the name", required=True)
    summary = f"Remove {what}"
    return Operation("DELETE", summary, run, PeopleState, parameters=(parameter,), errors=_GONE)


async def _removed(
    world: World, remove: Callable[[str], Awaitable[None]], call: Call, what: str
) -> PeopleState:
    (name,) = call.every("name")
    await _run(remove(name), call, f"{what} {name}")
    return await people_state(world)


async def _run(change: Awaitable[Any], call: Call, what: str) -> Any:
    """Its result; a refusal becomes an answer with the status that is described for it."""
    try:
        result = await change
    except BackendError as error:
        raise RefusedCallError(_STATUS.get(type(error), 400), str(error)) from error
    name = getattr(call.body, "name", "")
    _log.info("people: %s, by %s", f"{what} {name}".strip(), call.origin)
    return result
