"""`/_mockwb/journal`: the requests that came, and `/_mockwb/journal/har`: the same for browsers."""

import msgspec

from mockwb.control.resource import Call, Operation, Parameter
from mockwb.control.run_globs import RUN_GLOBS
from mockwb.observe.har import Har, har_of
from mockwb.observe.journal import PATH, Journal, Page
from mockwb.observe.journal_query import JournalQuery
from mockwb.target import Surface

_MOST = 1000
"""Entries in one answer unless more are asked for."""
_TIME = r"[0-9]{1,10}(\.[0-9]{1,6})?"
_WHICH = (
    *RUN_GLOBS,
    Parameter(
        "endpoint", "an endpoint", repeated=True, choices=tuple(one.value for one in Surface)
    ),
    Parameter(
        "status",
        "an HTTP status such as 200 or 4xx, or 0 for clients that went away",
        repeated=True,
        pattern="([1-5]([0-9][0-9]|xx)|0)",
    ),
    Parameter("since", "seconds since the Unix epoch", pattern=_TIME),
    Parameter("until", "seconds since the Unix epoch", pattern=_TIME),
    Parameter("after", "the sequence number of a request", pattern="[0-9]{1,15}"),
    Parameter("limit", "a number from 1 to 999999", pattern="[1-9][0-9]{0,5}"),
)


class Cleared(msgspec.Struct, frozen=True):
    """What came of it."""

    entries: int
    """How many were forgotten."""


class JournalResource:
    """Reads and clears the journal."""

    name = "journal"
    path = PATH

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.operations = [
            Operation(
                "GET",
                f"The newest requests that match, at most {_MOST} unless `limit` says more",
                self.get,
                Page,
                parameters=_WHICH,
            ),
            Operation("DELETE", "Forget all requests, but for the file's", self.delete, Cleared),
        ]

    async def get(self, call: Call) -> Page:
        """The entries; with `after`, the first ones past it."""
        return _page(self._journal, call, _MOST)

    async def delete(self, _: Call) -> Cleared:
        """How many there were."""
        return Cleared(self._journal.clear())


class JournalHarResource:
    """The journal as an HTTP archive, which browsers' developer tools open."""

    name = "journal as HAR"
    path = f"{PATH}/har"

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.operations = [
            Operation(
                "GET", "All requests that match, as HAR 1.2", self.get, Har, parameters=_WHICH
            )
        ]

    async def get(self, call: Call) -> Har:
        """The archive."""
        return har_of(_page(self._journal, call, None).entries)


def _page(journal: Journal, call: Call, most: int | None) -> Page:
    since, until = call.one("since"), call.one("until")
    after, limit = call.one("after"), call.one("limit")
    query = JournalQuery(
        projects=call.every("project"),
        runs=call.every("run"),
        endpoints=call.every("endpoint"),
        statuses=call.every("status"),
        since=None if since is None else float(since),
        until=None if until is None else float(until),
    )
    return journal.page(
        query,
        after=None if after is None else int(after),
        limit=most if limit is None else int(limit),
    )
