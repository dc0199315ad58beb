"""`PUT /_mockwb/faults/profile`: take the faults of a profile that comes with mockwb."""

import logging
from collections.abc import Callable
from typing import Annotated

import msgspec

from mockwb.control.answers import RefusedCallError
from mockwb.control.faults import FaultsInForce, faults_in_force
from mockwb.control.resource import Call, Operation
from mockwb.faults.faults import Faults
from mockwb.faults.profiles import UnknownProfileError, profile_rules

_log = logging.getLogger(__name__)


class ProfileChoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which profile."""

    profile: Annotated[str, msgspec.Meta(min_length=1)]


class FaultProfileResource:
    """Switches profiles."""

    name = "fault profile"
    path = "/_mockwb/faults/profile"

    def __init__(self, faults: Faults, now: Callable[[], float]) -> None:
        """Change `faults`, whose clock `now` reads."""
        self._faults = faults
        self._now = now
        self.operations = [
            Operation(
                "PUT",
                "Put the faults of a profile in force, and no others",
                self.put,
                FaultsInForce,
                body=ProfileChoice,
                errors={404: "No profile of that name comes with mockwb"},
            )
        ]

    async def put(self, call: Call) -> object:
        """What is in force afterwards."""
        choice: ProfileChoice = call.body
        try:
            rules = profile_rules(choice.profile)
        except UnknownProfileError as error:
            raise RefusedCallError(404, f"body: profile: {error}") from error
        self._faults.replace(rules)
        _log.info("fault profile %s, by %s", choice.profile, call.origin)
        return faults_in_force(self._faults, self._now())
