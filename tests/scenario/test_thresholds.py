import pytest

from mockwb.account import Account
from mockwb.scenario.tally import Tallies, tally
from mockwb.scenario.thresholds import Threshold
from tests.scenario.accounts import client, stored


def tallies(**run) -> Tallies:
    clients = [client("r1", workload="w"), client("r2", workload="v", finish_seconds=None)]
    return tally(["w", "v"], clients, Account(runs=[stored("r1", **run), stored("r2")]))


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("rows.missing == 0", False),
        ("rows.missing != 0", True),
        ("rows.missing > 2", False),
        ("rows.missing >= 2", True),
        ("rows.missing < 2", False),
        ("rows.missing <= 2", True),
        ("workloads.w.rows.missing == 2", True),
        ("workloads.v.rows.missing == 0", True),
        ("workloads.w.requests.refused_share <= 25%", True),
        ("workloads.w.requests.refused_share < 0.25", False),
        ("bytes.received < 1MB", True),
        ("finish_seconds.p95 < 30s", True),
        ("finish_seconds.p95 < 0.5", False),
        ("requests.total == 1_1", True),
        ("requests.file_stream.429 == 2", True),
        ("finish_delay.p95 < 30s", True),
        ("http.429.count == 2", True),
        ("workloads.w.http.429.rate < 26%", True),
        ("workloads.w.http.4xx.rate < 25%", False),
        ("http.5xx.count == 0", True),
        ("http.503.rate == 0", True),
    ],
)
def test_an_expression_compares_a_figure_with_a_number(expression, holds):
    measured = tallies(rows_stored=8, bytes_in=2000, requests={"file_stream": {"200": 6, "429": 2}})
    assert Threshold(expression).judge(measured).holds is holds


def test_the_outcome_tells_what_was_measured():
    outcome = Threshold("rows.missing   == 0").judge(tallies(rows_stored=8))
    assert outcome.text == "rows.missing == 0 (measured: 2)"
    assert outcome.measured == 2


def test_what_was_not_measured_holds_no_threshold():
    outcome = Threshold("workloads.v.finish_seconds.max < 1h").judge(tallies())
    assert (outcome.holds, outcome.measured) == (False, None)
    assert "measured: nothing" in outcome.text


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("rows.missing", "expected a comparison such as"),
        ("rows.missing = 0", "expected a comparison such as"),
        ("rows.missing == ", "expected a comparison such as"),
        (0, "expected a comparison such as"),
        ("rows.mising == 0", "did you mean rows.missing"),
        ("nonsense == 0", "expected one of clients.total, clients.failed, runs.running"),
        ("rows.missing == none", "expected a number to compare with"),
        ("rows.missing == 5s", "expected a number to compare with"),
        ("bytes.received < 5 miles", "expected a size such as"),
        ("finish_seconds.p95 < 3 apples", "expected a duration such as"),
        ("requests.refused_share < many", "expected a share such as 5%"),
        ("http.429.rate < 5", r"expected a share such as 5% or 0.05, got 5; is 5% meant\?"),
        ("workloads.w.nonsense == 0", "unknown figure 'nonsense'"),
        ("http.600.rate == 0", "unknown figure 'http.600.rate'"),
        ({"check": "rows.mising == 0"}, "check: unknown figure 'rows.mising'"),
        ({"check": "rows.missing == 0", "abort": True}, "abort: unknown key; expected one of ch"),
        ({"check": "retries == 0", "after": "9s"}, "after is for thresholds with abort_on_fail"),
        (
            {"check": "clients.failed == 0", "abort_on_fail": True},
            "check: abort_on_fail: clients.failed is known only at the end",
        ),
        (
            {"check": "finish_delay.p95 < 9s", "abort_on_fail": True},
            "finish_delay.p95 is known only at the end",
        ),
        (
            {"check": "retries > 5", "abort_on_fail": True},
            "retries rises, so that > may hold in the end",
        ),
        ({"check": "remaining.lowest < 5", "abort_on_fail": True}, "remaining.lowest falls, so"),
    ],
)
def test_a_bad_expression_says_what_would_be_right(expression, message):
    with pytest.raises(ValueError, match=message):
        Threshold.from_config(expression)
