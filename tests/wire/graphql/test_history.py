import json
from typing import Any

import pytest

from mockwb.backend.file_stream import EVENTS, HISTORY, OUTPUT, Chunk, Update
from mockwb.backend.run import RunKey
from mockwb.backend.run_upsert import RunFields
from tests.wire.graphql.conftest import GraphQLCaller
from tests.wire.graphql.operations import CONSOLE

KEY = RunKey("ada", "vision", "r1")


@pytest.fixture(autouse=True)
async def ten_rows(caller: GraphQLCaller) -> None:
    await caller.world.run_upsert.apply("ada", RunFields(project="vision", name="r1"))
    rows = [json.dumps({"_step": i, "loss": i / 10, "val": {"acc": i}}) for i in range(10)]
    files = {
        HISTORY: Chunk(rows),
        EVENTS: Chunk([json.dumps({"_timestamp": i, "system.cpu": i}) for i in range(3)]),
        OUTPUT: Chunk([f"2026-01-01T00:00:00.000000 line {i}" for i in range(5)]),
    }
    await caller.world.file_stream.apply(KEY, Update(files=files))


async def of_run(caller: GraphQLCaller, fields: str, **variables: object) -> Any:
    """Fields of the run; `variables` are declared by what they hold."""
    kinds = {"specs": "[JSONString!]!", "spec": "JSONString!", "keys": "[String!]!"}
    declared = ", ".join(f"${name}: {kinds.get(name, 'Int64!')}" for name in variables)
    head = f"query Q({declared})" if declared else "query Q"
    query = f'{head} {{ project(name: "vision") {{ run(name: "r1") {{ {fields} }} }} }}'
    return (await caller.ask(query, **variables))["project"]["run"]


async def test_history_comes_as_json_texts(caller: GraphQLCaller) -> None:
    run = await of_run(caller, "history(samples: 3) events(samples: 500)")
    assert [json.loads(row)["_step"] for row in run["history"]] == [0, 4, 9]
    assert [json.loads(row)["system.cpu"] for row in run["events"]] == [0, 1, 2]


async def test_a_page_of_history_excludes_its_last_step(caller: GraphQLCaller) -> None:
    fields = "history(minStep: $min, maxStep: $max, samples: 1000)"
    run = await of_run(caller, fields, min=2, max=4)
    assert [json.loads(row)["_step"] for row in run["history"]] == [2, 3]


async def test_sampled_history_is_one_list_of_objects_per_spec(caller: GraphQLCaller) -> None:
    specs = [
        json.dumps({"keys": ["_step", "val.acc"], "minStep": 7, "maxStep": 8, "samples": 1000}),
        "{}",
    ]
    run = await of_run(caller, "sampledHistory(specs: $specs)", specs=specs)
    assert run["sampledHistory"] == [
        [{"_step": 7, "val.acc": 7}, {"_step": 8, "val.acc": 8}],
        [],
    ]


async def test_a_spec_that_is_none_is_refused(caller: GraphQLCaller) -> None:
    query = """query Q($spec: JSONString!) {
      project(name: "vision") { run(name: "r1") { sampledHistory(specs: [$spec]) } }
    }"""
    status, message = await caller.refused(query, spec="{")
    assert (status, message.split(":")[0]) == (400, "history spec")


async def test_the_keys_say_how_far_a_scan_must_go(caller: GraphQLCaller) -> None:
    keys = (await of_run(caller, "historyKeys"))["historyKeys"]
    assert keys["lastStep"] == 9
    assert keys["keys"]["val.acc"] == {
        "typeCounts": [{"type": "number", "count": 10}],
        "monotonic": True,
        "previousValue": 9,
    }


async def test_nothing_is_exported_so_readers_page_from_the_first_step(
    caller: GraphQLCaller,
) -> None:
    fields = 'parquetHistory(liveKeys: ["_step"]) { parquetUrls liveData }'
    run = await of_run(caller, fields)
    assert run["parquetHistory"] == {"parquetUrls": [], "liveData": [{"_step": 0}]}


async def test_console_lines_come_in_pages(caller: GraphQLCaller) -> None:
    found: list[int] = []
    asked: dict[str, object] = {"entity": "ada", "project": "vision", "runName": "r1", "first": 2}
    more = True
    while more:
        run = (await caller.ask(CONSOLE, **asked))["project"]["run"]
        assert run["logLineCount"] == 5
        found += [edge["node"]["number"] for edge in run["logLines"]["edges"]]
        more = run["logLines"]["pageInfo"]["hasNextPage"]
        asked["after"] = run["logLines"]["pageInfo"]["endCursor"]
    assert found == [0, 1, 2, 3, 4]


async def test_the_tail_of_the_console_comes_in_ascending_order(caller: GraphQLCaller) -> None:
    run = await of_run(caller, "logLines(last: 2) { edges { node { number line level label } } }")
    assert [edge["node"] for edge in run["logLines"]["edges"]] == [
        {"number": 3, "line": "line 3", "level": "", "label": ""},
        {"number": 4, "line": "line 4", "level": "", "label": ""},
    ]


async def test_a_console_cursor_that_is_none_is_refused(caller: GraphQLCaller) -> None:
    asked = {"entity": "ada", "project": "vision", "runName": "r1", "after": "x"}
    assert await caller.refused(CONSOLE, **asked) == (400, "'x' is no cursor of console lines")
