"""The sweeps' part of the world: their nouns and operations, as resolvers reach them."""

from mockwb.backend.history import History
from mockwb.backend.projects import Projects
from mockwb.backend.run_listing import RunListing
from mockwb.backend.run_upsert import RunUpsert
from mockwb.backend.runs import Runs
from mockwb.backend.store import Store
from mockwb.backend.summary import Summaries
from mockwb.backend.sweep_agents import SweepAgents
from mockwb.backend.sweep_controller import SweepController
from mockwb.backend.sweep_heartbeat import SweepHeartbeat
from mockwb.backend.sweep_launch import SweepLaunch
from mockwb.backend.sweep_planner import SweepPlanner
from mockwb.backend.sweep_runs import SweepRuns
from mockwb.backend.sweep_upsert import SweepUpsert
from mockwb.backend.sweeps import Sweeps
from mockwb.clock import Clock


class SweepWorld:
    """Everything about sweeps."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        projects: Projects,
        runs: Runs,
        run_upsert: RunUpsert,
        run_listing: RunListing,
        metrics: tuple[Summaries, History],
        launch: SweepLaunch,
    ) -> None:
        """Build it over the given nouns."""
        self.all = Sweeps(store, clock)
        self.runs = SweepRuns(store, runs, run_upsert, run_listing)
        self.agents = SweepAgents(store, clock)
        self.planner = SweepPlanner(runs, *metrics, self.runs)
        self.heartbeat = SweepHeartbeat(clock, runs, self.all, self.runs, self.agents, self.planner)
        controller = SweepController(runs, self.all, self.runs)
        self.upsert = SweepUpsert(
            store, clock, projects, run_listing, self.all, self.runs, (controller, launch)
        )

    async def remove_all(self, entity: str, project: str) -> None:
        """Drop every sweep of a project."""
        for sweep in await self.all.of_project(entity, project):
            await self.upsert.delete(sweep.key)
