"""What became of the lines that one run streamed. Used by `run_tally`, told in the account.

A client says with every chunk where its lines belong, so what it tried to deliver is known even
where a request was refused: a line that was addressed and never stored is missing. What a client
never got as far as sending cannot be known; a run that ends without a finish mark says so.
"""

from collections.abc import Iterable

from mockwb.account import Delivery, DeliveryLag, Verdict
from mockwb.observe.quantiles import Quantiles
from mockwb.record import HISTORY_FILE, Ingested, RequestRecord

_UNDER_WAY = frozenset(("", "pending", "running", "preempting"))
"""States in which more may come; "" is a run that does not exist yet."""


_Place = str | tuple[str, str]
"""A file, or a writer in shared mode and its file."""


def accepted(record: RequestRecord) -> bool:
    """Whether what a file_stream request brought is stored, be it answered or not."""
    return 200 <= record.status < 300 or record.ingested is not None


class DeliveryTally:
    """The file_stream requests of one run, in plain fields."""

    __slots__ = (
        "bytes_wasted",
        "chunks_out_of_order",
        "chunks_resent",
        "finished",
        "lags",
        "refused",
        "requests",
        "stored",
    )

    def __init__(self) -> None:
        self.requests = 0
        self.stored: dict[_Place, int] = {}
        """One past the last line that accepted requests had."""
        self.refused: dict[_Place, int] = {}
        """The same of those that were not accepted."""
        self.chunks_resent = self.chunks_out_of_order = self.bytes_wasted = 0
        self.lags: Quantiles | None = None
        self.finished = False

    def add(self, record: RequestRecord) -> None:
        """Count one file_stream request."""
        self.requests += 1
        ingested = record.ingested
        taken = accepted(record)
        ends = self.stored if taken else self.refused
        for file, offset, count in record.chunks:
            place = (record.writer, file) if record.writer else file
            end = offset + count
            if end > ends.get(place, 0):
                ends[place] = end
        if not taken:
            self.bytes_wasted += record.bytes_in
        elif ingested is not None:
            self._add_ingested(record, ingested)

    def _add_ingested(self, record: RequestRecord, ingested: Ingested) -> None:
        if ingested.gaps:
            self.chunks_out_of_order += len(ingested.gaps)
        if ingested.chunks_resent:
            self.chunks_resent += ingested.chunks_resent
            if not ingested.lines:
                self.bytes_wasted += record.bytes_in
        if ingested.completed:
            self.finished = True
        if ingested.lags:
            if self.lags is None:
                self.lags = Quantiles()
            self.lags.add_all(ingested.lags)

    def delivery(
        self, state: str, gaps: Iterable[tuple[str, int, int]], rows_stored: int
    ) -> Delivery:
        """What can be said now; `gaps` are the open ones, as the store has them."""
        missing = list(gaps)
        sent = dict(self.stored)
        for place, end in self.refused.items():
            stored = self.stored.get(place, 0)
            if end > stored:
                sent[place] = end
                missing.append((_file(place), stored, end))
        return Delivery(
            verdict=self._verdict(state, missing=bool(missing)),
            rows_sent=sum(end for place, end in sent.items() if _file(place) == HISTORY_FILE),
            missing=missing,
            end_unknown=state not in _UNDER_WAY and not self.finished,
            chunks_resent=self.chunks_resent,
            chunks_out_of_order=self.chunks_out_of_order,
            bytes_wasted=self.bytes_wasted,
            requests_per_row=self.requests / rows_stored if rows_stored else None,
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


def _file(place: _Place) -> str:
    return place if isinstance(place, str) else place[1]
