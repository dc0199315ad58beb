"""A script that reads with `wandb.Api`, page after page."""

from collections.abc import Mapping
from random import Random
from typing import Any, Literal

from mockwb.sdkmodel.public_operations import ProjectName, PublicOperations
from mockwb.sdkmodel.public_script import PublicScript, Steps

LISTED_TOGETHER = 50
"""Runs in a page of `api.runs()`, unless the script says otherwise."""

Read = Literal["runs", "history", "scan_history"]


class PublicReader(PublicScript):
    """Reads `pages` pages of one project, from the start again after the last one.

    A look at a project with nothing to read counts as a page too.
    """

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
        super().__init__(every=every, random=random)
        self._operations = PublicOperations(where, api_key)
        self._read = read
        self._wanted = pages
        self._per_page = per_page

    def _script(self) -> Steps:
        """What a person would have written."""
        yield self._operations.viewer()
        yield self._operations.default_entity()
        while self.pages < self._wanted:
            before = self.pages
            yield from self._runs() if self._read == "runs" else self._histories()
            if self.pages == before:
                yield None
                self.pages += 1

    def _runs(self) -> Steps:
        """`for run in api.runs(...)`."""
        cursor, more = None, True
        while more and self.pages < self._wanted:
            yield None
            listed = _runs_of((yield self._operations.runs(cursor, self._per_page)))
            self.pages += 1
            cursor, more = _next_page(listed)

    def _histories(self) -> Steps:
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

    def _sample(self, run: str) -> Steps:
        yield None
        yield self._operations.full_history(run, self._per_page)
        self.pages += 1

    def _scan(self, run: str) -> Steps:
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
