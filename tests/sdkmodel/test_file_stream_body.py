import json

import pytest

from mockwb.sdkmodel.file_stream_body import FileStreamBody
from mockwb.sdkmodel.lines import Summary
from mockwb.sdkmodel.logging_shape import Pace, Shape
from mockwb.sdkmodel.shaped_lines import ShapedLines


def chunk(first: int, stop: int):
    lines = ShapedLines(Shape({"metrics": 2}), Pace(1.0))
    lines.begin(0.0, 1e9)
    return lines.cut(first, stop, 10_000_000)


def test_the_heartbeat_is_two_bytes() -> None:
    assert FileStreamBody().encode() == b"{}"
    assert FileStreamBody().size == 2


def test_a_full_body_has_the_shape_the_server_knows() -> None:
    body = FileStreamBody(
        history=chunk(5, 7),
        history_offset=5,
        events=chunk(0, 1),
        summary=Summary.of('{"loss":0.5}'),
        uploaded=("config.yaml", "a b.txt"),
        complete=True,
        exit_code=3,
    )
    sent = json.loads(body.encode())
    assert list(sent) == ["files", "uploaded", "complete", "exitcode"]
    assert sent["files"]["wandb-history.jsonl"]["offset"] == 5
    assert len(sent["files"]["wandb-history.jsonl"]["content"]) == 2
    assert sent["files"]["wandb-summary.json"] == {"offset": 0, "content": ['{"loss":0.5}']}
    assert sent["uploaded"] == ["config.yaml", "a b.txt"]
    assert (sent["complete"], sent["exitcode"]) == (True, 3)


def test_preempting_stands_alone() -> None:
    assert FileStreamBody(preempting=True).encode() == b'{"preempting":true}'


@pytest.mark.parametrize(
    "body",
    [
        FileStreamBody(history=chunk(95, 105), history_offset=95),
        FileStreamBody(events=chunk(0, 1), events_offset=12, uploaded=("ü.txt",)),
        FileStreamBody(history=chunk(0, 1), events=chunk(0, 1), summary=Summary.of('{"a":"\\"b"}')),
        FileStreamBody(summary=Summary.of("{}"), uploaded=("a", "b"), preempting=True),
        FileStreamBody(console=chunk(7, 9), console_offset=1234),
        FileStreamBody(console=chunk(0, 1), summary=Summary.of("{}"), complete=True, exit_code=1),
        FileStreamBody(
            history=chunk(1000, 1001),
            history_offset=1000,
            events=chunk(3, 4),
            events_offset=99,
            summary=Summary.of("{}"),
            complete=True,
            exit_code=0,
        ),
        FileStreamBody(),
        FileStreamBody(complete=True, exit_code=255),
    ],
)
def test_the_size_is_known_without_writing_the_lines(body: FileStreamBody) -> None:
    assert body.size == len(body.encode())
