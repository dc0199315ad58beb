"""The server's side of a client that reads: what `wandb.Api` asks, answered from simulated runs.

It is the server's side of clients of kind `public_api`.
"""

from collections.abc import Sequence
from typing import Any

from mockwb.record import RequestRecord
from mockwb.sdkmodel.requests import GraphQLCall
from mockwb.simulate.served_api import ServedApi, answer_body
from mockwb.simulate.served_run import ServedRun
from mockwb.target import Caller, Surface, Target

_KEYS = 4
"""Metrics whose types an answer lists: those that the SDK adds, and one at least."""


class ServedReader(ServedApi):
    """A reader of one project, and the runs that may be there."""

    __slots__ = ("_listing", "_runs", "entity", "project")

    def __init__(
        self, entity: str, project: str, caller: Caller, runs: Sequence[ServedRun]
    ) -> None:
        """`runs` are all of the simulation, as they come to exist."""
        super().__init__(caller)
        self.entity = entity
        self.project = project
        self._runs = runs
        self._listing: list[ServedRun] = []
        """What the pages are of that are being read."""

    def target(self, call: GraphQLCall) -> Target:
        """The project, and the run if it names one."""
        target = Target(Surface.GRAPHQL, operation=call.operation)
        variables = call.variables or {}
        if "project" in variables:
            target.entity, target.project = self.entity, self.project
            target.run = _run_in(variables)
        return target

    def saw(self, record: RequestRecord) -> None:
        """Count a request about a run with the run."""
        run = self._find(record.target.run)
        if run is not None:
            run.was_read(record)

    def answer(self, call: GraphQLCall) -> tuple[bytes, int]:
        """The body, and how many items it lists: what query time is reckoned by."""
        variables = call.variables or {}
        run = self._find(_run_in(variables))
        if call.operation == "Runs":
            return self._page(variables)
        if run is None or not run.exists:
            return answer_body({"project": {"run": None}} if variables else {}), 0
        rows = run.history.end
        match call.operation:
            case "RunFullHistory":
                return _of_run("history", []), min(rows, variables["samples"])
            case "RunHistoryKeys":
                return _of_run("historyKeys", {"lastStep": rows - 1}), _KEYS
            case "RunParquetHistory":
                live = {"parquetUrls": [], "liveData": [{"_step": 0}] if rows else []}
                return _of_run("parquetHistory", live), len(live["liveData"])
            case _:
                listed = min(rows, variables["maxStep"]) - variables["minStep"]
                return _of_run("history", []), max(0, listed)

    def _page(self, variables: Any) -> tuple[bytes, int]:
        """Runs by the time of their creation, as the SDK asks for them."""
        cursor = variables["cursor"]
        if cursor is None:
            self._listing = sorted(
                (run for run in self._runs if run.exists and self._is_ours(run)),
                key=lambda run: run.tally.first_request_at if run.tally else 0.0,
            )
        start = int(cursor or 0)
        end = start + variables["perPage"]
        edges = [{"node": {"name": run.name}} for run in self._listing[start:end]]
        info = {"endCursor": str(end), "hasNextPage": end < len(self._listing)}
        return answer_body({"project": {"runs": {"edges": edges, "pageInfo": info}}}), len(edges)

    def _find(self, name: str | None) -> ServedRun | None:
        """Among those that were listed: a reader knows no others."""
        return next((run for run in self._listing if run.name == name), None)

    def _is_ours(self, run: ServedRun) -> bool:
        return run.entity == self.entity and run.project == self.project


def _run_in(variables: Any) -> str | None:
    """The name that operations give to the run they are about."""
    for variable in ("name", "runName", "run"):
        if variable in variables:
            return str(variables[variable])
    return None


def _of_run(field: str, value: object) -> bytes:
    return answer_body({"project": {"run": {field: value}}})
