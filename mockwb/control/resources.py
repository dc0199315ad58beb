"""Everything that the control API holds: the one list of its resources."""

from mockwb.backend.world import World
from mockwb.control.account import AccountResource
from mockwb.control.alerts import AlertsResource
from mockwb.control.clients import ClientsResource
from mockwb.control.content import ContentResource
from mockwb.control.fault_profile import FaultProfileResource
from mockwb.control.faults import FaultsResource
from mockwb.control.freeze import FreezeResource
from mockwb.control.guidance import GuidanceResource
from mockwb.control.index import IndexResource
from mockwb.control.journal import JournalHarResource, JournalResource
from mockwb.control.limit_overrides import LimitOverridesResource
from mockwb.control.limit_plan import LimitPlanResource
from mockwb.control.limit_reset import LimitResetResource
from mockwb.control.limit_rules import LimitRulesResource
from mockwb.control.limits import LimitsResource
from mockwb.control.live_limits import LiveLimits
from mockwb.control.openapi import OpenApiResource
from mockwb.control.people import PeopleResource
from mockwb.control.people_entries import (
    OrganizationsResource,
    ProjectsResource,
    TeamsResource,
    UsersResource,
)
from mockwb.control.resource import Resource
from mockwb.faults.faults import Faults
from mockwb.observe.account import AccountKeeper
from mockwb.observe.client_keeper import ClientKeeper
from mockwb.observe.guidance.watch import GuidanceWatch
from mockwb.observe.journal import Journal

_ELSEWHERE = {"metrics": "/metrics", "health": "/healthz", "readiness": "/readyz"}
"""Links out of this room, to where tools expect these."""


def control_resources(
    live: LiveLimits,
    faults: Faults,
    accounts: AccountKeeper,
    clients: ClientKeeper,
    journal: Journal,
    world: World,
    *,
    guidance: GuidanceWatch,
    token_needed: bool,
) -> list[Resource]:
    """All resources; index and description know the others."""
    resources: list[Resource] = [
        AccountResource(accounts),
        ClientsResource(clients),
        GuidanceResource(guidance),
        ContentResource(world.runs, world.history, world.clock),
        AlertsResource(world.alerts),
        JournalResource(journal),
        JournalHarResource(journal),
        LimitsResource(live.limiter),
        LimitRulesResource(live),
        LimitPlanResource(live),
        LimitOverridesResource(live),
        LimitResetResource(live.limiter),
        FreezeResource(live.limiter, world.clock.now),
        FaultsResource(faults, world.clock.now),
        FaultProfileResource(faults, world.clock.now),
        PeopleResource(world),
        UsersResource(world),
        TeamsResource(world),
        OrganizationsResource(world),
        ProjectsResource(world),
    ]
    links = {resource.name: resource.path for resource in resources}
    links[OpenApiResource.name] = OpenApiResource.path
    index = IndexResource(lambda: live.plan, links | _ELSEWHERE)
    resources.insert(0, index)
    return [*resources, OpenApiResource(resources, token_needed=token_needed)]
