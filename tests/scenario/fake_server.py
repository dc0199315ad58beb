"""A server that says what a test wants it to say about runs and limits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from aiohttp import web

from mockwb.account import Account
from mockwb.client_account import ClientAccounts
from mockwb.content import Contents
from mockwb.guidance import Guidance


class FakeServer:
    """Answers what scenarios ask the control API, over real HTTP."""

    def __init__(self) -> None:
        self.url = ""
        self.account = Account()
        self.marked = Account()
        """What is found by a machine's name."""
        self.clients = ClientAccounts()
        self.guidance = Guidance()
        self.contents = Contents(runs=[])
        self.windows: list[dict[str, object]] = []
        self.asked: list[list[tuple[str, str]]] = []
        self.status = 200

    async def _account(self, request: web.Request) -> web.Response:
        self.asked.append(list(request.query.items()))
        account = self.marked if "host" in request.query else self.account
        return web.Response(status=self.status, body=msgspec.json.encode(account))

    async def _clients(self, request: web.Request) -> web.Response:
        self.asked.append(list(request.query.items()))
        return web.Response(status=self.status, body=msgspec.json.encode(self.clients))

    async def _guidance(self, request: web.Request) -> web.Response:
        return web.Response(status=self.status, body=msgspec.json.encode(self.guidance))

    async def _content(self, request: web.Request) -> web.Response:
        return web.Response(status=self.status, body=msgspec.json.encode(self.contents))

    async def _limits(self, request: web.Request) -> web.Response:
        return web.json_response({"windows": self.windows})

    @asynccontextmanager
    async def running(self) -> AsyncIterator["FakeServer"]:
        app = web.Application()
        app.router.add_get("/_mockwb/account", self._account)
        app.router.add_get("/_mockwb/clients", self._clients)
        app.router.add_get("/_mockwb/guidance", self._guidance)
        app.router.add_get("/_mockwb/content", self._content)
        app.router.add_get("/_mockwb/limits", self._limits)
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield self
        finally:
            await runner.cleanup()
