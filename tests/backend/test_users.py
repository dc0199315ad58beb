import pytest

from mockwb.backend.errors import InvalidError
from mockwb.backend.world import World


async def test_a_user_is_made_when_first_seen_and_stays_the_same(world: World) -> None:
    ada = await world.users.get("ada")
    bob = await world.users.get("bob")
    assert await world.users.get("ada") == ada
    assert ada.id != bob.id
    assert (ada.entity, ada.name, ada.email) == ("ada", "ada", "ada@mockwb.invalid")


async def test_users_are_found_by_part_of_name_or_address_exact_ones_first(world: World) -> None:
    for name in ("adam", "ada", "bob"):
        await world.users.get(name)
    assert [user.username for user in await world.users.search("ada")] == ["ada", "adam"]
    assert [user.username for user in await world.users.search("bob@mockwb.invalid")] == ["bob"]
    assert await world.users.search("nobody") == []


async def test_a_users_name_is_a_personal_entity_and_any_other_a_team(world: World) -> None:
    ada = await world.users.get("ada")
    own = await world.entities.get("ada")
    team = await world.entities.get("team")
    assert (own.user, own.is_team, own.entity_type) == (ada, False, "user")
    assert (team.user, team.is_team, team.entity_type) == (None, True, "team")


@pytest.mark.parametrize("name", ["", "a/b", "a\nb", "..", "x" * 129])
async def test_names_that_no_path_can_hold_are_refused(world: World, name: str) -> None:
    with pytest.raises(InvalidError, match="entity name"):
        await world.entities.get(name)
