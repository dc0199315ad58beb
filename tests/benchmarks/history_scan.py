"""How fast a history is scanned: `python -m tests.benchmarks.history_scan`.

A run of many rows is read as the SDK's `scan_history` does: the keys, where exported files end,
then page after page. The floor is to serialise the same rows, and nothing else: each row to JSON
text, each page of them to the JSON of an answer. The ratio of the two is the figure.
"""

import json
import random
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import median

import click
import msgspec

from mockwb.clock import RealClock
from tests.benchmarks.load import API_KEY
from tests.benchmarks.servers import Started, create_runs, mockwb

PAGE = 1000
"""Rows, as the SDK asks for."""
_CHUNK = 10_000
"""Rows per request when the run is written."""
_METRICS = 10
_ENTITY, _PROJECT, _RUN = "bench", "history", "long"
_HEADERS = {
    "Authorization": f"Basic {b64encode(f'api:{API_KEY}'.encode()).decode()}",
    "Content-Type": "application/json",
}
_IN_RUN = """query %s($entity: String!, $project: String!, $run: String!%s) {
  project(name: $project, entityName: $entity) { run(name: $run) { %s } }
}"""
_KEYS = _IN_RUN % ("RunHistoryKeys", "", "historyKeys")
_EXPORTED = _IN_RUN % (
    "RunParquetHistory",
    ", $liveKeys: [String!]!",
    "parquetHistory(liveKeys: $liveKeys) { parquetUrls liveData }",
)
_ROWS = _IN_RUN % (
    "HistoryPage",
    ", $minStep: Int64!, $maxStep: Int64!, $pageSize: Int!",
    "history(minStep: $minStep, maxStep: $maxStep, samples: $pageSize)",
)

_Row = dict[str, float]


@dataclass(frozen=True)
class Round:
    """Seconds that the same rows took."""

    serialised: float
    first_page: float
    """Keys and order are worked out for the first page, and kept for the others."""
    scanned: float
    """All of it, the first page included."""


@dataclass(frozen=True)
class Scan:
    """The rounds of one measurement."""

    rows: int
    rounds: list[Round]

    @property
    def ratio(self) -> float:
        """Rows per second scanned, over rows per second serialised; median over rounds."""
        return median(one.serialised / one.scanned for one in self.rounds)


def measure(rows: int, rounds: int) -> Scan:
    """Scan a run of `rows` rows; RuntimeError if a row is missing."""
    written = _rows(rows)
    found: list[Round] = []
    with mockwb() as server:
        # A new run for each round: what was worked out for the last one does not help.
        for number in range(rounds):
            run = f"{_RUN}{number}"
            create_runs(server, _ENTITY, _PROJECT, [run])
            _write(server, run, written)
            serialised = _serialise(written)
            found.append(_scan(server, run, rows, serialised))
    return Scan(rows, found)


def _rows(count: int) -> list[_Row]:
    values = random.Random(1)
    return [
        {"_step": step, "_timestamp": 1_767_225_600 + step / 10, "_runtime": step / 10}
        | {f"train/metric_{n}": values.random() for n in range(_METRICS)}
        for step in range(count)
    ]


def _write(server: Started, run: str, rows: list[_Row]) -> None:
    path = f"/files/{_ENTITY}/{_PROJECT}/{run}/file_stream"
    with closing(HTTPConnection("127.0.0.1", server.port)) as connection:
        for offset in range(0, len(rows), _CHUNK):
            lines = [msgspec.json.encode(row).decode() for row in rows[offset : offset + _CHUNK]]
            files = {"wandb-history.jsonl": {"offset": offset, "content": lines}}
            _posted(connection, path, {"files": files})


def _serialise(rows: list[_Row]) -> float:
    """Seconds."""
    clock = RealClock()
    began = clock.now()
    for start in range(0, len(rows), PAGE):
        history = [msgspec.json.encode(row).decode() for row in rows[start : start + PAGE]]
        msgspec.json.encode({"data": {"project": {"run": {"history": history}}}})
    return clock.now() - began


def _scan(server: Started, run: str, rows: int, serialised: float) -> Round:
    clock = RealClock()
    began = clock.now()
    received = 0
    first_page = 0.0
    with closing(HTTPConnection("127.0.0.1", server.port)) as connection:
        for body in _requests(run, rows):
            answer = _posted(connection, "/graphql", body)
            received += answer.count(b"_runtime")
            if not first_page and body["operationName"] == "HistoryPage":
                first_page = clock.now() - began
    took = clock.now() - began
    # Each row names the key once, and so do the keys.
    if received != rows + 1:
        raise RuntimeError(f"{rows} rows were logged, {received - 1} came back")
    return Round(serialised, first_page, took)


def _requests(run: str, rows: int) -> Iterator[dict[str, object]]:
    names = {"entity": _ENTITY, "project": _PROJECT, "run": run}
    yield _body("RunHistoryKeys", _KEYS, names)
    yield _body("RunParquetHistory", _EXPORTED, names | {"liveKeys": ["_step"]})
    for start in range(0, rows, PAGE):
        window = {"minStep": start, "maxStep": start + PAGE, "pageSize": PAGE}
        yield _body("HistoryPage", _ROWS, names | window)


def _body(name: str, query: str, variables: dict[str, object]) -> dict[str, object]:
    return {"operationName": name, "query": query, "variables": variables}


def _posted(connection: HTTPConnection, path: str, body: object) -> bytes:
    connection.request("POST", path, json.dumps(body).encode(), _HEADERS)
    response = connection.getresponse()
    answer = response.read()
    if response.status != 200:
        raise RuntimeError(f"{path}: {response.status}: {answer[:500]!r}")
    return answer


@click.command()
@click.option("--rows", default=500_000, show_default=True)
@click.option("--rounds", default=3, show_default=True)
def main(rows: int, rounds: int) -> None:
    """Measure and print one line per round, and the ratio."""
    scan = measure(rows, rounds)
    for one in scan.rounds:
        click.echo(
            f"{rows:,} rows: serialised in {one.serialised:.2f} s, scanned in {one.scanned:.2f} s, "
            f"of which the first page took {one.first_page:.2f} s"
        )
    click.echo(f"ratio {scan.ratio:.2f}")


if __name__ == "__main__":
    main()
