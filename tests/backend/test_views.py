import pytest

from mockwb.backend.errors import ConflictError, InvalidError, NotFoundError
from mockwb.backend.views import View
from mockwb.backend.world import World
from mockwb.clock import VirtualClock

SPEC = '{"blocks":  [1, 2], "x": "\\u00e9"}'


@pytest.fixture
async def report(world: World) -> View:
    await world.projects.ensure("team", "p", "ada")
    fields = {"name": "n", "display_name": "Shown", "spec": SPEC, "description": None}
    return await world.views.create("team", "p", "ada", fields)


async def test_a_spec_is_kept_to_the_letter(world: World, report: View) -> None:
    assert (await world.views.get(report.id)).spec == SPEC


async def test_a_view_is_found_without_the_padding_of_its_id(world: World, report: View) -> None:
    for _ in range(12):  # ids of other lengths
        await world.views.create("team", "p", "ada", {})
    for view in await world.views.of_project("team", "p"):
        assert await world.views.find(view.id.rstrip("=")) == view


async def test_a_change_leaves_what_it_does_not_name(
    world: World, report: View, clock: VirtualClock
) -> None:
    await clock.advance(5)
    changed = await world.views.change(report, {"display_name": "New", "spec": None})
    assert (changed.display_name, changed.spec, changed.name) == ("New", SPEC, "n")
    assert changed.updated_at == changed.created_at + 5
    assert await world.views.get(report.id) == changed


@pytest.mark.parametrize("fields", [{"spec": "no JSON"}, {"spec": "[]"}, {"type": ""}])
async def test_what_cannot_be_a_view_is_refused(
    world: World, report: View, fields: dict[str, str]
) -> None:
    with pytest.raises(InvalidError, match="view"):
        await world.views.change(report, fields)
    assert await world.views.get(report.id) == report
    with pytest.raises(NotFoundError, match="project team/none not found"):
        await world.views.create("team", "none", "ada", {})


async def test_views_are_listed_by_type_and_by_either_name(world: World, report: View) -> None:
    workspace = await world.views.create("team", "p", "bob", {"type": "project-view", "name": "w"})
    views = world.views
    assert await views.of_project("team", "p") == [workspace, report]
    assert await views.of_project("team", "p", type_="runs") == [report]
    assert await views.of_project("team", "p", name="Shown") == [report]
    assert await views.of_project("team", "p", name="w") == [workspace]
    assert await views.of_project("team", "p", user="bob") == [workspace]


async def test_with_a_project_go_its_views_and_their_links(world: World, report: View) -> None:
    token = await world.view_tokens.create(report, [("team", "p")])
    await world.project_removal.remove("team", "p")
    assert await world.views.find(report.id) is None
    with pytest.raises(NotFoundError):
        await world.view_tokens.get(token.token)


async def test_a_chart_is_the_only_one_of_its_name(world: World) -> None:
    kind = {"display_name": "C", "type_": "vega2", "access": "PUBLIC", "spec": "{}"}
    chart = await world.charts.create("team", "c", "ada", **kind)
    assert await world.charts.find("team/c") == chart
    with pytest.raises(ConflictError, match="team/c already exists"):
        await world.charts.create("team", "c", "ada", **kind)
    for wrong in ({"type_": "vega9"}, {"access": "SECRET"}, {"spec": "x"}):
        with pytest.raises(InvalidError, match="chart"):
            await world.charts.create("team", "d", "ada", **{**kind, **wrong})
