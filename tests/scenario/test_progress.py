import io

from rich.console import Console

from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.scenario.model import Scenario
from mockwb.scenario.progress import Progress, describe
from mockwb.scenario.series import Sample
from mockwb.scenario.timeline.player import Happened
from mockwb.scenario.workload import ProjectPath


def scenario() -> Scenario:
    workload = VirtualWorkload(name="w", project=ProjectPath("team", "p"), count=300, rows=10)
    return Scenario(name="s", workloads=[workload])


def sample(at: float, seconds: float = 1.0, **fields) -> Sample:
    defaults = {
        "active": 299,
        "waiting": 4,
        "requests": {"200": 90, "429": 3},
        "rows_logged": 120,
        "rows_sent": 100,
        "rows_stored": 95,
        "remaining": {"project.requests": 120, "run.requests": 900},
    }
    return Sample(at=at, seconds=seconds, **{**defaults, **fields})


def test_a_line_tells_time_clients_rates_quota_and_rows():
    assert describe(scenario(), sample(65.9, seconds=2.0)) == (
        "1:05  299 of 300 clients active, 4 held back | 46 req/s, 1.5 429/s | "
        "12% of project.requests left | 95 of 3,000 rows stored, 25 in flight"
    )


def test_where_clients_cannot_tell_what_they_logged_rows_in_flight_are_those_that_were_sent():
    assert describe(scenario(), sample(1, rows_logged=None)).endswith("5 in flight")


def test_given_no_terminal_then_there_is_a_line_every_few_seconds_with_the_rates_since_the_last():
    out = io.StringIO()
    with Progress(scenario(), Console(file=out, width=200)) as progress:
        for second in range(1, 13):
            progress.saw(sample(second, requests={"200": 10 * second}))
    first, second = out.getvalue().splitlines()
    assert first.startswith("0:05  ")
    assert "30 req/s" in first  # (10 + ... + 50) / 5
    assert second.startswith("0:10  ")
    assert "80 req/s" in second


def test_given_a_terminal_then_the_line_is_renewed_with_every_sample():
    out = io.StringIO()
    with Progress(scenario(), Console(file=out, width=200, force_terminal=True)) as progress:
        progress.saw(sample(1))
        progress.saw(sample(2))
    assert "0:01  299" in out.getvalue()
    assert "0:02  299" in out.getvalue()


def test_a_server_that_does_not_answer_is_told():
    out = io.StringIO()
    with Progress(scenario(), Console(file=out, width=200)) as progress:
        progress.missed(61, "the server stopped answering: HTTP 500")
    assert out.getvalue() == "1:01  the server stopped answering: HTTP 500\n"


def test_a_server_that_does_not_answer_for_long_is_told_now_and_then():
    out = io.StringIO()
    with Progress(scenario(), Console(file=out, width=200)) as progress:
        for at in range(12):
            progress.missed(at, "gone")
        progress.saw(sample(1))
        progress.missed(12, "gone")
    assert [line[:4] for line in out.getvalue().splitlines()] == ["0:00", "0:05", "0:10", "0:12"]


def test_an_event_of_the_timeline_leaves_a_line():
    out = io.StringIO()
    with Progress(scenario(), Console(file=out, width=200)) as progress:
        progress.happened(Happened(seconds=61, do="thaw", text="thawed"))
    assert out.getvalue() == "1:01  thawed\n"
