"""What a list of many runs costs, and making them: `python -m tests.benchmarks.run_listing`.

The SDK's own query for a page of 50, filtered and ordered, against the query for who one is. Each
request filters by another threshold, so that none finds its answer ready. The runs are made one
after the other, and the later ones count, so that what grows with their number shows. Absolute
figures depend on the machine; the ratios to the query for who one is are the figures.
"""

import http.client
import json
import os
import random
from base64 import b64encode
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from statistics import median

import click
from rich.console import Console
from rich.table import Table

from mockwb.clock import RealClock
from tests.benchmarks.load import API_KEY
from tests.benchmarks.servers import Started, mockwb

PAGE = 50
VIEWERS = 10
"""Viewer queries for each page."""
CREATED = 80
"""Runs per second that W&B publishes as its limit."""
ENTITY, PROJECT = "bench", "listing"
_VIEWER = """
query Viewer { viewer { id entity username email flags teams { edges { node { name } } } } }
"""
"""As wandb-core 0.31.0 checks its key with."""
_UPSERT = """
mutation UpsertBucket(
  $entity: String, $project: String, $name: String, $config: JSONString, $summary: JSONString,
  $tags: [String!]
) {
  upsertBucket(input: {
    entityName: $entity, modelName: $project, name: $name, config: $config,
    summaryMetrics: $summary, tags: $tags
  }) {
    bucket { id name displayName project { name entity { name } } historyLineCount }
    inserted
  }
}
"""
_RUNS = """
query Runs(
  $project: String!, $entity: String!, $cursor: String, $perPage: Int = 50, $order: String,
  $filters: JSONString
) {
  project(name: $project, entityName: $entity) {
    internalId
    runCount(filters: $filters)
    readOnly
    runs(filters: $filters, after: $cursor, first: $perPage, order: $order) {
      edges { node { projectId ...LightweightRunFragment } cursor }
      pageInfo { endCursor hasNextPage }
    }
  }
}
fragment LightweightRunFragment on Run {
  id tags name displayName sweepName state group jobType commit readOnly createdAt heartbeatAt
  description notes historyLineCount user { name username }
}
"""
"""As wandb 0.31.0 has it (wandb/apis/public/runs.py)."""


