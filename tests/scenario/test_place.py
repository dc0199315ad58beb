import socket
from pathlib import Path

import aiohttp
import pytest

from mockwb.config.model import ServerConfig
from mockwb.scenario.errors import StartError
from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.scenario.load import LoadedScenario
from mockwb.scenario.model import Scenario
from mockwb.scenario.place import WELL_FORMED_KEY, elsewhere, server_config, started_here
from mockwb.scenario.workload import ProjectPath


def loaded(**server) -> LoadedScenario:
    workload = VirtualWorkload(name="w", project=ProjectPath("team", "p"), rows=1)
    return LoadedScenario(Scenario(name="s", workloads=[workload]), Path("s.yaml"), server)


def test_a_server_of_our_own_takes_a_free_port_unless_told():
    assert server_config(loaded()).port == 0
    assert server_config(loaded(port=8123)).port == 8123


def test_the_scenarios_limits_reach_the_server():
    config = server_config(loaded(limits={"project": {"requests": "7/3s"}}))
    assert str(config.limits.project.requests) == "7/3s"


def test_an_unknown_plan_is_a_bad_start():
    with pytest.raises(StartError, match="no plan called 'nonsense'"):
        server_config(loaded(plan="nonsense"))


def test_https_is_a_bad_start():
    with pytest.raises(StartError, match="tls: clients of a scenario speak plain HTTP"):
        server_config(loaded(tls={"certificate": "c.pem", "key": "k.pem"}))


async def test_a_taken_port_is_a_bad_start():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=f"cannot listen on 127.0.0.1:{port}"):
            async with started_here(ServerConfig(port=port)):
                pass


async def test_a_started_server_answers_until_the_block_ends():
    async with aiohttp.ClientSession() as session:
        async with started_here(ServerConfig(port=0)) as place:
            answer = await session.get(f"{place.url}/_mockwb/account")
            assert answer.status == 200
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(f"{place.url}/_mockwb/account")


async def test_a_server_that_knows_keys_is_given_one_of_them():
    config = server_config(loaded(auth={"keys": [{"key": "a" * 40}]}))
    async with started_here(config) as place:
        assert place.api_key == "a" * 40


def test_a_running_server_is_used_with_the_users_key_or_any_well_formed_one():
    assert elsewhere("http://h:1/", "b" * 40).api_key == "b" * 40
    place = elsewhere("http://h:1/", None)
    assert (place.url, place.api_key) == ("http://h:1", WELL_FORMED_KEY)
    assert len(WELL_FORMED_KEY) == 40


@pytest.mark.parametrize("url", ["h:1", "http://", "http://:80", "http://[::bad", "http://h:port"])
def test_what_is_no_url_is_a_bad_start(url):
    with pytest.raises(StartError, match="expected http://HOST:PORT"):
        elsewhere(url, None)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "https://wb.local", "http://[::1]:80"])
def test_a_server_may_be_named_by_address_or_name(url):
    assert elsewhere(f"{url}/", None).url == url


async def test_the_admin_token_of_a_server_of_our_own_is_known():
    async with started_here(server_config(loaded(control={"admin_token": "t"}))) as place:
        assert place.admin_token == "t"
    assert elsewhere("http://h:1/", None, "u").admin_token == "u"


async def test_a_server_open_to_others_without_a_token_is_a_bad_start():
    with pytest.raises(StartError, match="--admin-token"):
        async with started_here(server_config(loaded(host="0.0.0.0"))):
            pass
