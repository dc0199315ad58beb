"""Roles of users in entities, and what they come to in projects."""

import pytest

from mockwb.backend.members import Role
from mockwb.backend.world import World


@pytest.fixture
async def world(world: World) -> World:
    """The organisation of boss, kim and vic owns crew, which ada, vic and bob are in."""
    for name in ("ada", "bob", "boss", "eve", "kim", "vic"):
        await world.people.put_user(name)
    await world.people.put_user("root", admin=True)
    roles = [("boss", Role.ADMIN), ("kim", Role.MEMBER), ("vic", Role.VIEWER)]
    await world.people.put_organization("Acme", roles)
    members = [("ada", Role.ADMIN), ("vic", Role.MEMBER), ("bob", Role.MEMBER)]
    await world.people.put_team("crew", members, "Acme")
    return world


@pytest.mark.parametrize(
    ("user", "entity", "role"),
    [
        ("ada", "ada", Role.ADMIN),
        ("ada", "crew", Role.ADMIN),
        ("bob", "crew", Role.MEMBER),
        ("vic", "crew", Role.VIEWER),
        ("boss", "crew", Role.ADMIN),
        ("kim", "crew", None),
        ("eve", "crew", None),
        ("root", "crew", Role.ADMIN),
        ("kim", "Acme-org", Role.MEMBER),
        ("ada", "Acme-org", None),
        ("ada", "bob", None),
        ("nobody", "crew", None),
    ],
)
async def test_roles_come_from_teams_and_what_is_above_them(
    world: World, user: str, entity: str, role: Role | None
) -> None:
    assert await world.permissions.role(user, entity) == role


@pytest.mark.parametrize(
    ("access", "readers", "writers"),
    [
        ("PRIVATE", "ada bob boss root vic", "ada bob boss root"),
        ("USER_READ", "ada bob boss eve kim root vic", "ada bob boss root"),
        ("USER_WRITE", "ada bob boss eve kim root vic", "ada bob boss eve kim root vic"),
        ("RESTRICTED", "ada bob boss root", "ada bob boss root"),
    ],
)
async def test_access_of_a_project_that_bob_made_opens_and_closes_it(
    world: World, access: str, readers: str, writers: str
) -> None:
    project, _ = await world.projects.ensure("crew", "vision", "bob")
    await world.projects.change(project, {"access": access})
    ask = world.permissions
    users = [user.username for user in await world.users.all()]
    place = ("crew", "vision")
    assert sorted([u for u in users if await ask.may_read(u, *place)]) == readers.split()
    assert sorted([u for u in users if await ask.may_write(u, *place)]) == writers.split()


async def test_until_people_are_declared_everybody_may_do_everything(world: World) -> None:
    await world.people.forget()
    assert await world.permissions.may_write("x", "y", "z")
    assert await world.permissions.may_see("x", "y")
    assert await world.permissions.administers("x", "y")
    assert await world.permissions.administers_server("x")
    await world.permissions.check_write("x", "y", "z")


async def test_a_deleted_user_is_gone_from_everywhere_but_from_runs(world: World) -> None:
    await world.projects.ensure("bob", "own", "bob")
    await world.people.remove_user("bob")
    assert await world.users.find("bob") is None
    assert (await world.users.get("bob")).deleted_at is not None
    assert await world.api_keys.of_user("bob") == []
    assert await world.projects.of_entity("bob") == []
    team = await world.teams.find("crew")
    assert team is not None
    assert [member.username for member in team.members] == ["ada", "vic"]
