"""Who waited as told, and who did not: the onlooker against model clients and a real limiter."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockwb.client_account import Behaviour, Wait
from mockwb.clock import VirtualClock
from mockwb.config.load import load_config
from mockwb.limits.limiter import Limiter
from mockwb.observe.client_tally import LEEWAY, ClientTally
from mockwb.record import RequestRecord
from mockwb.target import Caller, Cost, Surface, Target
from tests.observe.records import refused, streamed


def seen(*records: RequestRecord) -> Behaviour:
    tally = ClientTally()
    for record in records:
        tally.add(record)
    return tally.behaviour()


def asked(
    at: float,
    status: int = 200,
    *,
    body: int = 1,
    run: str | None = "r1",
    connection: int = 5000,
    reset: int | None = None,
    agent: str = "wandb-core",
) -> RequestRecord:
    """A GraphQL request."""
    return RequestRecord(
        Target(Surface.GRAPHQL, "team", "proj", run, "UpsertBucket"),
        at,
        "POST",
        "/graphql",
        status=status,
        bytes_in=10,
        fingerprint=body,
        connection=connection,
        user_agent=agent,
        retry_after=reset,
    )


def put(at: float, name: str, status: int = 200) -> RequestRecord:
    target = Target(Surface.STORAGE, "team", "proj", "r1")
    path = f"/storage/runs/team/proj/r1/{name}"
    return RequestRecord(target, at, "PUT", path, status=status, bytes_in=1000)


def test_given_a_429_then_the_next_file_stream_request_is_its_retry() -> None:
    behaviour = seen(
        streamed(at=0.0),
        refused(at=1.0, duration=0.5, reset=10, remaining=0),
        streamed(at=5.5, bytes_in=70),
        streamed(at=20.0),
    )
    assert behaviour.requests == 4
    assert behaviour.refused == 1
    assert behaviour.retries == behaviour.premature_retries == 1
    assert behaviour.least_patient == Wait(waited=4.0, advised=10.0)
    assert behaviour.bytes_resent == 70
    assert behaviour.most_attempts == 2


@pytest.mark.parametrize(("wait", "premature"), [(10.0, 0), (10.5, 0), (9.0, 1), (0.0, 1)])
def test_given_a_reset_then_a_retry_is_premature_before_it_and_only_then(
    wait: float, premature: int
) -> None:
    refusal = refused(at=1.0, duration=0.25, reset=10)
    assert seen(refusal, streamed(at=1.25 + wait)).premature_retries == premature


def test_given_a_retry_after_then_it_counts_and_the_reset_does_not() -> None:
    refusal = refused(at=0.0, reset=60, retry_after=5)
    assert seen(refusal, streamed(at=5.0)).premature_retries == 0
    assert seen(refusal, streamed(at=4.0)).least_patient == Wait(waited=4.0, advised=5.0)
    later = refused(at=0.0, reset=2, retry_after=5)
    assert seen(later, streamed(at=3.0)).premature_retries == 1


@pytest.mark.parametrize("status", [0, 408, 500, 503])
def test_given_a_failure_without_advice_then_its_repetition_is_a_retry_but_never_premature(
    status: int,
) -> None:
    behaviour = seen(streamed(at=0.0, status=status, reset=60), streamed(at=0.5))
    assert (behaviour.retries, behaviour.premature_retries) == (1, 0)
    assert behaviour.least_patient is None
    assert behaviour.shortest_wait == 0.5


def test_given_a_503_with_retry_after_then_it_is_advice_too() -> None:
    assert seen(streamed(status=503, retry_after=9), streamed(at=1.0)).premature_retries == 1


@pytest.mark.parametrize("status", [200, 400, 401, 404, 409, 413])
def test_given_an_answer_that_ends_a_request_then_the_next_one_repeats_nothing(status: int) -> None:
    assert seen(streamed(status=status, reset=60), streamed(at=0.1)).retries == 0


def test_given_a_chain_of_refusals_then_the_backoff_shows_each_step() -> None:
    at, records = 0.0, []
    for wait in (2.0, 4.0, 8.0):
        records.append(refused(at=at, reset=60))
        at += wait
    records += [streamed(at=at), streamed(at=at + 1)]
    behaviour = seen(*records)
    assert [step.median_wait for step in behaviour.backoff] == [2.0, 4.0, 8.0]
    assert behaviour.most_attempts == 4
    assert behaviour.median_wait == 4.0


def test_given_remaining_0_then_requests_count_until_its_reset_or_a_better_answer() -> None:
    assert (
        seen(
            streamed(at=0.0, remaining=0, reset=10),
            streamed(at=5.0, remaining=0, reset=10),
            streamed(at=14.0, remaining=1, reset=10),
            streamed(at=15.0, remaining=0, reset=10),
            streamed(at=25.0, remaining=500, reset=10),
        ).requests_while_remaining_zero
        == 2
    )


def test_given_a_request_sent_before_the_answer_that_said_0_then_it_is_not_counted() -> None:
    said_0 = streamed(at=1.0, duration=1.0, remaining=0, reset=10)
    assert seen(said_0, streamed(at=1.5, duration=3.0)).requests_while_remaining_zero == 0


def test_given_a_request_sent_before_the_refusal_was_known_then_it_is_no_retry() -> None:
    refusal = refused(at=1.0, duration=1.0, reset=10)
    assert seen(refusal, streamed(at=1.5, duration=3.0)).retries == 0


def test_given_graphql_then_only_the_same_body_is_a_retry() -> None:
    behaviour = seen(
        asked(0.0, 429, body=1, reset=5),
        asked(1.0, body=2),
        asked(2.0, 429, body=3, reset=5),
        asked(5.0, body=1),
        asked(7.0, body=3),
    )
    assert (behaviour.retries, behaviour.premature_retries) == (2, 0)


def test_given_graphql_without_a_run_then_other_connections_may_be_other_processes() -> None:
    refusal = asked(0.0, 429, run=None, reset=5)
    assert seen(refusal, asked(1.0, run=None, connection=5001)).retries == 0
    assert seen(refusal, asked(1.0, run=None)).premature_retries == 1


def test_given_readers_of_one_run_then_other_connections_may_be_other_scripts() -> None:
    reader = "W&B Public Client 0.31.0"
    refusal = asked(0.0, 429, reset=5, agent=reader)
    assert seen(refusal, asked(1.0, connection=5001, agent=reader)).retries == 0
    assert seen(refusal, asked(1.0, agent=reader)).premature_retries == 1


def test_given_storage_then_the_same_method_and_path_are_a_retry() -> None:
    behaviour = seen(put(0.0, "a", 500), put(1.0, "b"), put(2.0, "a"), put(3.0, "a"))
    assert behaviour.retries == 1
    assert behaviour.bytes_resent == 1000
    assert behaviour.shortest_wait == 2.0


def test_given_clients_that_look_alike_and_wait_as_told_then_none_is_blamed_for_another() -> None:
    assert (
        seen(
            refused(at=0.0, duration=1.0, reset=10),
            refused(at=0.0, duration=1.0, reset=20),
            refused(at=11.0, reset=20),
            streamed(at=21.0),
            streamed(at=31.0),
        ).premature_retries
        == 0
    )


def test_given_requests_that_nobody_repeats_then_memory_stays_bounded() -> None:
    tally = ClientTally()
    for number in range(10_000):
        tally.add(asked(float(number), 429, body=number, reset=5))
    assert tally._failed is not None
    assert len(tally._failed) <= 64
    assert tally.behaviour().refused == 10_000


RATES = ["1/3s", "2/10s", "1/1s", "5/7s", "3/2s token-bucket", "4/9s fixed"]
ADVICE = ["off", "reset", "next", "4s"]


class Crowd:
    """A limited run, and clients of it that cannot be told apart."""

    def __init__(self, seed: int, **limits: object) -> None:
        self.rng = random.Random(seed)
        self.clock = VirtualClock(self.rng.uniform(0, 1e6))
        rules = load_config(overlay={"limits": limits}).limits
        self.limiter = Limiter(rules, self.clock)
        self.tally = ClientTally()

    def send(self, at: float) -> tuple[float, float | None]:
        """When the answer came, and what it advised; None if it was no refusal."""
        self.clock.set(at)
        target = Target(Surface.FILE_STREAM, "team", "proj", "r1")
        decision = self.limiter.admit(target, Caller("someone"), Cost())
        assert decision is not None
        record = streamed(
            at=at,
            status=200 if decision.admitted else 429,
            duration=self.rng.uniform(0, 0.02),
            remaining=decision.remaining,
            reset=decision.reset,
            retry_after=decision.retry_after,
        )
        self.tally.add(record)
        advised = decision.reset if decision.retry_after is None else decision.retry_after
        return at + record.duration, None if decision.admitted else advised

    def alone(self, shortfall: float) -> Behaviour:
        """A hundred requests of one client that retries `shortfall` seconds early."""
        at = self.clock.now()
        for _ in range(100):
            answered, advised = self.send(at)
            pause = self.rng.choice([0.0, 3.0 * self.rng.random()])
            at = answered + (pause if advised is None else advised - shortfall)
        return self.tally.behaviour()


@given(
    st.integers(0, 10**6),
    st.sampled_from(RATES),
    st.sampled_from(["empty", "next"]),
    st.sampled_from(ADVICE),
)
def test_given_a_client_that_waits_exactly_as_told_then_it_is_never_premature(
    seed: int, rate: str, reset: str, retry_after: str
) -> None:
    crowd = Crowd(seed, run={"requests": rate}, reset=reset, retry_after=retry_after)
    behaviour = crowd.alone(shortfall=0.0)
    assert behaviour.premature_retries == 0
    assert behaviour.refused - behaviour.retries in (0, 1)  # the last one may be unrepeated
    if behaviour.least_patient is not None:
        assert behaviour.least_patient.share == pytest.approx(1)


@given(
    st.integers(0, 10**6),
    st.sampled_from(RATES),
    st.sampled_from(["empty", "next"]),
    st.sampled_from(ADVICE),
    st.floats(2 * LEEWAY, 0.9),
)
def test_given_a_client_that_waits_a_little_less_then_every_retry_is_premature(
    seed: int, rate: str, reset: str, retry_after: str, shortfall: float
) -> None:
    crowd = Crowd(seed, run={"requests": rate}, reset=reset, retry_after=retry_after)
    behaviour = crowd.alone(shortfall)
    assert behaviour.premature_retries == behaviour.retries
    assert behaviour.refused - behaviour.retries in (0, 1)


@given(st.integers(0, 10**6), st.sampled_from(RATES), st.integers(2, 9))
def test_given_a_crowd_that_starts_at_once_and_waits_as_told_then_nobody_is_premature(
    seed: int, rate: str, clients: int
) -> None:
    crowd = Crowd(seed, run={"requests": rate}, reset="next")
    due = [crowd.clock.now()] * clients
    while due:
        at = min(due)
        due.remove(at)
        answered, advised = crowd.send(at)
        if advised is not None:
            due.append(answered + advised)
    behaviour = crowd.tally.behaviour()
    assert behaviour.premature_retries == 0
    assert behaviour.retries == behaviour.refused
