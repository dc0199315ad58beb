"""The fixture service: makes users, organisations and teams for W&B's own SDK test suite.

It has a port of its own and speaks what the suite's `backend_fixtures.py` says: `POST /db/user`,
`/db/organization` and `/db/team` with a command. The API key of a user is the user's name. Whoever
reaches the port may use it.
"""

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from mockwb.backend.errors import NotFoundError
from mockwb.backend.members import Role
from mockwb.backend.world import World
from mockwb.config.model import BodiesConfig
from mockwb.wire.body import gunzipped, read_body
from mockwb.wire.errors import RequestError
from mockwb.wire.exchange import Handler


class UserCommand(msgspec.Struct, rename="camel"):
    """The body of `/db/user`."""

    command: str
    username: str | None = None
    admin: bool | None = None


class FixtureMember(msgspec.Struct, rename="camel"):
    """A user who joins an organisation."""

    username: str
    role: Role = Role.MEMBER


class Members(msgspec.Struct, rename="camel"):
    """Who joins."""

    members: list[FixtureMember] = []


class OrganizationCommand(msgspec.Struct, rename="camel"):
    """The body of `/db/organization`."""

    command: str
    org_name: str
    username: str | None = None
    fixture_data: Members | None = None


class Named(msgspec.Struct, rename="camel"):
    """A team or an organisation."""

    name: str


class TeamAndOrganization(msgspec.Struct, rename="camel"):
    """A team and what it belongs to."""

    team: Named
    organization: Named | None = None


class TeamCommand(msgspec.Struct, rename="camel"):
    """The body of `/db/team`."""

    command: str
    username: str | None = None
    fixture_data: TeamAndOrganization | None = None


class FixtureService:
    """Carries out commands; each may come again, and changes nothing then."""

    def __init__(self, world: World, bodies: BodiesConfig) -> None:
        """Change the people of `world`."""
        self._world = world
        self._bodies = bodies

    def add_routes(self, add_route: Callable[[str, str, Handler], object]) -> None:
        """Serve all paths through `add_route(method, path, handler)`."""
        add_route("GET", "/health", _healthy)
        add_route("POST", "/db/user", self._handler(UserCommand, self.user))
        add_route("POST", "/db/organization", self._handler(OrganizationCommand, self.organization))
        add_route("POST", "/db/team", self._handler(TeamCommand, self.team))

    def _handler(
        self, kind: type[msgspec.Struct], carry_out: Callable[..., Awaitable[None]]
    ) -> Handler:
        decoder = msgspec.json.Decoder(kind)

        async def handle(request: web.BaseRequest) -> web.Response:
            body = await gunzipped(request, await read_body(request, self._bodies), self._bodies)
            try:
                command = decoder.decode(body)
            except msgspec.DecodeError as error:
                raise RequestError(400, f"{request.path}: {error}") from error
            await carry_out(command)
            return web.json_response({})

        return handle

    async def user(self, order: UserCommand) -> None:
        """Make a user with a personal entity, or delete one, or all."""
        people = self._world.people
        if order.command == "down_all":
            for user in await self._world.users.all():
                await people.remove_user(user.username)
            return
        if order.command in ("login", "logout"):  # of a browser
            return
        username = _needed(order.username, "username")
        if order.command in ("up", "password"):
            found = await self._world.users.find(username)
            if order.command == "up" or found is None:
                await people.put_user(username, key=username, admin=bool(order.admin))
            else:
                await self._world.api_keys.add(username, username)
        elif order.command == "down":
            if await self._world.users.find(username) is not None:
                await people.remove_user(username)
        else:
            raise _unknown(order.command)

    async def organization(self, order: OrganizationCommand) -> None:
        """Make an organisation with an admin, let users join, or delete it."""
        people, name = self._world.people, order.org_name
        found = await self._world.organizations.find(name)
        known = [(one.username, one.role) for one in found.members] if found is not None else []
        joining = [(one.username, one.role) for one in _members(order)]
        if order.command == "up":
            admin = (_needed(order.username, "username"), Role.ADMIN)
            await people.put_organization(name, [admin, *joining, *known])
        elif order.command == "add_members":
            if found is None:
                raise NotFoundError(f"organization {name} not found")
            await people.put_organization(name, [*joining, *known])
        elif order.command == "down":
            if found is not None:
                await people.remove_organization(name)
        else:
            raise _unknown(order.command)

    async def team(self, order: TeamCommand) -> None:
        """Make a team with an admin, or delete that team alone."""
        data = order.fixture_data
        if data is None:
            raise RequestError(400, "fixtureData is missing")
        people, name = self._world.people, data.team.name
        found = await self._world.teams.find(name)
        if order.command == "up":
            admin = (_needed(order.username, "username"), Role.ADMIN)
            known = [(one.username, one.role) for one in found.members] if found else []
            members = [admin, *(one for one in known if one[0] and one[0] != admin[0])]
            above = data.organization.name if data.organization is not None else None
            await people.put_team(name, members, above)
        elif order.command == "down":
            if found is not None:
                await people.remove_team(name)
        else:
            raise _unknown(order.command)


async def _healthy(_request: web.BaseRequest) -> web.Response:
    return web.json_response({"status": "ok"})


def _members(order: OrganizationCommand) -> list[FixtureMember]:
    return order.fixture_data.members if order.fixture_data is not None else []


def _needed(value: str | None, name: str) -> str:
    if not value:
        raise RequestError(400, f"{name} is missing")
    return value


def _unknown(command: str) -> RequestError:
    return RequestError(400, f"command {command!r} is unknown")
