import io

from rich.console import Console

from mockwb.account import Account
from mockwb.scenario.account_table import print_account
from mockwb.scenario.tally import Tallies, tally
from tests.scenario.accounts import client, hasty, stored


def table(tallies: Tallies, width: int = 100) -> dict[str, list[str]]:
    """Label -> cells of each line, as printed to a file."""
    out = io.StringIO()
    print_account(tallies, Console(file=out, width=width))
    lines = {}
    for line in out.getvalue().splitlines():
        cells = [cell.strip() for cell in line.strip("│┃").replace("┃", "│").split("│")]
        if len(cells) > 1:
            lines.setdefault(cells[0], cells[1:])
    return lines


def two_workloads() -> Tallies:
    run = stored(
        "r1",
        requests={"file_stream": {"200": 1500, "429": 20}},
        refused={"project.requests": 20},
        rows_stored=9,
        throttled_seconds=75.0,
        lowest_remaining=0,
    )
    return tally(
        ["real", "fleet"],
        [client("r1", workload="real"), client("r2", workload="fleet", finish_seconds=12.34)],
        Account(runs=[run, stored("r2")], other_requests={"graphql": {"200": 1}}),
        [hasty("r1")],
    )


def test_there_is_a_column_per_workload_and_one_for_all():
    lines = table(two_workloads())
    assert lines[""] == ["real", "fleet", "total"]
    assert lines["rows logged"] == ["10", "10", "20"]
    assert lines["file_stream 200"] == ["1,500", "3", "1,503"]
    assert lines["graphql 200"] == ["0", "0", "1"]


def test_what_limits_did_is_there():
    lines = table(two_workloads())
    assert lines["answered 429"] == ["20", "0", "20"]
    assert lines["by project.requests"] == ["20", "0", "20"]
    assert lines["lowest RateLimit-Remaining"] == ["0 of 1000", "-", "0 of 1000"]
    assert lines["held back, all runs"] == ["1m15s", "0s", "1m15s"]
    assert lines["max"] == ["1s", "12.3s", "12.3s"]


def test_how_clients_behaved_is_there():
    lines = table(two_workloads())
    assert lines["retries"] == ["2", "0", "2"]
    assert lines["premature"] == ["2", "0", "2"]
    assert lines["shortest wait / advised"] == ["2.5s / 10s", "-", "2.5s / 10s"]
    assert lines["median wait / advised"] == ["2.5s / 8s", "-", "2.5s / 8s"]
    assert lines["median waits by attempt"] == ["2.5s 5s", "-", "2.5s 5s"]
    assert lines["most attempts at one"] == ["3", "0", "3"]
    assert lines["bytes sent again"] == ["4kB", "0B", "4kB"]
    assert lines["requests while Remaining 0"] == ["3", "0", "3"]


def test_without_retries_their_waits_take_no_lines():
    tallies = tally(["only"], [client(workload="only")], Account(runs=[stored()]))
    lines = table(tallies)
    assert lines["retries"] == ["0"]
    assert "shortest wait / advised" not in lines


def test_one_workload_that_made_all_requests_needs_no_total():
    tallies = tally(["only"], [client(workload="only")], Account(runs=[stored()]))
    assert table(tallies)[""] == ["only"]


def test_eighty_columns_are_enough():
    out = io.StringIO()
    print_account(two_workloads(), Console(file=out, width=80))
    assert max(len(line) for line in out.getvalue().splitlines()) <= 80
    assert "RateLimit-Remaining" in out.getvalue()


def test_pages_are_there_if_anybody_read_some():
    reading = client("", workload="readers", pages=1234, rows=0, values=0)
    tallies = tally(["fleet", "readers"], [client(workload="fleet"), reading], Account())
    assert table(tallies)["pages read"] == ["0", "1,234", "1,234"]
    assert "pages read" not in table(two_workloads())


def test_labels_are_whole_however_many_columns_there_are():
    names = [f"a-workload-with-a-long-name-{number}" for number in range(7)]
    clients = [client(f"r{name}", workload=name) for name in names]
    lines = table(tally(names, clients, Account(runs=[stored(f"r{name}") for name in names])))
    assert len(lines["file_stream 200"]) == 8
    assert len(lines["last log() to end of finish()"]) == 8
