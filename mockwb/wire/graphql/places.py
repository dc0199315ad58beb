"""Where things are: from the ids that clients send back to the project, and the run, they lie in.

`demand` asks, to know what a request is about before it runs.
"""

from typing import NamedTuple

from mockwb.backend.node_ids import node_parts
from mockwb.backend.run_queue import queue_id
from mockwb.backend.run_queue_items import item_numbers
from mockwb.backend.sweep import SweepKey
from mockwb.backend.sweep_agents import place_of_agent
from mockwb.backend.world import World


class Place(NamedTuple):
    """A project, or a run in it."""

    entity: str
    project: str
    run: str | None = None


async def place_of(world: World, text: str) -> Place | None:
    """Where the thing with this id is; None for an id that nothing has or that is in no project.

    Besides ids that the server gave out, those that clients give artifacts count.
    """
    run = node_parts("Run", text)
    if run is not None:
        return Place(run[3], run[2], run[1]) if len(run) == 4 else None
    project = node_parts("Project", text)
    if project is not None:
        return Place(project[2], project[1]) if len(project) == 3 else None
    file = node_parts("File", text)
    if file is not None:
        return Place(*file[1:4]) if len(file) > 4 else None
    agent = place_of_agent(text)
    sweep = SweepKey.from_storage_id(text) if agent is None else agent[0]
    if sweep is not None:
        return Place(sweep.entity, sweep.project)
    return await _place_of_view_or_queue(world, text) or await _place_of_artifact(world, text)


async def _place_of_view_or_queue(world: World, text: str) -> Place | None:
    """The same for reports and workspaces, and for what launch has."""
    item = item_numbers(text)
    if item is not None:
        text = queue_id(item[0])
    found = (
        await world.run_queues.find_by_id(text)
        or await world.launch_agents.find(text)
        or await world.views.find(text)
    )
    return None if found is None else Place(found.entity, found.project)


async def _place_of_artifact(world: World, text: str) -> Place | None:
    """The same for what belongs to an artifact, whose ids are mere numbers."""
    artifacts = world.artifacts
    manifest = await artifacts.manifests.get(text)
    if manifest is not None:
        text = manifest.artifact
    found = (
        await artifacts.versions.find(text)
        or await artifacts.collections.get(text)
        or await artifacts.versions.by_client_id(text)
    )
    return None if found is None else Place(found.entity, found.project)
