"""The journal by itself: what it keeps, forgets, writes, and never shows."""

import gzip
import json
import logging
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mockwb.clock import VirtualClock
from mockwb.config.model import JournalConfig
from mockwb.observe.har import har_of
from mockwb.observe.journal import Journal
from mockwb.observe.journal_query import JournalQuery
from mockwb.record import Ingested, RequestRecord, Traffic
from mockwb.target import Surface
from mockwb.units import Size
from tests.har_rules import check_har
from tests.observe.records import asked, refused, streamed
from tests.wandb_client import KEY, authorization

ALL = JournalQuery()


def journal(**config: Any) -> Journal:
    return Journal(JournalConfig(**config), VirtualClock(now=100.0, wall=1000.0))


def spoken(
    record: RequestRecord,
    body: bytes = b"",
    answer: bytes | None = b"{}",
    *,
    headers: dict[str, str] | None = None,
    max_body: int = 1000,
) -> RequestRecord:
    """A record whose words are known."""
    given = {"Content-Length": str(len(body)), **authorization(), **(headers or {})}
    record.traffic = traffic = Traffic(max_body, given.items())
    if body:
        traffic.take(body)
    traffic.answer_headers = [("RateLimit-Reset", "5")]
    traffic.answer_body = answer
    return record


def seen(journal: Journal, query: JournalQuery = ALL, **how: int) -> list[int]:
    return [entry.seq for entry in journal.page(query, **how).entries]


def test_given_a_request_then_its_entry_says_who_what_when_and_how_it_ended() -> None:
    kept = journal()
    kept.saw(refused(at=90.0, duration=0.5, remaining=0, reset=9, error="too many"))
    kept.saw(streamed(at=101.0, ingested=Ingested(rows=3)))
    first, second = kept.page(ALL).entries
    assert msgspec.to_builtins(first) == {
        "seq": 1,
        "time": 990.0,
        "duration": 0.5,
        "method": "POST",
        "path": "/files/team/proj/r1/file_stream",
        "endpoint": "file_stream",
        "status": 429,
        "bytes_in": 100,
        "bytes_out": 2,
        "entity": "team",
        "project": "proj",
        "run": "r1",
        "user": "someone",
        "ip": "127.0.0.1",
        "ratelimit_remaining": 0,
        "ratelimit_reset": 9,
        "refused_by": "project.requests",
        "error": "too many",
    }
    assert (second.seq, second.time, second.rows) == (2, 1001.0, 3)


def test_given_more_requests_than_it_remembers_then_the_oldest_go() -> None:
    kept = journal(max_entries=3)
    for _ in range(10):
        kept.saw(streamed())
    page = kept.page(ALL)
    assert [entry.seq for entry in page.entries] == [8, 9, 10]
    assert (page.next, page.forgotten) == (10, 7)


def test_given_more_bytes_than_it_remembers_then_the_oldest_go() -> None:
    kept = journal(max_memory=Size(5000))
    for _ in range(100):
        kept.saw(spoken(streamed(), b"x" * 900))
    assert 3 <= len(seen(kept)) <= 5
    assert seen(kept)[-1] == 100


def test_given_no_entries_to_remember_then_there_are_none() -> None:
    kept = journal(max_entries=0)
    kept.saw(spoken(streamed()))
    assert seen(kept) == []


def test_given_conditions_then_only_what_meets_all_of_them_is_shown() -> None:
    kept = journal()
    kept.saw(streamed("a", at=100))  # 1
    kept.saw(refused("b", at=101))  # 2
    kept.saw(streamed("a", project="other", at=102))  # 3
    kept.saw(asked("Viewer", status=500))  # 4
    kept.saw(streamed("gone", status=0, at=103))  # 5
    assert seen(kept, JournalQuery(runs=["a"])) == [1, 3]
    assert seen(kept, JournalQuery(runs=["b", "g*"])) == [2, 5]
    assert seen(kept, JournalQuery(projects=["team/o*"])) == [3]
    assert seen(kept, JournalQuery(endpoints=["graphql"])) == [4]
    assert seen(kept, JournalQuery(statuses=["4xx", "500"])) == [2, 4]
    assert seen(kept, JournalQuery(statuses=["0"])) == [5]
    assert seen(kept, JournalQuery(since=1001.0, until=1002.0)) == [2, 3]
    assert seen(kept, JournalQuery(runs=["a"], statuses=["200"], since=1001.0)) == [3]


