"""Rights to queues, agents, views and charts over HTTP, once people are declared."""

from typing import Any

import pytest

from tests.conftest import Serve
from tests.wandb_client import WandbClient

PEOPLE = {
    "users": [{"name": name, "key": name} for name in ("ada", "bob", "vic", "eve")],
    "teams": [
        {
            "name": "crew",
            "members": [{"user": "ada"}, {"user": "bob"}, {"user": "vic", "role": "viewer"}],
        },
    ],
}
CREATE = """mutation($name: String!, $access: RunQueueAccessType!) {
    createRunQueue(input:
    {entityName: "crew", projectName: "vision", queueName: $name, access: $access}) { queueID } }"""
PUSH = """mutation($id: ID!) {
    pushToRunQueue(input: {queueID: $id, runSpec: "{}"}) { runQueueItemId } }"""
POP = """mutation($name: String!) {
    popFromRunQueue(input:
    {entityName: "crew", projectName: "vision", queueName: $name}) { runQueueItemId } }"""
FAIL = """mutation($id: ID!) {
    failRunQueueItem(input: {runQueueItemId: $id, message: "m", stage: "s"}) { success } }"""
DELETE = "mutation($id: ID!) { deleteRunQueues(input: {queueIDs: [$id]}) { success } }"
AGENT = """mutation($id: ID!) { createLaunchAgent(input:
    {entityName: "crew", projectName: "vision", runQueues: [$id], hostname: "h"})
    { launchAgentId } }"""
STOP = """mutation($id: ID!) {
    updateLaunchAgent(input: {launchAgentId: $id, stopPolling: true}) { success } }"""
QUEUES = '{ project(name: "vision", entityName: "crew") { runQueues { name } } }'
SAVE = """mutation { upsertView(input:
    {entityName: "crew", projectName: "vision", type: "runs", spec: "{}"}) { view { id } } }"""
CHANGE = 'mutation($id: ID!) { upsertView(input: {id: $id, displayName: "x"}) { inserted } }'
DROP = "mutation($id: ID!) { deleteView(input: {id: $id}) { success } }"
SHARE = """mutation($id: ID!) { createAccessToken(input:
    {viewId: $id, projects: [{entityName: "crew", projectName: "vision"}]})
    { accessToken { token } } }"""
REVOKE = "mutation($id: String!) { revokeAccessToken(input: {token: $id}) { success } }"
VIEW = "query($id: ID!) { view(id: $id) { id } }"
CHART = """mutation { createCustomChart(input: {entity: "crew", name: "c", displayName: "C",
    type: "vega2", access: "PRIVATE", spec: "{}"}) { chart { id } } }"""
SHOWN = '{ customChart(id: "crew/c") { id } }'


@pytest.fixture
async def bob(serve: Serve) -> WandbClient:
    """A member of the team, whose project there is."""
    client = await serve(people=PEOPLE)
    bob = WandbClient(client.session, client.url, "bob")
    await bob.start_run(entity="crew")
    return bob


def other(bob: WandbClient, name: str) -> WandbClient:
    return WandbClient(bob.session, bob.url, name)


async def done(client: WandbClient, query: str, **variables: object) -> Any:
    status, answer = await client.graphql(query, **variables)
    assert status == 200, answer
    (value,) = answer["data"].values()
    return value


async def check_forbidden(client: WandbClient, query: str, **variables: object) -> None:
    status, answer = await client.graphql(query, **variables)
    assert (status, answer["errors"][0]["message"]) == (403, "permission denied"), query


async def test_given_a_queue_then_viewers_and_strangers_change_nothing(bob: WandbClient) -> None:
    queue = (await done(bob, CREATE, name="q", access="PROJECT"))["queueID"]
    item = (await done(other(bob, "ada"), PUSH, id=queue))["runQueueItemId"]
    agent = (await done(bob, AGENT, id=queue))["launchAgentId"]
    for client in (other(bob, "vic"), other(bob, "eve")):
        await check_forbidden(client, CREATE, name="q2", access="PROJECT")
        await check_forbidden(client, POP, name="q")
        for query, thing in ((PUSH, queue), (DELETE, queue), (FAIL, item), (STOP, agent)):
            await check_forbidden(client, query, id=thing)
    assert await done(other(bob, "vic"), QUEUES) == {"runQueues": [{"name": "q"}]}
    assert await done(other(bob, "eve"), QUEUES) is None


async def test_given_a_users_own_queue_then_team_mates_neither_see_nor_use_it(
    bob: WandbClient,
) -> None:
    queue = (await done(bob, CREATE, name="own", access="USER"))["queueID"]
    item = (await done(bob, PUSH, id=queue))["runQueueItemId"]
    ada = other(bob, "ada")
    assert await done(ada, QUEUES) == {"runQueues": []}
    await check_forbidden(ada, POP, name="own")
    for query, thing in ((PUSH, queue), (DELETE, queue), (AGENT, queue), (FAIL, item)):
        await check_forbidden(ada, query, id=thing)
    assert (await done(bob, POP, name="own"))["runQueueItemId"] == item


async def test_given_a_report_then_viewers_read_it_and_strangers_do_not(bob: WandbClient) -> None:
    view = (await done(bob, SAVE))["view"]["id"]
    token = (await done(bob, SHARE, id=view))["accessToken"]["token"]
    vic, eve = other(bob, "vic"), other(bob, "eve")
    assert await done(vic, VIEW, id=view) == {"id": view}
    assert await done(eve, VIEW, id=view) is None
    for client in (vic, eve):
        await check_forbidden(client, SAVE)
        await check_forbidden(client, REVOKE, id=token)
        for query in (CHANGE, DROP, SHARE):
            await check_forbidden(client, query, id=view)
    assert (await done(other(bob, "ada"), REVOKE, id=token))["success"] is True


async def test_given_a_private_chart_then_only_the_team_sees_it(bob: WandbClient) -> None:
    await done(bob, CHART)
    assert await done(other(bob, "vic"), SHOWN) == {"id": "crew/c"}
    assert await done(other(bob, "eve"), SHOWN) is None
    await check_forbidden(other(bob, "eve"), CHART)
