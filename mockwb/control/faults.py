"""`/_mockwb/faults`: what befalls requests on command, added and removed while serving."""

import logging
from collections.abc import Callable
from typing import Any

import msgspec

from mockwb.config.plain import plain
from mockwb.control.answers import RefusedCallError
from mockwb.control.resource import Call, Operation, Parameter
from mockwb.faults.faults import Faults, RuleState, TakenNameError
from mockwb.faults.rule import FaultRule

_log = logging.getLogger(__name__)


class FaultState(msgspec.Struct, frozen=True):
    """One fault in force."""

    name: str
    kind: str
    rule: FaultRule
    """As configuration writes it."""
    age_seconds: float
    """Since it was added."""
    matched: int
    """Requests that it is about, while its schedule was on."""
    acted: int
    """Requests that it struck."""


class FaultsInForce(msgspec.Struct, frozen=True):
    """All faults, in the order in which they act."""

    seed: int
    """What decides all that is random about them."""
    faults: list[FaultState]


class FaultsResource:
    """Lists, adds and removes."""

    name = "faults"
    path = "/_mockwb/faults"

    def __init__(self, faults: Faults, now: Callable[[], float]) -> None:
        """Serve `faults`, whose clock `now` reads."""
        self._faults = faults
        self._now = now
        self.operations = [
            Operation("GET", "The faults in force, and what they did", self.get, FaultsInForce),
            Operation(
                "POST",
                "Add a fault; it acts from the next request on",
                self.post,
                FaultState,
                body=FaultRule,
                errors={409: "There is a fault of that name"},
            ),
            Operation(
                "DELETE",
                "Remove a fault, or all of them",
                self.delete,
                FaultsInForce,
                parameters=(Parameter("name", "the name of the one to remove"),),
                errors={404: "There is no fault of that name"},
            ),
        ]

    async def get(self, _: Call) -> object:
        """Rules and counts."""
        return faults_in_force(self._faults, self._now())

    async def post(self, call: Call) -> object:
        """The fault as it is now, with its name."""
        try:
            state = self._faults.add(call.body)
        except TakenNameError as error:
            raise RefusedCallError(409, str(error)) from error
        _log.info("fault %s added, by %s", state.name, call.origin)
        return plain(_shown(state, self._now()))

    async def delete(self, call: Call) -> object:
        """What is in force afterwards."""
        name = call.one("name")
        if name is None:
            self._faults.replace([])
        elif not self._faults.remove(name):
            raise RefusedCallError(404, f"there is no fault called {name!r}")
        _log.info("fault %s removed, by %s", "of every name" if name is None else name, call.origin)
        return faults_in_force(self._faults, self._now())


def faults_in_force(faults: Faults, now: float) -> Any:
    """`FaultsInForce` as plain data."""
    shown = [_shown(state, now) for state in faults.states]
    return plain(FaultsInForce(faults.seed, shown))


def _shown(state: RuleState, now: float) -> FaultState:
    return FaultState(
        name=state.name,
        kind=state.kind,
        rule=state.rule,
        age_seconds=now - state.added_at,
        matched=state.matched,
        acted=state.acted,
    )
