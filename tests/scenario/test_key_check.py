"""A key that the server refuses ends a scenario before it starts."""

import pytest

from mockwb.scenario.errors import StartError
from mockwb.scenario.key_check import check_key
from tests.wandb_client import KEY


async def test_given_a_key_that_the_server_refuses_then_the_start_fails_with_its_words(
    serve,
) -> None:
    client = await serve(auth={"keys": [{"key": KEY}]})
    with pytest.raises(StartError, match=r"does not take the API key: .*not known here"):
        await check_key(client.session, client.url, KEY[::-1])


async def test_given_a_key_that_the_server_takes_then_nothing_happens(serve) -> None:
    client = await serve(auth={"keys": [{"key": KEY}]})
    await check_key(client.session, client.url, KEY)


async def test_given_no_server_then_the_key_is_not_the_trouble(serve) -> None:
    client = await serve()
    await check_key(client.session, "http://127.0.0.1:9", KEY)
