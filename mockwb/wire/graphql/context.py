"""What a resolver may know of the request it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mockwb.backend.run import RunKey
from mockwb.backend.world import World
from mockwb.record import RequestRecord
from mockwb.wire.urls import StorageUrls


@dataclass(slots=True)
class GraphQLContext:
    """One request, as resolvers see it."""

    user: str
    """User name of the API key."""
    world: World
    record: RequestRecord
    """Its target gets what the operation turns out to touch."""
    urls: StorageUrls
    """Absolute URLs under the base URL that the client used."""
    writer: str = ""
    """Client id of a writer in shared mode (X-WANDB-CLIENT-ID), else empty."""
    features: Mapping[str, bool] = field(default_factory=dict)
    """W&B server features by name."""
    entity: str = ""
    """What the user means without naming an entity; the personal one unless it is given."""
    stopped: bool = False
    """Whether every run is said to be stopped, as a fault wants it."""
    hidden: frozenset[str] = frozenset()
    """Response keys of the root fields that the user may not see."""

    def __post_init__(self) -> None:
        self.entity = self.entity or self.user

    @property
    def base_url(self) -> str:
        """The server's address as the client used it, without a slash at the end."""
        return self.urls.base_url

    def touch_project(self, entity: str, project: str) -> None:
        """Note which project the request is about; the first one named counts."""
        target = self.record.target
        if target.project is None:
            target.entity = entity
            target.project = project

    def touch_run(self, key: RunKey) -> None:
        """Note which run the request is about; the first one named counts."""
        target = self.record.target
        if target.run is None:
            target.entity, target.project, target.run = key
