"""Everything that the control API holds: the one list of its resources."""

from mockwb.control.account import AccountResource
from mockwb.control.index import IndexResource
from mockwb.control.limits import LimitsResource
from mockwb.control.live_limits import LiveLimits
from mockwb.control.resource import Resource
from mockwb.observe.account import AccountKeeper

_ELSEWHERE = {"metrics": "/metrics", "health": "/healthz", "readiness": "/readyz"}
"""Links out of this room, to where tools expect these."""


def control_resources(live: LiveLimits, accounts: AccountKeeper) -> list[Resource]:
    """All resources, the index first."""
    resources: list[Resource] = [
        AccountResource(accounts),
        LimitsResource(live.limiter),
    ]
    links = {resource.name: resource.path for resource in resources}
    index = IndexResource(lambda: live.plan, links | _ELSEWHERE)
    return [index, *resources]
