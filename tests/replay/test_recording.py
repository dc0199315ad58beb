import json
from pathlib import Path

import pytest

from mockwb.replay.recording import RecordingError, read_recording
from mockwb.target import Surface
from tests.replay.recorder import entry, written


def test_given_lines_then_requests_are_ordered_by_their_beginning(tmp_path: Path) -> None:
    file = written(tmp_path / "j", entry(1, time=9.0), entry(2, time=3.0))
    assert [one.number for one in read_recording(file).requests] == [2, 1]


def test_given_a_line_that_breaks_off_then_the_rest_is_read(tmp_path: Path) -> None:
    file = written(tmp_path / "j", entry(1))
    file.write_text(file.read_text() + '{"seq": 2, "ti')
    recording = read_recording(file)
    assert len(recording.requests) == 1
    assert recording.skipped == {"a line that breaks off": 1}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"endpoint": "control"}, "not W&B's runs, files or GraphQL"),
        ({"endpoint": "telemetry"}, "not W&B's runs, files or GraphQL"),
        ({"status": 0}, "the client went away"),
        ({"request": {"left_out": "unread"}}, "refused before the body was read"),
        ({"request": {"left_out": "broken"}}, "the body was broken"),
    ],
)
def test_given_what_cannot_be_sent_then_it_is_counted(tmp_path: Path, more, why: str) -> None:
    recording = read_recording(written(tmp_path / "j", entry(1, **more), entry(2)))
    assert [one.number for one in recording.requests] == [2]
    assert recording.skipped == {why: 1}


@pytest.mark.parametrize(
    ("request_", "setting"),
    [(None, "journal.bodies: true"), ({"left_out": "too large"}, "journal.max_body")],
)
def test_given_no_body_then_the_error_names_the_request_and_the_setting(
    tmp_path: Path, request_, setting: str
) -> None:
    file = written(tmp_path / "j", entry(1), entry(2, request=request_))
    with pytest.raises(RecordingError) as error:
        read_recording(file)
    assert "request 2 (POST /files/e/p/r/file_stream)" in str(error.value)
    assert setting in str(error.value)


@pytest.mark.parametrize("text", ["", "no json", '{"log": {}}', '{"log": {"version": "1.2"'])
def test_given_no_recording_then_it_says_so(tmp_path: Path, text: str) -> None:
    file = tmp_path / "j"
    file.write_text(text)
    with pytest.raises(RecordingError, match="HAR"):
        read_recording(file)
    with pytest.raises(RecordingError, match="No such file"):
        read_recording(tmp_path / "missing")


def har(**request: object) -> str:
    """An archive as a browser writes it, with more in it than anybody needs."""
    asked = {
        "method": "POST",
        "url": "https://api.example.com/graphql?a=1",
        "httpVersion": "h2",
        "cookies": [{"name": "a", "value": "b", "path": "/"}],
        "headers": [{"name": "Accept", "value": "*/*"}],
        "queryString": [],
        "headersSize": 10,
        "bodySize": 20,
        "postData": {"mimeType": "application/json", "text": '{"query": "{ a }"}', "params": []},
    }
    answered = {
        "status": 200,
        "statusText": "",
        "httpVersion": "h2",
        "cookies": [],
        "headers": [],
        "content": {"size": 2, "mimeType": "a/b", "text": "e30=", "encoding": "base64"},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    }
    entry = {
        "startedDateTime": "2026-01-31T12:00:00.250Z",
        "time": 250,
        "request": asked | request,
        "response": answered,
        "cache": {},
        "timings": {"send": 1, "wait": 2, "receive": 3, "dns": -1},
        "pageref": "page_1",
    }
    log = {"version": "1.2", "creator": {"name": "b", "version": "1"}, "entries": [entry]}
    return json.dumps({"log": log | {"pages": []}})


def test_given_the_archive_of_a_browser_then_its_requests_are_read(tmp_path: Path) -> None:
    file = tmp_path / "j.har"
    file.write_text(har())
    (request,) = read_recording(file).requests
    assert (request.endpoint, request.path, request.query) == (Surface.GRAPHQL, "/graphql", "a=1")
    assert request.time == 1769860800.25
    assert (request.duration, request.answer) == (0.25, b"{}")
    assert request.body == b'{"query": "{ a }"}'
    without = json.loads(har())
    del without["log"]["entries"][0]["request"]["postData"]
    file.write_text(json.dumps(without))
    with pytest.raises(RecordingError, match=r"request 1 \(POST /graphql\).*without its body"):
        read_recording(file)
