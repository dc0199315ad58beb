import pytest

from mockwb.backend.errors import ConflictError, InvalidError, NotFoundError
from mockwb.backend.run_queue_configs import ConfigText
from mockwb.backend.run_queues import QueuePath
from mockwb.backend.world import World

PATH = QueuePath("team", "model-registry", "q")
PLAIN = ConfigText("kubernetes", '{"resource_args": {"kubernetes": {}}}', None)


async def test_a_queue_makes_its_project_and_is_the_only_one_of_its_name(world: World) -> None:
    queue = await world.run_queues.create(PATH, "ada", "USER", "V0")
    assert await world.projects.find("team", "model-registry") is not None
    assert await world.run_queues.get(queue.id) == queue
    with pytest.raises(ConflictError, match="team/model-registry/q already exists"):
        await world.run_queues.create(PATH, "ada", "PROJECT")


@pytest.mark.parametrize("name", ["", "a/b", "x" * 65])
async def test_a_name_that_is_none_is_refused(world: World, name: str) -> None:
    with pytest.raises(InvalidError, match="run queue name"):
        await world.run_queues.create(PATH._replace(name=name), "ada", "PROJECT")


async def test_another_entitys_configuration_is_refused(world: World) -> None:
    config = await world.resource_configs.create("others", PLAIN)
    with pytest.raises(NotFoundError, match="default resource config"):
        await world.run_queues.create(PATH, "ada", "PROJECT", config=config.id)


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        (PLAIN._replace(resource="moon"), "resource 'moon' is unknown"),
        (PLAIN._replace(config="[1]"), "resource config must be a JSON object"),
        (PLAIN._replace(config='{"resource_args": 1}'), "resource_args"),
        (PLAIN._replace(variables="x"), "template variables is not valid JSON"),
    ],
)
async def test_a_configuration_that_is_none_changes_nothing(
    world: World, told: ConfigText, complaint: str
) -> None:
    queue, _errors = await world.run_queues.upsert(PATH, "ada", PLAIN, None, None)
    with pytest.raises(InvalidError, match=complaint):
        await world.run_queues.upsert(PATH, "ada", told, None, None)
    assert await world.run_queues.find(PATH) == queue


async def test_an_upsert_keeps_the_queue_and_the_id_of_its_configuration(world: World) -> None:
    links = '{"links": [{"label": "a", "url": "b"}]}'
    queue, errors = await world.run_queues.upsert(PATH, "ada", PLAIN, "V0", links)
    told = ConfigText("sagemaker", '{"resource_args": {"kubernetes": "{{x}}"}}', None)
    changed, doubts = await world.run_queues.upsert(PATH, "ada", told, None, None)
    assert errors == []
    assert doubts == [
        "{{x}} is no template variable",
        "resource_args of kubernetes, but it is sagemaker",
    ]
    assert changed == queue
    assert queue.config is not None
    config = await world.resource_configs.find(queue.config)
    assert config is not None
    assert config.resource == "sagemaker"


@pytest.mark.parametrize("links", ["[]", '{"links": 1}', '{"links": [{"label": "a"}]}'])
async def test_links_that_are_none_are_refused(world: World, links: str) -> None:
    with pytest.raises(InvalidError, match="external links"):
        await world.run_queues.upsert(PATH, "ada", PLAIN, None, links)
    assert await world.run_queues.find(PATH) is None


async def test_deleting_the_project_empties_its_queues(world: World) -> None:
    queue, _errors = await world.run_queues.upsert(PATH, "ada", PLAIN, None, None)
    item = await world.run_queue_items.push(queue, "ada", {})
    await world.project_removal.remove("team", "model-registry")
    assert await world.run_queues.find_by_id(queue.id) is None
    assert await world.run_queue_items.find(item.id) is None
    assert queue.config is not None
    assert await world.resource_configs.find(queue.config) is None


async def test_a_configuration_that_two_queues_share_outlives_the_first(world: World) -> None:
    config = await world.resource_configs.create("team", PLAIN)
    first = await world.run_queues.create(PATH, "ada", "PROJECT", config=config.id)
    second = PATH._replace(name="q2")
    await world.run_queues.create(second, "ada", "PROJECT", config=config.id)
    await world.run_queue_removal.remove(first)
    assert await world.resource_configs.find(config.id) == config
