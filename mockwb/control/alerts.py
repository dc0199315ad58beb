"""`GET /_mockwb/alerts`: what runs raised with `run.alert`, and whether it was delivered."""

import msgspec

from mockwb.backend.alerts import Alerts, RunAlerts
from mockwb.control.resource import Call, Operation
from mockwb.control.run_globs import RUN_GLOBS
from mockwb.observe.globs import matcher


class AlertsByRun(msgspec.Struct, frozen=True):
    """All runs that match and raised an alert."""

    runs: list[RunAlerts]
    """In the order of their first alerts."""


class AlertsResource:
    """Serves `mockwb.backend.alerts.RunAlerts`."""

    name = "alerts"
    path = "/_mockwb/alerts"

    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts
        self.operations = [
            Operation(
                "GET",
                "Alerts that runs raised, and which of them were delivered",
                self.get,
                AlertsByRun,
                parameters=RUN_GLOBS,
            )
        ]

    async def get(self, call: Call) -> AlertsByRun:
        """The alerts of runs that still exist."""
        project_matches = matcher(call.every("project"))
        run_matches = matcher(call.every("run"))
        return AlertsByRun(
            [
                found
                for found in await self._alerts.by_run()
                if project_matches(f"{found.entity}/{found.project}") and run_matches(found.run)
            ]
        )
