"""Several servers in one process, one after the other and side by side: nothing is shared."""

from mockwb.clock import RealClock
from mockwb.config.load import load_config
from mockwb.server import Server
from tests.conftest import Serve
from tests.wandb_client import WandbClient, history

UPLOAD = """
mutation { createRunFiles(input: {
  entityName: "team", projectName: "vision", runName: "r1", files: ["a"]
}) { files { uploadUrl } } }
"""


async def scrape(client: WandbClient) -> str:
    async with client.session.get(f"{client.url}/metrics") as response:
        return await response.text()


async def test_given_two_servers_then_runs_limits_and_metrics_are_each_ones_own(
    serve: Serve,
) -> None:
    limits = {"project": {"requests": "1/1m"}}
    first, second = await serve(limits=limits), await serve(limits=limits)
    await first.start_run()
    assert (await second.stream(history(0, 1)))[0] == 404
    await second.start_run(project="speech")
    assert (await first.stream(history(0, 1)))[0] == 200
    assert (await second.stream(history(0, 1), project="speech"))[0] == 200
    assert "team/vision" in await scrape(first)
    assert "speech" not in await scrape(first)


async def test_given_two_servers_then_one_does_not_take_uploads_of_the_other(serve: Serve) -> None:
    first, second = await serve(), await serve()
    for client in (first, second):
        await client.start_run()
    _, answer = await first.graphql(UPLOAD)
    url = answer["data"]["createRunFiles"]["files"][0]["uploadUrl"]
    async with second.session.put(url.replace(first.url, second.url), data=b"x") as response:
        assert response.status == 403


async def test_given_a_stopped_server_then_another_takes_its_port_and_knows_nothing(
    serve: Serve,
) -> None:
    async with Server(load_config(overlay={"port": 0}), RealClock()) as server:
        port = server.port
    client = await serve(port=port)
    assert client.url == server.url
    assert (await client.stream({}))[0] == 404
    await client.start_run()
    assert (await client.stream({}))[0] == 200
