"""The pretend W&B as a whole: every noun of the backend over one store."""

from mockwb.backend.artifacts import Artifacts
from mockwb.backend.entities import Entities
from mockwb.backend.file_stream import FileStream
from mockwb.backend.runs import Runs
from mockwb.backend.store import Store
from mockwb.backend.users import Users
from mockwb.clock import Clock


class World:
    """What resolvers and handlers reach state through."""

    def __init__(self, store: Store, clock: Clock, crash_after: float) -> None:
        """Build every noun over `store`."""
        self.store = store
        self.clock = clock
        self.users = Users(store)
        self.entities = Entities(store)
        self.runs = Runs(store, clock, crash_after)
        self.file_stream = FileStream(store, self.runs, clock)
        self.artifacts = Artifacts(store, clock)
