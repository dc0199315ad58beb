from mockwb.backend.world import World


async def test_a_project_is_made_once(world: World) -> None:
    made, inserted = await world.projects.ensure("team", "vision", "ada")
    again, inserted_again = await world.projects.ensure("team", "vision", "bob")
    assert (inserted, inserted_again) == (True, False)
    assert again == made
    assert again.user == "ada"


async def test_projects_of_the_same_name_in_two_entities_are_two(world: World) -> None:
    one, _ = await world.projects.ensure("a", "vision", "ada")
    two, _ = await world.projects.ensure("b", "vision", "ada")
    assert one.number != two.number
    assert one.id != two.id
    assert one.internal_id != two.internal_id


async def test_projects_are_listed_newest_first(world: World) -> None:
    for entity, name in (("team", "one"), ("other", "x"), ("team", "two")):
        await world.projects.ensure(entity, name, "ada")
    assert [p.name for p in await world.projects.of_entity("team")] == ["two", "one"]


async def test_changes_leave_what_they_do_not_name(world: World) -> None:
    project, _ = await world.projects.ensure("team", "vision", "ada")
    project = await world.projects.change(project, {"description": "d", "access": None})
    assert (project.description, project.access) == ("d", "PRIVATE")
    assert await world.projects.find("team", "vision") == project
