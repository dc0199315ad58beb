"""The one call that `wire` makes per finished request, handed on to everyone who looks on."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Protocol

from mockwb.record import RequestRecord

_PATIENCE = 0.02
"""Seconds."""
_log = logging.getLogger(__name__)


class Onlooker(Protocol):
    """Somebody who wants to know about every finished request."""

    def saw(self, record: RequestRecord) -> None:
        """Take note of one finished request; leave `record` as it is."""
        ...


class Onlookers:
    """Fans records out. What goes wrong in an onlooker never reaches the answer."""

    def __init__(
        self,
        onlookers: Iterable[Onlooker],
        keepers: Iterable[Onlooker] = (),
        *,
        together: int = 1,
    ) -> None:
        """Call `onlookers` in this order, for up to `together` records at a time.

        `keepers` keep records, and get them last, without the details of their rows.

        What each of them does stays in the processor's caches while it goes through the records,
        which makes it several times faster than to call all of them after each request. With more
        than one, an event loop must run, and who reads what onlookers know must `catch_up` first.
        """
        self._onlookers = tuple(onlookers)
        self._keepers = tuple(keepers)
        self._together = together
        self._waiting: list[RequestRecord] = []
        self._alarm: asyncio.TimerHandle | None = None
        self._complained: set[tuple[type, type[Exception]]] = set()

    def saw(self, record: RequestRecord) -> None:
        """Show `record` to each onlooker once, at the latest after `_PATIENCE`."""
        self._waiting.append(record)
        if len(self._waiting) >= self._together:
            self.catch_up()
        elif self._alarm is None:
            self._alarm = asyncio.get_running_loop().call_later(_PATIENCE, self._wake)

    def catch_up(self) -> None:
        """Show what waits."""
        if not self._waiting:
            return
        records, self._waiting = self._waiting, []
        self._show(records, self._onlookers)
        for record in records:
            record.shed()
        self._show(records, self._keepers)

    def _show(self, records: list[RequestRecord], onlookers: Iterable[Onlooker]) -> None:
        for onlooker in onlookers:
            for record in records:
                try:
                    onlooker.saw(record)
                except Exception as error:
                    self._complain(onlooker, error)

    def _wake(self) -> None:
        self._alarm = None
        self.catch_up()

    def _complain(self, onlooker: Onlooker, error: Exception) -> None:
        """Log the first error of each kind from each kind of onlooker, lest it floods the log."""
        kind = (type(onlooker), type(error))
        if kind in self._complained:
            return
        self._complained.add(kind)
        fields = {"onlooker": kind[0].__name__, "error": f"{kind[1].__name__}: {error}"}
        _log.error("onlooker failed", extra={"fields": fields}, exc_info=error)
