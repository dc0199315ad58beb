"""Deleting a project with its runs, and all projects of an entity."""

from mockwb.backend.errors import NotFoundError
from mockwb.backend.projects import Projects
from mockwb.backend.run_removal import RunRemoval
from mockwb.backend.runs import Runs


class ProjectRemoval:
    """The operation."""

    def __init__(self, projects: Projects, runs: Runs, run_removal: RunRemoval) -> None:
        """Work on the given nouns."""
        self._projects = projects
        self._runs = runs
        self._run_removal = run_removal

    async def remove(self, entity: str, name: str) -> None:
        """Drop the project and every run in it; NotFoundError without it."""
        if not await self._projects.delete(entity, name):
            raise NotFoundError(f"project {entity}/{name} not found")
        for run in await self._runs.of_project(entity, name):
            await self._run_removal.remove(run.key)

    async def remove_all(self, entity: str) -> None:
        """Drop every project of an entity."""
        for project in await self._projects.of_entity(entity):
            await self.remove(entity, project.name)