def test_given_a_limit_then_the_newest_are_shown_or_the_first_after_a_number() -> None:
    kept = journal()
    for number in range(10):
        kept.saw(streamed("even" if number % 2 else "odd"))
    even = JournalQuery(runs=["even"])
    assert seen(kept, limit=3) == [8, 9, 10]
    assert seen(kept, even, limit=2) == [8, 10]
    first = kept.page(even, after=0, limit=2)
    assert [entry.seq for entry in first.entries] == [2, 4]
    rest = kept.page(even, after=first.next)
    assert [entry.seq for entry in rest.entries] == [6, 8, 10]
    last = kept.page(JournalQuery(runs=["odd"]), after=9)
    assert (last.entries, last.next) == ([], 10)


def test_given_a_cleared_journal_then_numbers_go_on() -> None:
    kept = journal()
    for _ in range(3):
        kept.saw(streamed())
    assert kept.clear() == 3
    kept.saw(streamed())
    page = kept.page(ALL)
    assert ([entry.seq for entry in page.entries], page.forgotten) == ([4], 3)


def test_given_text_that_is_none_then_its_request_is_remembered_too() -> None:
    kept = journal()
    kept.saw(streamed("r\udcff"))
    kept.saw(streamed("r2"))
    assert [entry.run for entry in kept.page(ALL).entries] == ["r?", "r2"]
    assert seen(kept, JournalQuery(runs=["r\udcff"])) == [1]


def test_given_requests_for_the_journal_then_it_does_not_hold_them() -> None:
    kept = journal()
    kept.saw(asked(None, surface=Surface.CONTROL, path="/_mockwb/journal"))
    kept.saw(asked(None, surface=Surface.CONTROL, path="/_mockwb/limits"))
    assert [entry.path for entry in kept.page(ALL).entries] == ["/_mockwb/limits"]


def test_given_bodies_then_they_are_kept_unpacked() -> None:
    kept = journal()
    body = b'{"files": {}}'
    packed = {"Content-Encoding": "gzip"}
    kept.saw(spoken(streamed(), gzip.compress(body), b'{"ok": 1}', headers=packed))
    kept.saw(spoken(asked(surface=Surface.STORAGE), b"\x89PNG\xff"))
    text, binary = kept.page(ALL).entries
    assert text.request.body == body.decode()
    assert ("RateLimit-Reset", "5") in text.response.headers
    assert text.response.body == '{"ok": 1}'
    assert binary.request.encoding == "base64"
    assert binary.request.content() == b"\x89PNG\xff"


def test_given_a_body_that_is_not_kept_then_the_entry_says_why() -> None:
    kept = journal()
    packed = {"Content-Encoding": "gzip"}
    kept.saw(spoken(streamed(), b"x" * 11, max_body=10))
    kept.saw(spoken(streamed(), gzip.compress(b"x" * 5000), headers=packed))
    kept.saw(spoken(streamed(), b"no gzip", headers=packed))
    kept.saw(spoken(streamed(status=401), b"", headers={"Content-Length": "7"}))
    kept.saw(spoken(asked(surface=Surface.CONTROL, path="/_mockwb/people"), b"secret"))
    entries = kept.page(ALL).entries
    why = ["too large", "too large", "broken", "unread", "not W&B's"]
    assert [entry.request.left_out for entry in entries] == why
    assert [entry.request.content() for entry in entries] == [None] * 5
    kept.saw(spoken(streamed(), b"", None))
    assert kept.page(ALL, limit=1).entries[0].response.left_out == "streamed"


