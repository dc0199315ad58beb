"""A script that reads with `wandb.Api`, page after page, without a wire and without a clock.

Whoever drives it calls due(), puts the requests on the wire and hands the answers back. Requests
go through wandb-core as a run's do, and are tried again in the same way; but the caller waits no
longer than 19 seconds for one, and then the script dies of the exception.
"""

import math
from collections.abc import Generator, Mapping
from random import Random
from typing import Any, Literal

from mockwb.sdkmodel.answer_headers import Headers
from mockwb.sdkmodel.calls import Calls
from mockwb.sdkmodel.delivery import Outcome
from mockwb.sdkmodel.graphql_answer import data
from mockwb.sdkmodel.public_operations import ProjectName, PublicOperations
from mockwb.sdkmodel.requests import Request
from mockwb.sdkmodel.settings import SdkSettings
from mockwb.sdkmodel.tally import Tally

PATIENCE_SECONDS = 19.0
"""How long a call of `wandb.Api` waits for its answer, retries included."""
LISTED_TOGETHER = 50
"""Runs in a page of `api.runs()`, unless the script says otherwise."""

Read = Literal["runs", "history", "scan_history"]
_Steps = Generator[Request | None, Mapping[str, Any], None]
"""Yields requests, which come back as the data of their answers, and None to wait for the pace."""


class PublicReader:
    """Reads `pages` pages of one project, from the start again after the last one."""

    def __init__(
        self,
        where: ProjectName,
        *,
        api_key: str,
        read: Read,
        pages: int,
        per_page: int,
        every: float,
        random: Random,
    ) -> None:
        """What a page is depends on `read`.

        `runs`: a page of `api.runs()` with `per_page` runs. `history`: the `run.history()` of one
        run, `per_page` samples of it. `scan_history`: a page of `run.scan_history()` with
        `per_page` steps. Pages begin `every` seconds apart or more.
        """
        self.tally = Tally()
        self.pages = 0
        """Read so far; a look at a project with nothing to read counts too."""
        self.done_at: float | None = None
        self.error: str | None = None
        """What the script died of."""
        self._operations = PublicOperations(where, api_key)
        self._read = read
        self._wanted = pages
        self._per_page = per_page
        self._every = every
        self._calls = Calls(SdkSettings(), random, self.tally)
        self._steps = self._script()
        self._wall_offset = 0.0
        self._resume_at = math.inf
        """When the next page begins, while the script waits for it."""
        self._next_page_at = -math.inf

    @property
    def done(self) -> bool:
        """All pages are read, or the script died."""
        return self.done_at is not None

    def start(self, now: float, wall: float) -> None:
        """Begin at `now`, which is `wall` seconds since the epoch."""
        self._wall_offset = wall - now
        self._advance(now, None)

    def due(self, now: float) -> list[Request]:
        """The requests to put on the wire now."""
        if now >= self._resume_at:
            self._resume_at = math.inf
            self._advance(now, {})
        return self._calls.due(now)

    def wake_at(self) -> float:
        """When due() has something to do; infinity if only an answer helps."""
        return min(self._resume_at, self._calls.wake_at())

    def answered(
        self, now: float, request: Request, status: int, headers: Headers, body: bytes
    ) -> None:
        """Take in the answer to a request that due() gave."""
        self._calls.answered(now, request, status, headers, body, now + self._wall_offset)

    def failed(self, now: float, request: Request, error: str) -> None:
        """A request that due() gave got no answer."""
        self._calls.failed(now, request, error)

    def _advance(self, now: float, answer: Mapping[str, Any] | None) -> None:
        """Let the script go on until it asks or waits; None begins it."""
        try:
            step = next(self._steps) if answer is None else self._steps.send(answer)
        except StopIteration:
            self.done_at = now
            return
        if step is None:
            self._resume_at = max(now, self._next_page_at)
            self._next_page_at = self._resume_at + self._every
        else:
            self._calls.begin(now, step, self._ended, deadline=now + PATIENCE_SECONDS)

    def _ended(self, now: float, outcome: Outcome) -> None:
        try:
            answer = data(outcome)
        except ValueError as error:
            self.error = str(error)
            self.done_at = now
            return
        self._advance(now, answer)

    def _script(self) -> _Steps:
        """What a person would have written."""
        yield self._operations.viewer()
        yield self._operations.default_entity()
        while self.pages < self._wanted:
            before = self.pages
            yield from self._runs() if self._read == "runs" else self._histories()
            if self.pages == before:
                yield None
                self.pages += 1

    def _runs(self) -> _Steps:
        """`for run in api.runs(...)`."""
        cursor, more = None, True
        while more and self.pages < self._wanted:
            yield None
            listed = _runs_of((yield self._operations.runs(cursor, self._per_page)))
            self.pages += 1
            cursor, more = _next_page(listed)

    def _histories(self) -> _Steps:
        """The same, and the history of each run."""
        cursor, more = None, True
        while more and self.pages < self._wanted:
            listed = _runs_of((yield self._operations.runs(cursor, LISTED_TOGETHER)))
            for edge in listed.get("edges") or ():
                if self.pages >= self._wanted:
                    return
                name = edge["node"]["name"]
                yield from self._sample(name) if self._read == "history" else self._scan(name)
            cursor, more = _next_page(listed)

    def _sample(self, run: str) -> _Steps:
        yield None
        yield self._operations.full_history(run, self._per_page)
        self.pages += 1

    def _scan(self, run: str) -> _Steps:
        """Live rows only: what the server has as files is left to others to fetch."""
        keys = _run_of((yield self._operations.history_keys(run))).get("historyKeys") or {}
        last = keys.get("lastStep")
        if last is None or last < 0:
            return
        live = _run_of((yield self._operations.parquet_history(run))).get("parquetHistory") or {}
        first = _first_live(live, last)
        while first <= last and self.pages < self._wanted:
            after = min(first + self._per_page, last + 1)
            yield None
            yield self._operations.history_page(run, first, after)
            self.pages += 1
            first = after


def _runs_of(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """One page of runs; of a project that is not there yet an empty one."""
    return (answer.get("project") or {}).get("runs") or {}


def _run_of(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    return (answer.get("project") or {}).get("run") or {}


def _next_page(listed: Mapping[str, Any]) -> tuple[str | None, bool]:
    info = listed.get("pageInfo") or {}
    return info.get("endCursor"), bool(info.get("hasNextPage"))


def _first_live(parquet: Mapping[str, Any], last: int) -> int:
    """The step from which on rows come in pages; past the `last` if all are in files."""
    if not parquet.get("parquetUrls"):
        return 0
    steps = [row["_step"] for row in parquet.get("liveData") or ()]
    return int(min(steps, default=last + 1))
