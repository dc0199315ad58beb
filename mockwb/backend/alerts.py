"""Alerts that scripts raise with `run.alert`; nobody is mailed, they are kept."""

import msgspec

from mockwb.backend.run import RunKey
from mockwb.backend.store import Store
from mockwb.clock import Clock

_RUNS = "alert-runs"
"""The table of the runs that raised alerts."""


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One alert."""

    title: str
    text: str
    severity: str
    """INFO, WARN or ERROR."""
    raised_at: float
    """Seconds since the Unix epoch."""
    wait: float
    """Seconds for which repeats of its title are not delivered, as asked with this one."""
    delivered: bool
    """False where the same title came again before its wait was over."""


class RunAlerts(msgspec.Struct, frozen=True, kw_only=True):
    """The alerts of one run."""

    entity: str
    project: str
    run: str
    alerts: list[Alert]
    """Oldest first."""


class Alerts:
    """All alerts of all runs."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Keep them in `store`."""
        self._store = store
        self._clock = clock

    async def notify(
        self, key: RunKey, *, title: str, text: str, severity: str, wait: float
    ) -> Alert:
        """Keep an alert; repeats of its title are not delivered for `wait` seconds."""
        now = self._clock.wall()
        delivered = not any(
            former.delivered and former.title == title and now - former.raised_at < wait
            for former in await self.of_run(key)
        )
        alert = Alert(
            title=title,
            text=text,
            severity=severity,
            raised_at=now,
            wait=wait,
            delivered=delivered,
        )
        number = await self._store.next_number(_table(key))
        await self._store.put(_table(key), str(number), alert)
        await self._store.put(_RUNS, "/".join(key), key)
        return alert

    async def of_run(self, key: RunKey) -> list[Alert]:
        """The alerts of a run, oldest first."""
        return await self._store.records(_table(key))

    async def by_run(self) -> list[RunAlerts]:
        """All alerts, by the runs that raised some."""
        return [
            RunAlerts(
                entity=key.entity,
                project=key.project,
                run=key.name,
                alerts=await self.of_run(key),
            )
            for key in await self._store.records(_RUNS)
        ]

    async def forget(self, key: RunKey) -> None:
        """Drop the alerts of a run that is deleted."""
        await self._store.delete(_RUNS, "/".join(key))
        for number in list(await self._store.table(_table(key))):
            await self._store.delete(_table(key), number)


def _table(key: RunKey) -> str:
    return f"alert/{'/'.join(key)}"
