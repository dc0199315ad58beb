"""The one call that `wire` makes per finished request, handed on to everyone who looks on."""

import logging
from collections.abc import Iterable
from typing import Protocol

from mockwb.record import RequestRecord

_log = logging.getLogger(__name__)


class Onlooker(Protocol):
    """Somebody who wants to know about every finished request."""

    def saw(self, record: RequestRecord) -> None:
        """Take note of one finished request; leave `record` as it is."""
        ...


class Onlookers:
    """Fans records out. What goes wrong in an onlooker never reaches the answer."""

    def __init__(self, onlookers: Iterable[Onlooker]) -> None:
        """Call `onlookers` in this order."""
        self._onlookers = tuple(onlookers)
        self._complained: set[tuple[type, type[Exception]]] = set()

    def saw(self, record: RequestRecord) -> None:
        """Show `record` to each onlooker once."""
        for onlooker in self._onlookers:
            try:
                onlooker.saw(record)
            except Exception as error:
                self._complain(onlooker, error)

    def _complain(self, onlooker: Onlooker, error: Exception) -> None:
        """Log the first error of each kind from each kind of onlooker, lest it floods the log."""
        kind = (type(onlooker), type(error))
        if kind in self._complained:
            return
        self._complained.add(kind)
        fields = {"onlooker": kind[0].__name__, "error": f"{kind[1].__name__}: {error}"}
        _log.error("onlooker failed", extra={"fields": fields}, exc_info=error)
