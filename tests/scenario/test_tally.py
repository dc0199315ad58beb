from mockwb.account import Account, Delivery, DeliveryLag
from mockwb.guidance import Finding
from mockwb.scenario.content_check import ContentCheck
from mockwb.scenario.tally import Tally, tally
from tests.scenario.accounts import client, hasty, stored


def count(clients: list, runs: list, **account) -> Tally:
    return tally(["w"], clients, Account(runs=runs, **account)).total


def test_rows_that_the_server_does_not_have_are_missing():
    total = count([client(rows=10)], [stored(rows_stored=7)])
    assert (total.rows.sent, total.rows.stored, total.rows.missing) == (10, 7, 3)


def test_a_surplus_in_one_run_hides_no_loss_in_another():
    total = count(
        [client("a", rows=10), client("b", rows=10)],
        [stored("a", rows_stored=12), stored("b", rows_stored=8)],
    )
    assert (total.rows.missing, total.rows.duplicated) == (2, 2)


def test_a_run_the_server_never_heard_of_is_missing_whole():
    total = count([client(rows=10)], [])
    assert total.rows.missing == 10
    assert total.run_states == {"unknown": 1}


def test_a_client_with_an_error_or_another_exit_code_than_0_failed():
    clients = [client("a"), client("b", error="boom"), client("c", exit_code=3)]
    total = count(clients, [])
    assert (total.clients, total.clients_failed) == (3, 2)
    assert total.errors == ["boom", "ended with code 3"]


def test_a_client_without_an_exit_code_never_ended_and_failed():
    assert count([client(exit_code=None)], []).clients_failed == 1


def test_requests_of_runs_and_of_nobody_add_up_in_the_total_only():
    tallies = tally(
        ["w"],
        [client()],
        Account(runs=[stored()], other_requests={"graphql": {"200": 4}}),
    )
    assert tallies.total.answered() == 7
    assert tallies.workloads["w"].answered() == 3


def test_each_workload_counts_its_own_clients():
    tallies = tally(
        ["a", "b", "idle"],
        [client("r1", workload="a"), client("r2", workload="b", rows=5)],
        Account(runs=[stored("r1"), stored("r2", rows_stored=5)]),
    )
    assert {name: t.rows.stored for name, t in tallies.workloads.items()} == {
        "a": 10,
        "b": 5,
        "idle": 0,
    }
    assert tallies.total.rows.stored == 15


def test_the_lowest_remaining_is_the_lowest_of_all_runs():
    runs = [stored("a", lowest_remaining=700), stored("b", lowest_remaining=40), stored("c")]
    total = count([client("a"), client("b"), client("c")], runs)
    assert total.lowest_remaining == 40


def test_without_limits_there_is_no_lowest_remaining():
    assert count([client()], [stored()]).lowest_remaining is None


def test_open_gaps_count_their_lines():
    gaps = [("wandb-history.jsonl", 3, 5), ("output.log", 0, 1)]
    assert count([client()], [stored(gaps=gaps)]).gap_lines == 3


def test_attempts_without_an_answer_are_the_clients_to_tell():
    requests = {"file_stream": {"200": 3, "error": 2}}
    assert count([client(requests=requests)], [stored()]).network_errors == 2


def test_behaviour_adds_up_per_workload_over_runs_and_endpoints():
    behaved = [
        hasty("a"),
        hasty("a", endpoint="graphql", retries=5),
        hasty("b", premature_retries=0),
        hasty("somebody-else"),
    ]
    clients = [client("a"), client("b", workload="v"), client("c", workload="v")]
    tallies = tally(["w", "v", "idle"], clients, Account(), behaved)
    each = {name: one.behaviour for name, one in tallies.workloads.items()}
    counts = {name: (one.retries, one.premature_retries) for name, one in each.items()}
    assert counts == {"w": (7, 4), "v": (2, 0), "idle": (0, 0)}
    total = tallies.total.behaviour
    assert (total.retries, total.premature_retries, total.bytes_resent) == (9, 4, 12_000)


