"""Sees before any client starts that the server takes the API key. Called by `runner`."""

from contextlib import suppress

import aiohttp

from mockwb.scenario.errors import StartError


async def check_key(session: aiohttp.ClientSession, base_url: str, api_key: str) -> None:
    """StartError if the server at `base_url` answers, and refuses `api_key`."""
    headers = {"Authorization": aiohttp.encode_basic_auth("api", api_key)}
    with suppress(aiohttp.ClientError, TimeoutError):
        async with session.post(
            f"{base_url}/graphql", json={"query": "{ viewer { id } }"}, headers=headers
        ) as response:
            if response.status == 401:
                raise StartError(
                    f"{base_url} does not take the API key: {await response.text()}"
                    " (it is read from WANDB_API_KEY)"
                )
