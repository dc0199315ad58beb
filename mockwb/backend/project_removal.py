"""Deleting a project with all that is in it, and all projects of an entity."""

from mockwb.backend.errors import NotFoundError
from mockwb.backend.projects import Projects
from mockwb.backend.run_queue_removal import RunQueueRemoval
from mockwb.backend.run_removal import RunRemoval
from mockwb.backend.runs import Runs
from mockwb.backend.sweep_world import SweepWorld
from mockwb.backend.view_removal import ViewRemoval


class ProjectRemoval:
    """The operation."""

    def __init__(
        self,
        projects: Projects,
        runs: Runs,
        run_removal: RunRemoval,
        run_queue_removal: RunQueueRemoval,
        view_removal: ViewRemoval,
        sweeps: SweepWorld,
    ) -> None:
        """Work on the given nouns."""
        self._projects = projects
        self._runs = runs
        self._run_removal = run_removal
        self._run_queue_removal = run_queue_removal
        self._view_removal = view_removal
        self._sweeps = sweeps

    async def remove(self, entity: str, name: str) -> None:
        """Drop the project and all that is in it; NotFoundError without it."""
        if not await self._projects.delete(entity, name):
            raise NotFoundError(f"project {entity}/{name} not found")
        await self._sweeps.remove_all(entity, name)
        for run in await self._runs.of_project(entity, name):
            await self._run_removal.remove(run.key)
        await self._run_queue_removal.remove_all(entity, name)
        await self._view_removal.remove_all(entity, name)

    async def remove_all(self, entity: str) -> None:
        """Drop every project of an entity."""
        for project in await self._projects.of_entity(entity):
            await self.remove(entity, project.name)
