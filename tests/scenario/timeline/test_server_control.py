"""Events against a server, and what comes of them for its clients."""

import json

import pytest

from mockwb.scenario.timeline.put_back import put_back
from mockwb.scenario.timeline.server_control import (
    RefusedEventError,
    ServerControl,
    UnreachableError,
)
from tests.scenario.timeline.events import OUTAGE, event
from tests.wandb_client import history


@pytest.fixture
async def control(client) -> ServerControl:
    await client.start_run()
    return ServerControl(client.session, client.url, None)


async def streams(client) -> int:
    url = f"{client.url}/files/team/vision/r1/file_stream"
    body, headers = json.dumps(history(0, 1)).encode(), client.headers
    async with client.session.post(url, data=body, headers=headers) as response:
        return int(response.status)


async def test_given_other_limits_then_only_what_is_named_changes(client, control) -> None:
    await control.act(event("change_limits", plan="tight"))
    await control.act(event("change_limits", limits={"project": {"requests": "1/1m"}}))
    async with client.session.get(f"{client.url}/_mockwb/limits/rules") as answer:
        rules = await answer.json()
    assert rules["plan"] == "tight"
    assert rules["limits"]["project"]["requests"] == "1/1m"
    assert rules["limits"]["project"]["bytes"] is not None
    assert [await streams(client), await streams(client)] == [200, 429]


async def test_given_a_fault_then_it_acts_until_it_is_stopped(client, control) -> None:
    await control.act(event("start_fault", fault=OUTAGE))
    assert await streams(client) == 503
    await control.act(event("stop_fault", name="down"))
    assert await streams(client) == 200


async def test_given_a_profile_then_its_faults_act_until_all_are_stopped(client, control) -> None:
    await control.act(event("start_profile", profile="outage"))
    assert await streams(client) == 503
    await control.act(event("stop_fault"))
    assert await streams(client) == 200


async def test_given_a_freeze_then_all_is_refused_until_the_thaw(client, control, clock) -> None:
    await control.act(event("freeze", reset=7))
    assert await streams(client) == 429
    await control.act(event("thaw"))
    assert await streams(client) == 200
    await control.act(event("freeze", for_="30s"))
    assert await streams(client) == 429
    await clock.advance(30)
    assert await streams(client) == 200


async def test_given_an_event_that_is_refused_then_the_servers_words_are_passed_on(control) -> None:
    with pytest.raises(RefusedEventError, match="no fault called 'down'") as refused:
        await control.act(event("stop_fault", name="down"))
    assert refused.value.status == 404


async def test_given_an_admin_token_then_it_is_sent(serve) -> None:
    client = await serve(control={"admin_token": "secret"})
    await ServerControl(client.session, client.url, "secret").act(event("thaw"))
    with pytest.raises(RefusedEventError):
        await ServerControl(client.session, client.url, None).act(event("thaw"))


async def test_given_nobody_listens_then_that_is_said(client) -> None:
    with pytest.raises(UnreachableError):
        await ServerControl(client.session, "http://127.0.0.1:1", None).act(event("thaw"))


async def test_given_a_server_of_somebody_elses_then_it_is_left_as_it_was_found(serve) -> None:
    old = {"name": "old", "what": {"kind": "latency"}}
    client = await serve(plan="tight", faults=[old])
    control = ServerControl(client.session, client.url, None)
    before = [await control.call("GET", path) for path in ("limits/rules", "faults", "freeze")]
    async with put_back(control):
        await control.act(event("change_limits", limits={"project": {"requests": "1/1m"}}))
        await control.act(event("start_profile", profile="outage"))
        await control.act(event("start_fault", fault=OUTAGE))
        await control.act(event("freeze"))
    after = [await control.call("GET", path) for path in ("limits/rules", "faults", "freeze")]
    assert after == before


async def test_given_a_frozen_server_then_it_stays_so(client, control) -> None:
    await control.act(event("freeze"))
    async with put_back(control):
        await control.act(event("change_limits", plan="tight"))
    assert b'"frozen":true' in await control.call("GET", "freeze")
    assert b"unlimited" in await control.call("GET", "limits/rules")
