"""The pretend W&B as a whole: every noun of the backend over one store."""

from mockwb.backend.alerts import Alerts
from mockwb.backend.api_keys import ApiKeys
from mockwb.backend.artifacts import Artifacts
from mockwb.backend.charts import Charts
from mockwb.backend.console import Console
from mockwb.backend.entities import Entities
from mockwb.backend.file_stream import FileStream
from mockwb.backend.history import History
from mockwb.backend.history_export import HistoryExport
from mockwb.backend.invites import Invites
from mockwb.backend.launch_agents import LaunchAgents
from mockwb.backend.organizations import Organizations
from mockwb.backend.people import People
from mockwb.backend.permissions import Permissions
from mockwb.backend.project_removal import ProjectRemoval
from mockwb.backend.projects import Projects
from mockwb.backend.rewind import Rewind
from mockwb.backend.run_files import RunFiles
from mockwb.backend.run_info import RunInfos
from mockwb.backend.run_listing import RunListing
from mockwb.backend.run_queue_configs import ResourceConfigs
from mockwb.backend.run_queue_items import RunQueueItems
from mockwb.backend.run_queue_removal import RunQueueRemoval
from mockwb.backend.run_queues import RunQueues
from mockwb.backend.run_removal import RunRemoval
from mockwb.backend.run_upsert import RunUpsert
from mockwb.backend.runs import Runs
from mockwb.backend.store import Store
from mockwb.backend.summary import Summaries
from mockwb.backend.sweep_launch import SweepLaunch
from mockwb.backend.sweep_world import SweepWorld
from mockwb.backend.teams import Teams
from mockwb.backend.users import Users
from mockwb.backend.view_removal import ViewRemoval
from mockwb.backend.view_tokens import ViewTokens
from mockwb.backend.views import Views
from mockwb.clock import Clock


class World:
    """What resolvers and handlers reach state through."""

    def __init__(
        self, store: Store, clock: Clock, crash_after: float, *, parquet_history: bool = False
    ) -> None:
        """Build every noun over `store`; histories of ended runs as files if so configured."""
        self.store = store
        self.clock = clock
        self.users = Users(store)
        self.teams = Teams(store)
        self.organizations = Organizations(store)
        self.entities = Entities(self.users, self.teams, self.organizations)
        self.api_keys = ApiKeys(store, clock)
        self.invites = Invites(store, clock, self.users, self.teams, self.api_keys)
        self.runs = Runs(store, clock, crash_after)
        self.projects = Projects(store, clock)
        self.permissions = Permissions(self.users, self.teams, self.organizations, self.projects)
        self.summaries = Summaries(store)
        self.history = History(store, clock)
        self.history_export = HistoryExport(store, self.runs, self.history, enabled=parquet_history)
        self.console = Console(store)
        self.alerts = Alerts(store, clock)
        self.run_files = RunFiles(store, clock)
        self.run_infos = RunInfos(store, self.run_files)
        self.run_removal = RunRemoval(store, self.runs, self.run_files, self.alerts)
        self.resource_configs = ResourceConfigs(store)
        self.run_queues = RunQueues(store, clock, self.projects, self.resource_configs)
        self.run_queue_items = RunQueueItems(store, clock, self.resource_configs)
        self.run_queue_removal = RunQueueRemoval(
            self.run_queues, self.run_queue_items, self.resource_configs
        )
        self.launch_agents = LaunchAgents(store, clock)
        self.views = Views(store, clock, self.projects)
        self.view_tokens = ViewTokens(store, clock)
        self.view_removal = ViewRemoval(self.views, self.view_tokens)
        self.charts = Charts(store, clock)
        self.run_listing = RunListing(self.runs, self.summaries, self.history)
        self.rewind = Rewind(store, self.runs, self.summaries)
        self.run_upsert = RunUpsert(
            store, clock, self.users, self.projects, self.runs, self.summaries
        )
        self.sweeps = SweepWorld(
            store,
            clock,
            self.projects,
            self.runs,
            self.run_upsert,
            self.run_listing,
            (self.summaries, self.history),
            SweepLaunch(self.run_queues, self.run_queue_items),
        )
        self.project_removal = ProjectRemoval(
            self.projects,
            self.runs,
            self.run_removal,
            self.run_queue_removal,
            self.view_removal,
            self.sweeps,
        )
        self.people = People(
            clock,
            self.users,
            self.teams,
            self.organizations,
            self.api_keys,
            self.permissions,
            self.invites,
            self.project_removal,
        )
        self.file_stream = FileStream(store, self.runs, clock)
        self.artifacts = Artifacts(store, clock)
