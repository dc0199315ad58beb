"""Launch agents: registered, watched, asked to stop."""

from typing import Any

from mockwb.backend.errors import NotFoundError
from mockwb.backend.launch_agents import LaunchAgent
from mockwb.backend.projects import Project
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field
from mockwb.wire.graphql.resolvers.run_queue import queue_of


@field("Query", "launchAgent")
async def launch_agent(
    _root: None,
    context: GraphQLContext,
    id: str,  # noqa: A002
) -> LaunchAgent | None:
    """An agent by id; null if there is none."""
    agent = await context.world.launch_agents.find(id)
    if agent is not None:
        context.touch_project(agent.entity, agent.project)
    return agent


@field("Project", "launchAgents")
async def launch_agents(project: Project, context: GraphQLContext) -> list[LaunchAgent]:
    """The agents of the project's queues, oldest first."""
    return await context.world.launch_agents.of_project(project.entity, project.name)


@field("Mutation", "createLaunchAgent")
async def create_launch_agent(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Register an agent for queues of one project."""
    entity, project = values["entity_name"], values["project_name"]
    context.touch_project(entity, project)
    for queue_id in values["run_queues"]:
        queue = await queue_of(context, queue_id)
        if (queue.entity, queue.project) != (entity, project):
            raise NotFoundError(f"run queue {queue_id} not found in {entity}/{project}")
    agent = await context.world.launch_agents.create(
        entity,
        project,
        run_queues=list(values["run_queues"]),
        hostname=values["hostname"],
        agent_config=values.get("agent_config"),
        version=values.get("version"),
    )
    return {"launch_agent_id": agent.id, "success": True}


@field("Mutation", "updateLaunchAgent")
async def update_launch_agent(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """An agent tells its status, or somebody has it stop."""
    agents = context.world.launch_agents
    agent = await agents.get(values["launch_agent_id"])
    context.touch_project(agent.entity, agent.project)
    if values.get("agent_status") is not None:
        agent = await agents.report(agent, values["agent_status"])
    if values.get("stop_polling") is not None:
        await agents.ask_to_stop(agent, stop=values["stop_polling"])
    return {"success": True}
