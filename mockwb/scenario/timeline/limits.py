"""Event `change_limits`: other limits from some time on."""

from mockwb.config.limits_part import LimitsPart
from mockwb.scenario.timeline.event import Event


class ChangeLimits(Event, frozen=True, kw_only=True, tag="change_limits"):
    """Take a plan's limits, change some of those in force, or first the one and then the other."""

    plan: str | None = None
    """A plan that comes with mockwb."""
    limits: LimitsPart | None = None
    """Part of a `limits` section: merged key by key, lists and single values replaced."""

    def __post_init__(self) -> None:
        """Refuse an event that changes nothing."""
        if self.plan is None and self.limits is None:
            raise ValueError("expected plan, limits or both")

    @property
    def text(self) -> str:
        """The plan and what is changed."""
        plan = [f"plan {self.plan}"] if self.plan is not None else []
        limits = [str(self.limits)] if self.limits is not None else []
        return f"limits: {', '.join([*plan, *limits])}"
