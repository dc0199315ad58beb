"""Faults over HTTP: added, listed, counted and removed while clients stream."""

import pytest

from tests.control.test_live_control import Control
from tests.wandb_client import WandbClient, history

STATUS = {"name": "down", "match": {"endpoint": "file_stream"}, "what": {"kind": "status"}}


@pytest.fixture
async def control(client: WandbClient) -> Control:
    await client.start_run()
    return Control(client)


async def streams(client: WandbClient) -> int:
    return (await client.stream(history(0, 1)))[0]


async def test_given_a_fault_that_is_added_then_it_acts_from_the_next_request_until_removed(
    client, control
) -> None:
    assert await streams(client) == 200
    added = await control.done("POST", "faults", STATUS)
    assert (added["name"], added["kind"]) == ("down", "status")
    assert [await streams(client), await streams(client)] == [500, 500]
    (listed,) = (await control.done("GET", "faults"))["faults"]
    assert (listed["matched"], listed["acted"]) == (2, 2)
    assert (await control.done("DELETE", "faults?name=down"))["faults"] == []
    assert await streams(client) == 200


async def test_given_a_listed_rule_then_it_can_be_added_again_as_it_stands(control, clock) -> None:
    rule = {
        "name": "odd",
        "match": {"project": "a/*", "to_number": 9},
        "when": {"for": "90s", "every": "5m", "probability": 0.25},
        "what": {"kind": "latency", "distribution": "normal", "time": "1.5s"},
    }
    before = await control.done("POST", "faults", rule)
    await control.done("DELETE", "faults")
    await clock.advance(3)
    assert await control.done("POST", "faults", before["rule"]) == before
    assert before["rule"]["when"]["for"] == "1m30s"
    await clock.advance(3)
    (listed,) = (await control.done("GET", "faults"))["faults"]
    assert listed["age_seconds"] == 3


async def test_given_a_profile_then_its_faults_take_the_place_of_all_others(
    client, control
) -> None:
    await control.done("POST", "faults", STATUS)
    in_force = await control.done("PUT", "faults/profile", {"profile": "outage"})
    assert [fault["name"] for fault in in_force["faults"]] == ["outage"]
    url = f"{client.url}/files/team/vision/r1/file_stream"
    async with client.session.post(url, data=b"{}", headers=client.headers) as response:
        assert response.status == 503


async def test_given_a_seed_in_the_configuration_then_it_is_told(serve) -> None:
    told = await Control(await serve(fault_seed=7)).done("GET", "faults")
    assert told == {"seed": 7, "faults": []}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("POST", "faults", {"what": {"kind": "flood"}}, 400, "expected one of latency, status"),
        ("POST", "faults", {"what": {"kind": "status", "status": 1}}, 400, "what.status: expected"),
        ("POST", "faults", {"what": {"kind": "reset", "on": 1}}, 400, "what.on: unknown key"),
        ("POST", "faults", {}, 400, "missing required field `what`"),
        ("POST", "faults", {**STATUS, "when": {"first": "x"}}, 400, "when.first: expected `int |"),
        ("DELETE", "faults?name=nobody", None, 404, "there is no fault called 'nobody'"),
        ("PUT", "faults/profile", {"profile": "outrage"}, 404, "did you mean outage"),
    ],
)
async def test_given_a_wrong_call_then_the_answer_names_what_is_wrong(
    control, method, path, body, status, message
) -> None:
    code, answer = await control.ask(method, path, body)
    assert (code, message in answer["error"]) == (status, True), answer
    assert (await control.done("GET", "faults"))["faults"] == []


async def test_given_a_name_that_is_taken_then_409(control) -> None:
    await control.done("POST", "faults", STATUS)
    code, answer = await control.ask("POST", "faults", STATUS)
    assert (code, answer["error"]) == (409, "there is a fault called 'down' already")
