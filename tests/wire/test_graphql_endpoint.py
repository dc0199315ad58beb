"""POST /graphql as HTTP has it; what is inside is specified in `graphql/`."""

import gzip
import json

from tests.wandb_client import KEY, WandbClient, history

LINES = """
{ project(entityName: "team", name: "vision") { run(name: "r1") { historyLineCount } } }
"""
UPLOAD = """
mutation { createRunFiles(input: {
  entityName: "team", projectName: "vision", runName: "r1", files: ["a"]
}) { files { uploadUrl } } }
"""


async def test_given_a_compressed_request_then_it_is_understood(client: WandbClient) -> None:
    packed = gzip.compress(json.dumps({"query": "{ viewer { username } }"}).encode())
    headers = {**client.headers, "Content-Encoding": "gzip"}
    async with client.session.post(
        f"{client.url}/graphql", data=packed, headers=headers
    ) as response:
        assert response.status == 200
        assert (await response.json())["data"]["viewer"]["username"]


async def test_given_another_name_for_this_host_then_urls_lead_back_by_it(
    client: WandbClient,
) -> None:
    await client.start_run()
    url = client.url.replace("127.0.0.1", "localhost")
    there = WandbClient(client.session, url, KEY)
    _, answer = await there.graphql(UPLOAD)
    assert answer["data"]["createRunFiles"]["files"][0]["uploadUrl"].startswith(f"{url}/storage/")


async def test_given_a_writer_in_shared_mode_then_its_own_lines_are_counted(
    client: WandbClient,
) -> None:
    await client.start_run()
    for writer, rows in (("a", 3), ("b", 5)):
        await client.stream(history(0, rows), headers={"X-WANDB-ASYNC-CLIENT-ID": writer})
    client.headers["X-WANDB-CLIENT-ID"] = "b"
    _, answer = await client.graphql(LINES)
    assert answer["data"]["project"]["run"] == {"historyLineCount": 5}