@dataclass
class Listing:
    """What was measured."""

    created: list[float] = field(default_factory=list)
    """Seconds of each creation of a run, by one client, one after the other."""
    viewer: list[float] = field(default_factory=list)
    """Seconds of each query."""
    page: list[float] = field(default_factory=list)
    """Seconds of each filtered, ordered first page."""
    created_cpu: float = 0.0
    """CPU seconds of a creation among the later half, client and server together."""
    viewer_cpu: float = 0.0
    """CPU seconds of a viewer query, client and server together."""
    page_cpu: float = 0.0
    """CPU seconds of a page, client and server together."""

    @property
    def ratio(self) -> float:
        """A page in viewer queries. The fastest of each: neighbours only ever slow them down."""
        return min(self.page) / min(self.viewer)

    @property
    def cpu_ratio(self) -> float:
        """The same in CPU time, which says more where the machine has no quiet moment."""
        return self.page_cpu / self.viewer_cpu

    @property
    def creation(self) -> float:
        """Seconds of a creation with half of the runs there already, in the middle."""
        return median(self.created[len(self.created) // 2 :])

    @property
    def created_ratio(self) -> float:
        """Such a creation in viewer queries, the one in the middle too."""
        return self.creation / median(self.viewer)

    @property
    def created_cpu_ratio(self) -> float:
        """The same in CPU time."""
        return self.created_cpu / self.viewer_cpu

    @property
    def created_per_second(self) -> float:
        """Runs that the client made, from first to last."""
        return len(self.created) / sum(self.created)


class _Client:
    def __init__(self, server: Started) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        credentials = b64encode(f"api:{API_KEY}".encode()).decode()
        self._headers = {
            "Authorization": f"Basic {credentials}",
            "Content-Type": "application/json",
        }

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def ask(self, query: str, variables: Mapping[str, object]) -> bytes:
        """The answer's body; RuntimeError if it is none of success."""
        body = json.dumps({"query": query, "variables": variables})
        self._connection.request("POST", "/graphql", body, self._headers)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise RuntimeError(f"{response.status}: {answer[:500]!r}")
        return answer


def measure(runs: int, rounds: int) -> Listing:
    """Make `runs` runs and list them `rounds` times."""
    clock, chance, found = RealClock(), random.Random(0), Listing()
    with mockwb() as server, closing(_Client(server)) as client:
        before = 0.0
        for number in range(runs):
            if number == runs // 2:
                before = _cpu(server)
            run = _run(number, chance)
            started = clock.now()
            client.ask(_UPSERT, run)
            found.created.append(clock.now() - started)
        found.created_cpu = (_cpu(server) - before) / (runs - runs // 2)
        _page(client, chance)  # reads what the filters ask for, once
        before = _cpu(server)
        for _ in range(rounds * VIEWERS):
            started = clock.now()
            client.ask(_VIEWER, {})
            found.viewer.append(clock.now() - started)
        between = _cpu(server)
        for _ in range(rounds):
            started = clock.now()
            answer = _page(client, chance)
            found.page.append(clock.now() - started)
        found.viewer_cpu = (between - before) / (rounds * VIEWERS)
        found.page_cpu = (_cpu(server) - between) / rounds
        listed = json.loads(answer)["data"]["project"]["runs"]["edges"]
        if len(listed) != min(PAGE, runs):
            raise RuntimeError(f"{len(listed)} runs on a page of {PAGE}")
    return found


def _cpu(server: Started) -> float:
    own = os.times()
    return server.cpu_seconds() + own.user + own.system


def _run(number: int, chance: random.Random) -> dict[str, object]:
    config = {"lr": chance.random(), "opt": chance.choice(["sgd", "adam"]), "seed": number}
    entries = {name: {"value": value} for name, value in config.items()}
    summary = {"loss": chance.random(), "_step": 100, "val": {"acc": chance.random()}}
    return {
        "entity": ENTITY,
        "project": PROJECT,
        "name": f"run{number:05d}",
        "config": json.dumps(entries),
        "summary": json.dumps(summary),
        "tags": [chance.choice("abc")],
    }


def _page(client: _Client, chance: random.Random) -> bytes:
    threshold = 0.5 + chance.random() / 2
    filters = {"$and": [{"state": "running"}, {"config.lr": {"$lt": threshold}}]}
    asked = {"entity": ENTITY, "project": PROJECT, "perPage": PAGE}
    order = "-summary_metrics.val.acc"
    return client.ask(_RUNS, {**asked, "filters": json.dumps(filters), "order": order})


@click.command()
@click.option("--runs", default=10_000, show_default=True)
@click.option("--rounds", default=100, show_default=True)
def main(runs: int, rounds: int) -> None:
    """Measure and print."""
    found = measure(runs, rounds)
    table = Table(title=f"{runs:,} runs, one client; ratios to the viewer query")
    for column in ("request", "ms", "ratio", "cpu ratio", "per second", "W&B's limit"):
        table.add_column(column, justify="left" if column == "request" else "right")
    page = (f"{found.ratio:.1f}", f"{found.cpu_ratio:.1f}")
    creation = (f"{found.created_ratio:.1f}", f"{found.created_cpu_ratio:.1f}")
    sustained = f"{found.created_per_second:,.0f}"
    table.add_row("viewer query", f"{min(found.viewer) * 1000:.2f}")
    table.add_row(f"first page of {PAGE}", f"{min(found.page) * 1000:.2f}", *page)
    table.add_row(
        "creation of a run", f"{found.creation * 1000:.2f}", *creation, sustained, str(CREATED)
    )
    Console().print(table)


if __name__ == "__main__":
    main()
