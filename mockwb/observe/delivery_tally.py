"""What became of the lines that one run streamed. Used by `run_tally`, told in the account.

A client says with every chunk where its lines belong, so what it tried to deliver is known even
where a request was refused: a line that was addressed and never stored is missing. What a client
never got as far as sending cannot be known; a run that ends without a finish mark says so.
"""

from collections.abc import Iterable

from mockwb.account import Delivery, DeliveryLag, Verdict
from mockwb.logged_rows import LoggedRows
from mockwb.observe.quantiles import Quantiles
from mockwb.record import HISTORY_FILE, RequestRecord

_UNDER_WAY = frozenset(("", "pending", "running", "preempting"))
"""States in which more may come; "" is a run that does not exist yet."""


def accepted(record: RequestRecord) -> bool:
    """Whether what a file_stream request brought is stored, be it answered or not."""
    return 200 <= record.status < 300 or record.ingested is not None


def brought_nothing(record: RequestRecord) -> bool:
    """Whether all lines of an accepted request were there already."""
    ingested = record.ingested
    return ingested is not None and ingested.chunks_resent > 0 and not ingested.lines


class DeliveryTally:
    """The file_stream requests of one run, in plain fields."""

    __slots__ = (
        "addressed",
        "bytes_wasted",
        "chunks_out_of_order",
        "chunks_resent",
        "finished",
        "lags",
        "requests",
        "rows_stored",
        "stored",
    )

    def __init__(self) -> None:
        self.requests = 0
        self.addressed: dict[tuple[str, str], int] = {}
        """(writer, file) -> one past the last line that any request had."""
        self.stored: dict[tuple[str, str], int] = {}
        """The same of accepted requests."""
        self.rows_stored = 0
        self.chunks_resent = self.chunks_out_of_order = self.bytes_wasted = 0
        self.lags: Quantiles | None = None
        self.finished = False

    def add(self, record: RequestRecord) -> None:
        """Count one file_stream request."""
        self.requests += 1
        _reach(self.addressed, record)
        ingested = record.ingested
        if not accepted(record):
            self.bytes_wasted += record.bytes_in
            return
        _reach(self.stored, record)
        if ingested is None:
            return
        self.rows_stored += ingested.rows
        self.chunks_resent += ingested.chunks_resent
        self.chunks_out_of_order += len(ingested.gaps)
        if brought_nothing(record):
            self.bytes_wasted += record.bytes_in
        self.finished = self.finished or ingested.completed
        if ingested.logged is not None:
            self._add_lags(ingested.logged, ingested.stored_at)

    def _add_lags(self, logged: LoggedRows, stored_at: float) -> None:
        if self.lags is None:
            self.lags = Quantiles()
        for at in logged.logged_at:
            if isinstance(at, int | float):
                self.lags.add(max(0.0, stored_at - at))

    def delivery(self, state: str, gaps: Iterable[tuple[str, int, int]]) -> Delivery:
        """What can be said now; `gaps` are the open ones, as the store has them."""
        missing = list(gaps)
        for place, end in self.addressed.items():
            stored = self.stored.get(place, 0)
            if end > stored:
                missing.append((place[1], stored, end))
        return Delivery(
            verdict=self._verdict(state, missing=bool(missing)),
            rows_sent=sum(end for (_, file), end in self.addressed.items() if file == HISTORY_FILE),
            missing=missing,
            end_unknown=state not in _UNDER_WAY and not self.finished,
            chunks_resent=self.chunks_resent,
            chunks_out_of_order=self.chunks_out_of_order,
            bytes_wasted=self.bytes_wasted,
            requests_per_row=self.requests / self.rows_stored if self.rows_stored else None,
            lag=self._lag(),
        )

    def _verdict(self, state: str, *, missing: bool) -> Verdict:
        if state in _UNDER_WAY:
            return "in flight"
        if missing or not self.finished:
            return "incomplete"
        return "complete with duplicates suppressed" if self.chunks_resent else "complete"

    def _lag(self) -> DeliveryLag | None:
        if self.lags is None:
            return None
        p50, p95 = self.lags.at(0.5), self.lags.at(0.95)
        return DeliveryLag(p50=p50, p95=p95, max=self.lags.largest)


def _reach(ends: dict[tuple[str, str], int], record: RequestRecord) -> None:
    for file, offset, count in record.chunks:
        place = (record.writer, file)
        end = offset + count
        if end > ends.get(place, 0):
            ends[place] = end
