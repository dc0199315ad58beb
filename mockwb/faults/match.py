"""Which requests a rule is about. Everything that is given has to fit."""

from fnmatch import fnmatchcase
from typing import Annotated, Literal

import msgspec

from mockwb.faults.subject import Subject

Glob = Annotated[str, msgspec.Meta(min_length=1)]
Number = Annotated[int, msgspec.Meta(ge=1)]


class Match(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing given matches every request to W&B's API that carries a good key."""

    endpoint: Literal["file_stream", "graphql", "storage"] | None = None
    operation: Glob | None = None
    """Glob over the name of the GraphQL operation, such as `UpsertBucket`."""
    project: Glob | None = None
    """Glob over `entity/project`."""
    run: Glob | None = None
    """Glob over run names."""
    user_agent: Glob | None = None
    """Glob over the User-Agent header, such as `wandb-core*`."""
    sdk_version: Glob | None = None
    """Glob over the SDK's version, such as `0.16.*`: from the User-Agent, or else from the run's
    own config, so that it is not known before a run exists."""
    from_number: Number = 1
    """Leave out the requests before this one, counted from 1 among those that match otherwise."""
    to_number: Number | None = None
    """Leave out those after this one."""

    def fits(self, subject: Subject) -> bool:
        """Whether `subject` is meant, its number aside."""
        target = subject.target
        return (
            (self.endpoint is None or target.surface.value == self.endpoint)
            and _fits(self.operation, target.operation)
            and _fits(self.project, target.project_path)
            and _fits(self.run, target.run)
            and _fits(self.user_agent, subject.user_agent)
            and _fits(self.sdk_version, subject.sdk_version)
        )

    def counts_in(self, number: int) -> bool:
        """Whether the `number`-th request that fits is meant."""
        return self.from_number <= number and (self.to_number is None or number <= self.to_number)


def _fits(glob: str | None, text: str | None) -> bool:
    return glob is None or (text is not None and fnmatchcase(text, glob))
