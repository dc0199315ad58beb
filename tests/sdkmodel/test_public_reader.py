"""Source: `wandb.Api` of 0.31.0 on the wire, with and without a limit on its user."""

from itertools import pairwise
from random import Random
from typing import Any

import pytest

from mockwb.sdkmodel.public_operations import ProjectName
from mockwb.sdkmodel.public_reader import PublicReader
from tests.sdkmodel.timeline import Answer, Sent, Timeline, graphql

REFUSED = Answer(429, b'{"error": "slow down"}')


def reader(**how: Any) -> PublicReader:
    given: dict[str, Any] = {"read": "runs", "pages": 3, "per_page": 2, "every": 0.0}
    return PublicReader(
        ProjectName("team", "p"), api_key="k" * 40, random=Random(7), **(given | how)
    )


class Project:
    """Answers as a server with so many runs, each with so many steps."""

    def __init__(self, runs: int = 5, steps: int = 25, parquet: dict[str, Any] | None = None):
        self.names = [f"r{i}" for i in range(runs)]
        self.steps = steps
        self.parquet = parquet or {"parquetUrls": [], "liveData": [{"_step": 0.0}]}
        self.script: dict[tuple[str, int], Answer] = {}

    def __call__(self, sent: Sent, number: int) -> Answer | None:
        if (sent.name, number) in self.script:
            return self.script[sent.name, number]
        asked = sent.json.get("variables") or {}
        run = {
            "RunFullHistory": {"history": []},
            "RunHistoryKeys": {"historyKeys": {"lastStep": self.steps - 1}},
            "RunParquetHistory": {"parquetHistory": self.parquet},
            "HistoryPage": {"history": []},
        }.get(sent.name)
        if run is not None:
            return graphql({"project": {"run": run}})
        if sent.name != "Runs":
            return None
        start = int(asked["cursor"] or 0)
        end = start + asked["perPage"]
        edges = [{"node": {"name": name}, "cursor": ""} for name in self.names[start:end]]
        info = {"endCursor": str(end), "hasNextPage": end < len(self.names)}
        return graphql({"project": {"runs": {"edges": edges, "pageInfo": info}}})


def names(time: Timeline) -> list[str]:
    return [sent.name for sent in time.sent]


def asked(time: Timeline, name: str, *variables: str) -> list[tuple[Any, ...]]:
    return [tuple(sent.json["variables"][v] for v in variables) for sent in time.of(name)]


def test_a_listing_is_read_page_by_page_and_from_the_start_again() -> None:
    one = reader(pages=5)
    time = Timeline(one, Project()).advance_to(100)
    assert names(time) == ["Viewer", "GetDefaultEntity", *["Runs"] * 5]
    assert asked(time, "Runs", "cursor", "perPage") == [
        *((cursor, 2) for cursor in (None, "2", "4")),
        *((cursor, 2) for cursor in (None, "2")),
    ]
    assert (one.pages, one.error, one.done) == (5, None, True)


def test_pages_keep_their_pace_and_never_catch_up() -> None:
    project = Project()
    project.script["Runs", 2] = graphql({})._replace(after=5.0)
    time = Timeline(reader(pages=4, every=2.0), project).advance_to(100)
    assert time.times("Runs") == [0, 2, 7, 9]


def test_the_sampled_history_of_every_run_is_a_page() -> None:
    time = Timeline(reader(read="history", pages=7, per_page=500), Project()).advance_to(100)
    runs = [*Project().names, *Project().names[:2]]
    assert asked(time, "RunFullHistory", "name", "samples") == [(run, 500) for run in runs]
    assert len(time.of("Runs")) == 2


def test_a_scan_asks_for_its_end_and_then_for_windows_of_steps() -> None:
    time = Timeline(reader(read="scan_history", pages=4, per_page=10), Project()).advance_to(100)
    assert names(time)[2:] == [
        "Runs",
        *("RunHistoryKeys", "RunParquetHistory", "HistoryPage", "HistoryPage", "HistoryPage"),
        *("RunHistoryKeys", "RunParquetHistory", "HistoryPage"),
    ]
    assert asked(time, "HistoryPage", "run", "minStep", "maxStep", "pageSize") == [
        ("r0", 0, 10, 10),
        ("r0", 10, 20, 10),
        ("r0", 20, 25, 5),
        ("r1", 0, 10, 10),
    ]


