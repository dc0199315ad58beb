"""What the gate does for GraphQL beyond admitting: callers without a key, freezes, late charges."""

import pytest

from mockwb.clock import VirtualClock
from mockwb.config.model import AuthConfig
from mockwb.faults.faults import Faults
from mockwb.gate.authentication import Authenticator
from mockwb.gate.gate import Gate, RefusedError
from mockwb.limits.limiter import Limiter
from mockwb.limits.rules import LimitRules
from mockwb.record import RequestRecord
from mockwb.target import Caller, Cost, Surface, Target
from mockwb.yaml_file import convert


def gate_with(**rules: object) -> tuple[Gate, Limiter]:
    limiter = Limiter(convert(rules, LimitRules), VirtualClock())
    return Gate(Authenticator(AuthConfig()), limiter, Faults(VirtualClock())), limiter


def request_from(ip: str) -> RequestRecord:
    record = RequestRecord(Target(Surface.GRAPHQL), 0.0, "POST", "/graphql")
    record.caller = Caller(None, ip)
    return record


def test_given_no_good_key_then_the_address_is_counted_and_the_record_knows() -> None:
    gate, _ = gate_with(ip={"requests": "1/1m"})
    first, second, other = (request_from(ip) for ip in ("192.0.2.1", "192.0.2.1", "192.0.2.2"))
    for record, status in ((first, 401), (second, 429), (other, 401)):
        with pytest.raises(RefusedError) as refusal:
            gate.identify_or_count(record, "Basic nonsense")
        assert refusal.value.status == status
        assert refusal.value.headers["RateLimit-Remaining"] == "0"
    assert first.refused_by is None
    assert second.refused_by is not None
    assert (second.refused_by.scope, second.refused_by.limit) == ("ip", "requests")


def test_given_a_freeze_then_everybody_is_refused_with_or_without_a_key() -> None:
    gate, limiter = gate_with()
    limiter.start_freeze(30.0)
    record = request_from("192.0.2.1")
    for attempt in (
        lambda: gate.identify_or_count(record, None),
        lambda: gate.admit(record, Cost()),
    ):
        with pytest.raises(RefusedError) as refusal:
            attempt()
        assert refusal.value.status == 429
        assert refusal.value.headers["Retry-After"] == "30"
    limiter.release()
    with pytest.raises(RefusedError) as refusal:
        gate.identify_or_count(record, None)
    assert refusal.value.status == 401
    assert gate.admit(record, Cost()) == {}


def test_given_what_came_on_top_then_headers_and_record_tell_the_lesser_remainder() -> None:
    gate, _ = gate_with(project={"query_time": "1s/1m"}, user={"requests": "10/1m"})
    record = request_from("192.0.2.1")
    record.caller = Caller("ada")
    record.target.entity, record.target.project = "team", "vision"
    assert gate.admit(record, Cost(query_ms=10))["RateLimit-Remaining"] == "900"
    assert gate.charge(record, Cost(0, query_ms=40)) == {}  # 950 left of that, 900 of the other
    assert record.ratelimit_remaining == 900
    assert gate.charge(record, Cost(0, query_ms=5000))["RateLimit-Remaining"] == "0"
    assert (record.ratelimit_remaining, record.ratelimit_reset) == (0, 60)


def test_given_no_such_limit_then_nothing_needs_to_be_worked_out() -> None:
    gate, limiter = gate_with(user={"requests": "1/1m"}, project={"query_time": "unlimited"})
    assert gate.query_costs is None
    assert not gate.limits_run_creations
    override = {"match": "a/*", "query_time": "1s/1m", "run_creations": "1/1m"}
    limiter.replace(convert({"project": {"overrides": [override]}}, LimitRules))
    assert gate.query_costs is not None
    assert gate.limits_run_creations
