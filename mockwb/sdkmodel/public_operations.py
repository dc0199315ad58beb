"""The GraphQL operations of `wandb.Api` that read runs and history.

Names, variables, selections and headers are the SDK's (0.31, wandb/apis/public and
core/internal/runhistoryreader); only the layout of the documents is our own.
"""

from base64 import b64encode
from typing import Any, NamedTuple

from mockwb.sdkmodel.requests import GraphQLCall, Request
from mockwb.target import Surface

USER_AGENT = "W&B Public Client 0.31.0"

_VIEWER = "query Viewer {viewer {id entity username email flags teams {edges {node {name}}}}}"
_DEFAULT_ENTITY = "query GetDefaultEntity {viewer {id entity}}"
_RUNS = """#graphql
query Runs($project: String!, $entity: String!, $cursor: String, $perPage: Int = 50, \
$order: String, $filters: JSONString) {
  project(name: $project, entityName: $entity) {
    internalId
    runCount(filters: $filters)
    readOnly
    runs(filters: $filters, after: $cursor, first: $perPage, order: $order) {
      edges {node {projectId ...LightweightRunFragment} cursor}
      pageInfo {endCursor hasNextPage}
    }
  }
}
fragment LightweightRunFragment on Run {
  id tags name displayName sweepName state group jobType commit readOnly createdAt heartbeatAt
  description notes historyLineCount user {name username}
}
"""
_OF_RUN = """
query {operation}($project: String!, $entity: String!, {variables}) {
  project(name: $project, entityName: $entity) {run(name: {run}) {{selection}}}
}
"""


class ProjectName(NamedTuple):
    """Whose runs are read."""

    entity: str
    project: str


class PublicOperations:
    """Builds the requests of one `wandb.Api()`."""

    __slots__ = ("_headers", "_where")

    def __init__(self, where: ProjectName, api_key: str) -> None:
        token = b64encode(f"api:{api_key}".encode()).decode()
        self._where = where._asdict()
        self._headers = {
            "User-Agent": USER_AGENT,
            "Authorization": f"Basic {token}",
            "Content-Type": "application/json",
            "Use-Admin-Privileges": "true",
            "X-WANDB-USERNAME": "",
            "X-WANDB-USER-EMAIL": "",
            "Accept-Encoding": "gzip",
        }

    def viewer(self) -> Request:
        """Whose key it is: the first thing that `wandb.Api()` asks."""
        return self._request("Viewer", _VIEWER, None)

    def default_entity(self) -> Request:
        """Asked once, when the first path is read."""
        return self._request("GetDefaultEntity", _DEFAULT_ENTITY, {}, named=False)

    def runs(self, cursor: str | None, per_page: int) -> Request:
        """One page of `api.runs()`; `cursor` is the end of the page before it."""
        variables = {
            **self._where,
            "cursor": cursor,
            "filters": "{}",
            "order": "+created_at",
            "perPage": per_page,
        }
        return self._request("Runs", _RUNS, variables, named=False)

    def full_history(self, run: str, samples: int) -> Request:
        """All of `run.history()`."""
        query = _of_run("RunFullHistory", "$name", "$samples: Int", "history(samples: $samples)")
        variables = {**self._where, "name": run, "samples": samples}
        return self._request("RunFullHistory", query, variables, named=False)

    def history_keys(self, run: str) -> Request:
        """Where a scan ends; the first thing that `run.scan_history()` asks."""
        query = _of_run("RunHistoryKeys", "$name", "", "historyKeys")
        return self._request("RunHistoryKeys", query, {**self._where, "name": run}, named=False)

    def parquet_history(self, run: str) -> Request:
        """Which part of a run's history is to be had as files."""
        query = _of_run(
            "RunParquetHistory",
            "$runName",
            "$liveKeys: [String!]!",
            "parquetHistory(liveKeys: $liveKeys) {parquetUrls liveData}",
        )
        variables = {**self._where, "runName": run, "liveKeys": ["_step"]}
        return self._request("RunParquetHistory", query, variables)

    def history_page(self, run: str, first: int, after: int) -> Request:
        """The rows of the steps from `first` to before `after`."""
        query = _of_run(
            "HistoryPage",
            "$run",
            "$minStep: Int64!, $maxStep: Int64!, $pageSize: Int!",
            "history(minStep: $minStep, maxStep: $maxStep, samples: $pageSize)",
        )
        steps = {"minStep": first, "maxStep": after, "pageSize": after - first}
        return self._request("HistoryPage", query, {**self._where, "run": run, **steps})

    def _request(
        self, operation: str, query: str, variables: dict[str, Any] | None, *, named: bool = True
    ) -> Request:
        """Documents that Python wrote go out without their operation's name."""
        call = GraphQLCall(operation, query, variables, named=named)
        return Request(Surface.GRAPHQL, operation, "POST", "/graphql", self._headers, call)


def _of_run(operation: str, run: str, further: str, selection: str) -> str:
    """A query about one run; `run` is the variable with its name."""
    declared = ", ".join(filter(None, (f"{run}: String!", further)))
    text = _OF_RUN.replace("{operation}", operation).replace("{variables}", declared)
    return text.replace("{run}", run).replace("{selection}", selection)