def test_what_is_in_parquet_files_is_not_read_in_pages() -> None:
    parquet = {"parquetUrls": ["http://h/1"], "liveData": [{"_step": 20}, {"_step": 21}]}
    time = Timeline(reader(read="scan_history", pages=1), Project(parquet=parquet)).advance_to(9)
    assert asked(time, "HistoryPage", "minStep", "maxStep") == [(20, 22)]


@pytest.mark.parametrize(
    ("read", "project"),
    [
        ("history", Project(runs=0)),
        ("scan_history", Project(steps=0)),
        (
            "scan_history",
            Project(runs=1, parquet={"parquetUrls": ["http://h/1"], "liveData": []}),
        ),
    ],
)
def test_a_project_with_nothing_to_read_is_looked_at_at_the_same_pace(read, project) -> None:
    one = reader(read=read, pages=3, every=2.0)
    time = Timeline(one, project).advance_to(100)
    assert [later - earlier for earlier, later in pairwise(time.times("Runs"))] == [0, 2]
    assert (one.pages, one.done, one.error) == (3, True, None)


def test_a_project_that_is_not_there_yet_is_an_empty_page() -> None:
    def nothing(sent: Sent, number: int) -> Answer | None:
        return graphql({"project": None}) if sent.name == "Runs" else None

    one = reader(pages=2, every=1.0)
    assert Timeline(one, nothing).advance_to(100).times("Runs") == [0, 1]
    assert (one.pages, one.error) == (2, None)


def test_a_refused_page_is_asked_for_again_when_the_server_says() -> None:
    project = Project()
    project.script["Runs", 2] = REFUSED._replace(headers={"Retry-After": "9"})
    one = reader(pages=3)
    time = Timeline(one, project).advance_to(100)
    assert time.times("Runs") == [0, 0, 9, 9]
    assert (one.tally.retries, one.tally.throttled_seconds, one.pages) == (1, 9.0, 3)


def test_without_advice_it_waits_as_a_run_does() -> None:
    project = Project()
    project.script |= {("Runs", n): REFUSED for n in (1, 2)}
    times = Timeline(reader(pages=1), project).advance_to(100).times("Runs")
    first, second = (later - earlier for earlier, later in pairwise(times))
    assert 2 <= first <= 2.5
    assert 4 <= second <= 5


def test_a_call_that_takes_19_seconds_is_an_exception_and_the_script_dies_of_it() -> None:
    project = Project()
    project.script["Runs", 1] = REFUSED._replace(headers={"Retry-After": "39"})
    one = reader()
    time = Timeline(one, project).advance_to(100)
    assert (one.done_at, one.pages, len(time.of("Runs"))) == (19.0, 0, 1)
    assert one.error == 'Timed out while retrying: HTTP 429: {"error": "slow down"}'


def test_an_answer_that_never_comes_is_waited_for_as_long() -> None:
    project = Project()
    project.script["Viewer", 1] = Answer(after=float("inf"))
    one = reader()
    Timeline(one, project).advance_to(100)
    assert one.done_at == 19.0
    assert one.error is not None


def test_an_error_of_the_server_is_the_scripts() -> None:
    project = Project()
    project.script["Runs", 1] = Answer(body=b'{"errors": [{"message": "no such filter"}]}')
    one = reader()
    Timeline(one, project).advance_to(100)
    assert one.error == "input: no such filter"


def test_an_answer_of_another_shape_is_an_exception_of_the_script() -> None:
    project = Project()
    project.script["Runs", 1] = graphql({"project": {"runs": {"edges": [{"node": None}]}}})
    one = reader(read="history")
    Timeline(one, project).advance_to(100)
    assert one.error is not None
    assert one.error.startswith("the answer is not what was asked for: TypeError")


def test_who_is_not_even_told_of_a_failure_in_time_says_so() -> None:
    one = reader()
    one.start(0.0, 0.0)
    assert len(one.due(0.0)) == 1
    assert one.due(19.0) == []
    assert (one.done_at, one.error) == (19.0, "Timed out before any answer")
