import asyncio
import logging

import pytest

from mockwb.logged_rows import LoggedRows
from mockwb.observe.onlookers import Onlookers
from mockwb.record import Ingested, RequestRecord
from tests.observe.records import streamed


class Remembers:
    def __init__(self) -> None:
        self.seen: list[RequestRecord] = []

    def saw(self, record: RequestRecord) -> None:
        self.seen.append(record)


class Breaks:
    def __init__(self) -> None:
        self.error: Exception = ValueError("boom")

    def saw(self, record: RequestRecord) -> None:
        raise self.error


def test_given_several_onlookers_when_a_request_ends_then_each_is_called_once() -> None:
    first, second = Remembers(), Remembers()
    record = streamed()
    Onlookers([first, second]).saw(record)
    assert first.seen == [record]
    assert second.seen == [record]


def test_given_an_onlooker_that_fails_then_the_others_still_see_and_nothing_is_raised(
    caplog: pytest.LogCaptureFixture,
) -> None:
    after = Remembers()
    Onlookers([Breaks(), after]).saw(streamed())
    assert len(after.seen) == 1
    assert [entry.levelno for entry in caplog.records] == [logging.ERROR]


def test_given_an_onlooker_that_keeps_failing_then_each_kind_of_error_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    breaks = Breaks()
    onlookers = Onlookers([breaks])
    for _ in range(50):
        onlookers.saw(streamed())
    breaks.error = KeyError("other")
    onlookers.saw(streamed())
    errors = [entry.fields["error"] for entry in caplog.records]  # type: ignore[attr-defined]
    assert errors == ["ValueError: boom", "KeyError: 'other'"]


async def test_given_several_together_then_all_are_shown_when_enough_came_or_somebody_asks() -> (
    None
):
    seen: list[str | None] = []

    class Watcher:
        def saw(self, record: RequestRecord) -> None:
            seen.append(record.target.run)

    onlookers = Onlookers([Watcher()], together=2)
    onlookers.saw(streamed("a"))
    assert seen == []
    onlookers.saw(streamed("b"))
    assert seen == ["a", "b"]
    onlookers.saw(streamed("c"))
    onlookers.catch_up()
    onlookers.catch_up()
    assert seen == ["a", "b", "c"]


async def test_given_few_requests_then_they_are_shown_before_long() -> None:
    shown = asyncio.Event()

    class Watcher:
        def saw(self, record: RequestRecord) -> None:
            shown.set()

    onlookers = Onlookers([Watcher()], together=100)
    for _ in range(3):
        onlookers.saw(streamed())
        assert not shown.is_set()
        await asyncio.wait_for(shown.wait(), timeout=20)
        shown.clear()


def test_given_keepers_then_they_see_records_last_and_without_the_details_of_their_rows() -> None:
    told: list[tuple[str, LoggedRows | None]] = []

    class Teller:
        def __init__(self, name: str) -> None:
            self.name = name

        def saw(self, record: RequestRecord) -> None:
            assert record.ingested is not None
            told.append((self.name, record.ingested.logged))

    logged = LoggedRows(rows=1)
    record = streamed(ingested=Ingested(rows=1, logged=logged))
    Onlookers([Teller("onlooker")], [Teller("keeper")]).saw(record)
    assert told == [("onlooker", logged), ("keeper", None)]
