"""Alerts that scripts raise with `run.alert`; nobody is mailed, they are kept."""

import msgspec

from mockwb.backend.run import RunKey
from mockwb.backend.store import Store
from mockwb.clock import Clock


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One alert."""

    title: str
    text: str
    severity: str
    """INFO, WARN or ERROR."""
    raised_at: float
    """Seconds since the Unix epoch."""
    delivered: bool
    """False where the same title came again before its wait was over."""


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
        alert = Alert(title=title, text=text, severity=severity, raised_at=now, delivered=delivered)
        number = await self._store.next_number(_table(key))
        await self._store.put(_table(key), str(number), alert)
        return alert

    async def of_run(self, key: RunKey) -> list[Alert]:
        """The alerts of a run, oldest first."""
        return await self._store.records(_table(key))


def _table(key: RunKey) -> str:
    return f"alert/{'/'.join(key)}"
