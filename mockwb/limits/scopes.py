"""The scopes of limits: which requests each applies to, and what it counts per what.

A further scope is one more entry of `SCOPES`, and the fields of `rules` that configure it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mockwb.limits.rules import ByteRate, LimitRules, Override, RequestRate
from mockwb.target import Caller, Cost, Surface, Target

Rate = RequestRate | ByteRate
KeyOf = Callable[[Target, Caller], str | None]
REQUESTS, BYTES = (Cost._fields.index(name) for name in ("requests", "bytes"))


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """One kind of limit."""

    name: str
    """As accounts, metrics and messages call it."""
    limit: str
    """What is counted, by name."""
    surface: Surface
    """The requests it applies to."""
    key: KeyOf
    """What each quota belongs to; None if the request does not name it."""
    cost: int
    """Which field of `Cost` it charges, by index."""
    general: Callable[[LimitRules], Rate | None]
    override: Callable[[Override], Rate | None]


def _project(target: Target, _: Caller) -> str | None:
    return target.project_path


SCOPES = (
    Scope(
        name="project",
        limit="requests",
        surface=Surface.FILE_STREAM,
        key=_project,
        cost=REQUESTS,
        general=lambda rules: rules.project.requests,
        override=lambda override: override.requests,
    ),
    Scope(
        name="project",
        limit="bytes",
        surface=Surface.FILE_STREAM,
        key=_project,
        cost=BYTES,
        general=lambda rules: rules.project.bytes,
        override=lambda override: override.bytes,
    ),
)
