import pytest

from mockwb.backend.errors import InvalidError, NotFoundError
from mockwb.backend.launch_agents import LaunchAgents
from mockwb.backend.run_upsert import check_run_name
from mockwb.backend.world import World
from mockwb.clock import VirtualClock


@pytest.fixture
def agents(world: World) -> LaunchAgents:
    return world.launch_agents


async def test_an_agent_has_a_name_of_its_own_that_can_be_a_run_id(agents: LaunchAgents) -> None:
    made = [await agents.create("team", "p", run_queues=["q"], hostname="box") for _ in range(2)]
    assert len({agent.name for agent in made}) == 2
    check_run_name(made[0].name)
    assert await agents.of_project("team", "p") == made
    assert await agents.of_project("team", "other") == []


async def test_an_agent_that_reports_has_a_heartbeat_and_keeps_being_asked_to_stop(
    agents: LaunchAgents, clock: VirtualClock
) -> None:
    agent = await agents.create("team", "p", run_queues=["q"], hostname="box")
    await agents.ask_to_stop(agent)
    await clock.advance(5)
    await agents.report(await agents.get(agent.id), "RUNNING")
    later = await agents.get(agent.id)
    assert later.heartbeat_at == agent.heartbeat_at + 5
    assert (later.agent_status, later.stop_polling) == ("RUNNING", True)
    with pytest.raises(InvalidError, match="agent status must be one of"):
        await agents.report(later, "ASLEEP")


async def test_an_agent_that_is_not_there_is_not_found(agents: LaunchAgents) -> None:
    with pytest.raises(NotFoundError):
        await agents.get("nonsense")
