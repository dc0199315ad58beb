import json

import pytest

from mockwb.backend.console import ConsoleLine, parse_line
from mockwb.backend.file_stream import OUTPUT
from mockwb.backend.run import RunKey
from mockwb.backend.world import World
from tests.backend.conftest import stream_lines

STAMP = "2026-01-01T00:00:00.000001"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            json.dumps({"level": "error", "ts": STAMP, "label": "w1", "content": "boom"}),
            ConsoleLine(0, STAMP, "error", "w1", "boom"),
        ),
        (
            json.dumps({"ts": STAMP, "content": '{"a": 1}'}),
            ConsoleLine(0, STAMP, "", "", '{"a": 1}'),
        ),
        (f"{STAMP} hello [1/2]", ConsoleLine(0, STAMP, "", "", "hello [1/2]")),
        (f"ERROR {STAMP} oh no\n", ConsoleLine(0, STAMP, "error", "", "oh no")),
        (f"{STAMP} ", ConsoleLine(0, STAMP, "", "", "")),
        ("free text", ConsoleLine(0, None, "", "", "free text")),
        ('{"not": "ours"}', ConsoleLine(0, None, "", "", '{"not": "ours"}')),
    ],
)
def test_lines_are_understood_in_every_form_that_sdks_send(text: str, line: ConsoleLine) -> None:
    assert parse_line(0, text) == line


async def written(world: World, key: RunKey, count: int) -> None:
    await stream_lines(world, key, OUTPUT, *[f"{STAMP} line {i}" for i in range(count)])


async def test_pages_go_forward_behind_a_line(world: World, key: RunKey) -> None:
    await written(world, key, 5)
    first = await world.console.forward(key, 2, None)
    assert [line.number for line in first.lines] == [0, 1]
    assert (first.has_previous, first.has_next) == (False, True)
    rest = await world.console.forward(key, 10, 1)
    assert [line.line for line in rest.lines] == ["line 2", "line 3", "line 4"]
    assert (rest.has_previous, rest.has_next) == (True, False)


async def test_the_last_lines_come_in_ascending_order(world: World, key: RunKey) -> None:
    await written(world, key, 5)
    assert [line.number for line in (await world.console.backward(key, 2, None)).lines] == [3, 4]
    assert [line.number for line in (await world.console.backward(key, 2, 3)).lines] == [1, 2]


async def test_a_rewritten_line_keeps_its_number(world: World, key: RunKey) -> None:
    await written(world, key, 3)
    await stream_lines(world, key, OUTPUT, f"{STAMP} 50%", offset=1)
    lines = (await world.console.forward(key, None, None)).lines
    assert [line.line for line in lines] == ["line 0", "50%", "line 2"]


async def test_missing_lines_leave_their_numbers_free(world: World, key: RunKey) -> None:
    await stream_lines(world, key, OUTPUT, f"{STAMP} late", offset=2)
    assert [line.number for line in (await world.console.forward(key, None, None)).lines] == [2]


async def test_lines_of_several_writers_are_numbered_by_time(world: World, key: RunKey) -> None:
    for writer, stamps in (("a", "13"), ("b", "24")):
        lines = [json.dumps({"ts": f"2026-01-0{day}", "content": writer + day}) for day in stamps]
        await stream_lines(world, key, OUTPUT, *lines, writer=writer)
    lines_read = (await world.console.forward(key, None, None)).lines
    assert [(line.number, line.line) for line in lines_read] == [
        (0, "a1"),
        (1, "b2"),
        (2, "a3"),
        (3, "b4"),
    ]