def test_given_keys_in_headers_bodies_and_errors_then_no_way_out_shows_them(tmp_path: Path) -> None:
    kept = journal(file=str(tmp_path / "j.ndjson"))
    short = "ada-key"
    answer = json.dumps({"data": {"generateApiKey": {"apiKey": {"id": "1", "name": short}}}})
    record = spoken(
        asked("GenerateApiKey", error=f"bad key {KEY}"),
        gzip.compress(f'{{"variables": {{"k": "{KEY}", "s": "{short}"}}}}'.encode()),
        answer.encode(),
        headers={
            **authorization(short),
            "Content-Encoding": "gzip",
            "Cookie": "wandb=c00kie",
            "X-Note": f"key {KEY}",
        },
    )
    record.user_agent = f"agent {KEY}"
    kept.saw(record)
    kept.close()
    held = repr(list(kept._ring))
    shown = msgspec.json.encode(kept.page(ALL)).decode()
    har = msgspec.json.encode(har_of(kept.page(ALL).entries)).decode()
    written = (tmp_path / "j.ndjson").read_text()
    basic = authorization(short)["Authorization"].split()[1]
    for text in (held, shown, har, written):
        assert "[redacted]" in text
        for secret in (KEY, short, basic, "c00kie"):
            assert secret not in text


def test_given_a_file_then_every_request_is_a_line_of_it_in_order(tmp_path: Path) -> None:
    path = tmp_path / "j.ndjson"
    kept = journal(file=str(path), max_entries=2)
    for _ in range(5000):
        kept.saw(streamed())
    kept.close()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, 5001))


async def test_given_a_second_then_what_came_is_in_the_file(tmp_path: Path) -> None:
    import asyncio

    path = tmp_path / "j.ndjson"
    clock = VirtualClock()
    kept = Journal(JournalConfig(file=str(path)), clock)
    writing = asyncio.create_task(kept.write())
    kept.saw(streamed())
    await clock.advance(0.9)
    assert not path.exists()
    await clock.advance(0.2)
    writing.cancel()
    kept._file._thread.shutdown()
    assert len(path.read_text().splitlines()) == 1


def test_given_a_file_that_cannot_be_written_then_it_is_said_once_and_nothing_breaks(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "mockwb")
    kept = journal(file=str(tmp_path / "missing" / "j.ndjson"))
    for _ in range(3):
        kept.saw(streamed())
        kept.flush()
    kept.close()
    first, last = [record.getMessage() for record in caplog.records]
    assert "No such file or directory" in first
    assert last.endswith("lacks 3 requests")
    assert len(seen(kept)) == 3


def test_given_a_disk_that_stands_still_then_what_it_misses_is_bounded_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "mockwb")
    kept = journal(file=str(tmp_path / "j.ndjson"))
    goes_on = threading.Event()
    kept._file.append(1, lambda: b"" if goes_on.wait(60) else b"never")
    for _ in range(100):
        kept.saw(streamed())
        kept.flush()
    goes_on.set()
    kept.close()
    written = len((tmp_path / "j.ndjson").read_text().splitlines())
    assert 0 < kept._file.lost == 100 - written
    assert "does not keep up" in caplog.text


def test_given_any_entries_then_their_archive_keeps_the_rules_of_har() -> None:
    kept = journal()
    kept.saw(streamed(at=120))
    record = asked("Viewer", path="/graphql")
    record.query = "a=b%20c&token=[redacted]"
    kept.saw(spoken(record, b'{"query": "{ viewer { id } }"}', b"\xff\xfe"))
    kept.saw(streamed(status=0, at=50))
    kept.saw(spoken(asked(surface=Surface.STORAGE), b"\x89PNG"))
    har = json.loads(msgspec.json.encode(har_of(kept.page(ALL).entries)))
    check_har(har)
    graphql = next(e for e in har["log"]["entries"] if "/graphql?" in e["request"]["url"])
    assert graphql["request"]["postData"]["text"] == '{"query": "{ viewer { id } }"}'
    assert {"name": "a", "value": "b c"} in graphql["request"]["queryString"]
    assert graphql["response"]["content"]["encoding"] == "base64"