def test_refusals_of_requests_without_a_run_count_in_the_total():
    run = stored(refused={"user.requests": 1})
    account = Account(runs=[run], other_refused={"user.requests": 2})
    tallies = tally(["w"], [client()], account)
    assert tallies.total.refused == {"user.requests": 3}
    assert tallies.workloads["w"].refused == {"user.requests": 1}


def scripted(marker="abc-w-0", **fields):
    """A client of which only the server knows what it logged."""
    return client("", marker=marker, rows=None, values=0, **fields)


def test_what_a_client_does_not_count_is_set_against_what_the_server_saw_sent():
    runs = [
        stored("x", host="abc-w-0", delivery=Delivery(rows_sent=12), rows_stored=10),
        stored("y", host="abc-w-0", delivery=Delivery(rows_sent=4), rows_stored=4),
        stored("z", host="somebody-else", rows_stored=7),
    ]
    total = count([scripted()], runs)
    assert (total.clients, total.run_states) == (1, {"finished": 2})
    assert (total.rows.sent, total.rows.stored, total.rows.missing) == (16, 14, 2)
    assert (total.values.sent, total.values.missing) == (40, 0)


def test_a_client_that_started_no_run_lost_none():
    total = count([scripted()], [])
    assert (total.clients, total.run_states, total.rows.missing) == (1, {}, 0)


def test_verdicts_lags_and_bytes_in_vain_are_those_of_the_runs_that_the_server_knows():
    lag = DeliveryLag(p50=1, p95=2, max=3)
    whole = Delivery(verdict="complete", bytes_wasted=5, lag=lag)
    broken = Delivery(verdict="incomplete", bytes_wasted=7)
    total = count(
        [client("a"), client("b"), client("never heard of")],
        [stored("a", delivery=whole), stored("b", delivery=broken)],
    )
    assert total.deliveries == {"complete": 1, "incomplete": 1}
    assert (total.bytes_wasted, total.lags) == (12, [lag])


def test_guidance_left_by_runs_counts_for_their_workload_and_by_projects_in_the_total_only():
    facts = {"measured": 2, "limit": 1, "unit": "x", "peak": 2, "since": 0, "advice": "less"}
    run = Finding(range="rows_per_minute", entity="team", project="p", run="r1", **facts)
    project = Finding(range="runs_per_project", entity="team", project="p", **facts)
    account = Account(runs=[stored(guidance=["rows_per_minute", "value_size"])])
    tallies = tally(["w"], [client()], account, findings=[run, project])
    assert (tallies.workloads["w"].guidance, tallies.total.guidance) == (2, 3)


def test_a_client_without_a_run_has_only_its_own_count_of_requests():
    """The server's is among the requests of nobody, in the total."""
    requests = {"graphql": {"200": 5, "429": 2, "error": 1}}
    reading = client("", requests=requests, pages=5, rows=0, values=0, throttled_seconds=7.5)
    tallies = tally(["w"], [reading], Account(other_requests={"graphql": {"200": 5, "429": 2}}))
    counted = tallies.workloads["w"]
    assert counted.requests == {"graphql": {"200": 5, "429": 2}}
    assert counted.network_errors == 1
    assert (counted.pages, counted.throttled_seconds, counted.run_states) == (5, [7.5], {})
    assert tallies.total.answered() == 7
    assert tallies.total.throttled_seconds == [7.5]


def test_runs_whose_content_differs_count_for_their_workload_and_in_the_total():
    content = {"w": ContentCheck(runs=3, different=["team/p/r1"])}
    tallies = tally(["w"], [client()], Account(runs=[stored()]), content=content)
    for counted in (tallies.workloads["w"], tallies.total):
        assert (counted.content_compared, counted.content_different) == (3, 1)
