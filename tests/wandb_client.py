"""A bare client of W&B's HTTP interface, for tests that need control over every byte."""

import base64
import json
from typing import Any

import aiohttp

KEY = "0123456789abcdef0123456789abcdef01234567"

UPSERT = """
mutation UpsertBucket($entity: String, $project: String, $name: String, $id: String) {
  upsertBucket(input: {entityName: $entity, modelName: $project, name: $name, id: $id}) {
    bucket { id name displayName historyLineCount project { name entity { name } } }
    inserted
  }
}
"""


def authorization(key: str = KEY) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"api:{key}".encode()).decode()}


def rows(start: int, count: int, **metrics: object) -> dict[str, Any]:
    """A chunk of history: `count` rows from line and step `start` on."""
    lines = [{"_step": step, "loss": step / 10, **metrics} for step in range(start, start + count)]
    return {"offset": start, "content": [json.dumps(line) for line in lines]}


def history(start: int, count: int, **metrics: object) -> dict[str, Any]:
    """A file_stream body that brings `rows`."""
    return {"files": {"wandb-history.jsonl": rows(start, count, **metrics)}}


class WandbClient:
    """Talks to one server; `session` may be used for anything that has no method here."""

    def __init__(self, session: aiohttp.ClientSession, url: str, key: str = KEY) -> None:
        self.session = session
        self.url = url
        self.headers = authorization(key)

    async def graphql(self, query: str, **variables: object) -> tuple[int, Any]:
        body = {"query": query, "variables": variables, "operationName": ""}
        async with self.session.post(
            f"{self.url}/graphql", json=body, headers=self.headers
        ) as response:
            return response.status, await response.json()

    async def start_run(
        self, run: str = "r1", project: str = "vision", entity: str = "team"
    ) -> Any:
        """Create the run (or take it up again); the bucket."""
        status, answer = await self.graphql(UPSERT, entity=entity, project=project, name=run)
        assert status == 200, answer
        return answer["data"]["upsertBucket"]["bucket"]

    async def stream(
        self,
        body: object,
        run: str = "r1",
        project: str = "vision",
        entity: str = "team",
        **kwargs: Any,
    ) -> tuple[int, Any, dict[str, str]]:
        """POST a file_stream body (an object, or raw bytes): status, JSON, headers."""
        headers = {**self.headers, **kwargs.pop("headers", {})}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        url = f"{self.url}/files/{entity}/{project}/{run}/file_stream"
        async with self.session.post(url, data=data, headers=headers, **kwargs) as response:
            return response.status, await response.json(), dict(response.headers)

    async def account(self, **query: str) -> Any:
        async with self.session.get(f"{self.url}/_mockwb/account", params=query) as response:
            return await response.json()

    async def run_account(self, run: str = "r1") -> Any:
        """The account of the one run of that name."""
        (account,) = (await self.account(run=run))["runs"]
        return account
