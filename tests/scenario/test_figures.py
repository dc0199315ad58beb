import re
from pathlib import Path

import pytest

from mockwb.account import Account, DeliveryLag
from mockwb.scenario.figures import FIGURES, find, quantile, read_all
from mockwb.scenario.tally import Tally, tally
from mockwb.scenario.thresholds import Threshold
from mockwb.target import FROZEN, LIMITED, Surface
from tests.scenario.accounts import client, hasty, stored


def total(clients: list, runs: list) -> Tally:
    return tally(["w"], clients, Account(runs=runs)).total


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 5.0), (0.95, 10.0), (1, 10.0), (0.1, 1.0), (0.11, 2.0)]
)
def test_a_quantile_is_one_of_the_values(share, expected):
    assert quantile([float(n) for n in range(10, 0, -1)], share) == expected


def test_there_is_no_quantile_of_nothing():
    assert quantile([], 0.5) is None


def test_every_figure_reads_an_empty_account():
    figures = read_all(Tally())
    assert set(figures) == set(FIGURES)
    assert figures["finish_seconds.p95"] is None
    assert figures["remaining.lowest"] is None
    assert figures["requests.refused_share"] == 0


def test_refusals_are_counted_by_endpoint_status_and_limit():
    run = stored(
        requests={"file_stream": {"200": 6, "429": 2}, "graphql": {"200": 2, "500": 1}},
        refused={"project.requests": 2},
    )
    figures = read_all(total([client()], [run]))
    assert figures["requests.total"] == 11
    assert figures["requests.refused"] == 2
    assert figures["requests.file_stream.refused_share"] == 0.25
    assert figures["requests.errors"] == 1
    assert figures["refused.project.requests"] == 2
    assert figures["refused.project.bytes"] == 0
    assert figures["requests.graphql.500"] == 1


def test_a_status_of_an_endpoint_is_a_figure_even_if_it_never_occurred():
    figure = find("requests.graphql.503")
    assert figure is not None
    assert figure.read(total([client()], [stored()])) == 0


@pytest.mark.parametrize("name", ["requests.graphqll.500", "requests.graphql.9", "rows", ""])
def test_other_names_are_no_figures(name):
    assert find(name) is None


def test_times_are_per_run():
    clients = [client("a", finish_seconds=2.0), client("b", finish_seconds=8.0)]
    runs = [stored("a", throttled_seconds=1.5), stored("b")]
    figures = read_all(total(clients, runs))
    assert figures["finish_seconds.p50"] == 2.0
    assert figures["finish_seconds.max"] == 8.0
    assert figures["throttled_seconds.total"] == 1.5
    assert figures["throttled_seconds.p50"] == 0.0


def test_lags_are_those_of_the_median_and_of_the_worst_run():
    lags = [DeliveryLag(p50=n, p95=n + 10, max=n + 20) for n in (1, 2, 4)]
    figures = read_all(Tally(lags=lags, deliveries={"in flight": 2}, guidance=3))
    assert [figures[f"delivery_lag.{name}"] for name in ("p50", "p95", "max")] == [2, 14, 24]
    assert (figures["delivery.in_flight"], figures["delivery.complete"]) == (2, 0)
    assert figures["guidance.violations"] == 3


def test_every_limit_and_a_freeze_have_their_refusals_counted():
    run = stored(refused={name: index for index, name in enumerate([*LIMITED, FROZEN])})
    figures = read_all(total([client()], [run]))
    for index, name in enumerate([*LIMITED, FROZEN]):
        assert figures[f"refused.{name}"] == index


def test_how_clients_behaved_is_there_in_figures():
    figures = read_all(tally(["w"], [client()], Account(runs=[stored()]), [hasty()]).total)
    expected = {
        "retries": 2,
        "premature_retries": 2,
        "requests.while_remaining_zero": 3,
        "bytes.resent": 4000,
        "retry_wait.shortest": 2.5,
        "retry_wait.median": 2.5,
        "retry_wait.shortest_share": 0.25,
        "attempts.most": 3,
    }
    assert {name: figures[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("premature_retries == 0", False),
        ("workloads.w.premature_retries == 0", False),
        ("workloads.v.premature_retries == 0", True),
        ("retry_wait.shortest_share >= 100%", False),
        ("workloads.w.retry_wait.shortest < 3s", True),
        ("workloads.v.retry_wait.shortest < 3s", False),
    ],
)
def test_thresholds_judge_behaviour_per_workload_and_in_total(expression, holds):
    clients = [client("r1"), client("r2", workload="v")]
    tallies = tally(["w", "v"], clients, Account(), [hasty("r1")])
    assert Threshold(expression).judge(tallies).holds is holds


def test_the_readme_of_the_scenarios_names_every_figure():
    text = (Path(__file__).parents[2] / "scenarios" / "README.md").read_text()
    table = [line for line in text.splitlines() if line.startswith("| `")]
    endpoint = re.compile(rf"^requests\.({'|'.join(Surface)})\.")
    for name in {endpoint.sub("requests.ENDPOINT.", name) for name in FIGURES}:
        group, _, last = name.rpartition(".")
        assert any(
            f"`{name}`" in line or (f"`{group}." in line and f"`.{last}`" in line) for line in table
        ), name
