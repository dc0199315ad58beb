"""What is kept of requests for tests, and which deliveries never came through."""

import msgspec

from mockwb.record import RequestRecord
from mockwb.target import Surface, Target
from mockwb.testing.requests import SeenRequests
from tests.observe.records import asked, refused, streamed


def stored(status: int, method: str = "PUT") -> RequestRecord:
    target = Target(Surface.STORAGE, "team", "proj", "r1")
    return RequestRecord(target, 0.0, method, "/storage/runs/team/proj/r1/a.txt", status=status)


def undelivered(*records: RequestRecord) -> list[int]:
    seen = SeenRequests()
    for record in records:
        seen.saw(record)
    return [request.status for request in seen.undelivered()]


def test_given_more_requests_than_are_kept_then_the_oldest_are_forgotten() -> None:
    seen = SeenRequests(kept=2)
    for run in ("a", "b", "c"):
        seen.saw(streamed(run))
    assert [request.run for request in seen.all()] == ["b", "c"]


def test_given_failed_deliveries_then_only_those_not_made_good_are_undelivered() -> None:
    assert undelivered(refused(), streamed()) == []
    assert undelivered(streamed(), refused(), streamed(status=502)) == [502]
    assert undelivered(refused("r1"), refused("r2"), streamed("r1")) == [429]
    assert undelivered(stored(429), stored(200)) == []
    assert undelivered(stored(429), streamed()) == [429]
    assert undelivered(streamed(status=0)) == [0]


def test_given_writers_of_a_shared_run_then_each_delivers_for_itself() -> None:
    other = msgspec.structs.replace(streamed(), writer="w2")
    assert undelivered(refused(), other) == [429]


def test_given_runs_to_create_then_the_same_request_makes_good_and_another_does_not() -> None:
    first = msgspec.structs.replace(asked("UpsertBucket", status=429), fingerprint=1)
    assert undelivered(first, msgspec.structs.replace(first, status=200)) == []
    assert undelivered(first, msgspec.structs.replace(first, status=200, fingerprint=2)) == [429]


def test_given_requests_that_bring_no_data_then_nothing_is_undelivered() -> None:
    assert undelivered(asked("Runs", status=429), stored(404, "GET")) == []
