"""Puts modelled clients on the wire: thousands of them in one event loop, over real HTTP.

The kinds whose clients are models call `drive`; how a client behaves is its model's business.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import aiohttp
from yarl import URL

from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.workload import Surroundings
from mockwb.sdkmodel.requests import LargeContent, Request
from mockwb.sdkmodel.wireless import Wireless


class Modelled(Wireless, Protocol):
    """A client of a workload; stop() says that the scenario is over."""

    def result(self, now: float) -> ClientResult:
        """What became of the client, as of `now`; also if it never started."""


async def drive(
    clients: Sequence[tuple[Modelled, float]], around: Surroundings, *, apart: bool = False
) -> list[ClientResult]:
    """Run all clients, each started after so many seconds, to their end; a result for each.

    `apart` gives each client connections of its own: the server has to tell them apart by these if
    they do not say who they are.

    Once `around.stop` is set, clients that run come to their end; those that wait for their start
    never do.
    """
    driven = [_Driven(client, delay, around) for client, delay in clients]
    async with _connections() as session:
        stopper = asyncio.create_task(_pass_on(around.stop, driven))
        try:
            async with asyncio.TaskGroup() as group:
                for one in driven:
                    group.create_task(one.live_apart() if apart else one.live(session))
        finally:
            stopper.cancel()
    now = around.clock.now()
    return [client.result(now) for client, _ in clients]


def _connections() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("Accept", "Content-Type"),
    )


async def _pass_on(stop: asyncio.Event, driven: "list[_Driven]") -> None:
    """Tell every client, so that thousands of them do not queue up at one event all the time."""
    await stop.wait()
    for one in driven:
        one.stop.set()


class _Driven:
    """One client and its requests on the wire."""

    def __init__(self, client: Modelled, start_delay: float, around: Surroundings) -> None:
        self.stop = asyncio.Event()
        self._base_url = around.base_url
        self._clock = around.clock
        self._start_delay = start_delay
        self._client = client
        self._sending: set[asyncio.Task[None]] = set()
        self._stop_waits: asyncio.Task[bool] | None = None

    async def live_apart(self) -> None:
        """The same over connections of its own."""
        async with _connections() as session:
            await self.live(session)

    async def live(self, session: aiohttp.ClientSession) -> None:
        """From the client's start to its end."""
        self._stop_waits = asyncio.create_task(self.stop.wait())
        try:
            await self._until(self._clock.now() + self._start_delay)
            if self.stop.is_set():
                return
            self._client.start(self._clock.now(), self._clock.wall())
            while not self._client.over(self._clock.now()):
                if self.stop.is_set():
                    self._client.stop()
                for request in self._client.due(self._clock.now()):
                    self._sending.add(asyncio.create_task(self._send(session, request)))
                if not self._client.over(self._clock.now()):
                    await self._until(self._client.wake_at())
        finally:
            await self._end_tasks()

    async def _until(self, at: float) -> None:
        """Wait for a time, an answer or the stop, whatever comes first."""
        waiting: set[asyncio.Task[None] | asyncio.Task[bool]] = {*self._sending}
        if self._stop_waits is not None and not self._stop_waits.done():
            waiting.add(self._stop_waits)
        delay = at - self._clock.now()
        timer = asyncio.create_task(self._clock.sleep(delay)) if delay < math.inf else None
        if timer is not None:
            waiting.add(timer)
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if timer is not None:
                timer.cancel()
        for task in done & self._sending:
            self._sending.discard(task)
            task.result()

    async def _send(self, session: aiohttp.ClientSession, request: Request) -> None:
        """Put one request on the wire and hand its answer to the client."""
        data: bytes | AsyncIterator[bytes]
        headers = dict(request.headers)
        if isinstance(request.content, LargeContent):
            data = _pieces(request.content)
            headers["Content-Length"] = str(request.size)
        else:
            data = request.body
        url = request.url if "://" in request.url else self._base_url + request.url
        try:
            async with session.request(
                request.method,
                URL(url, encoded=True),
                data=data,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=request.timeout),
                allow_redirects=False,
            ) as answer:
                body = await answer.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            self._client.failed(self._clock.now(), request, f"{type(error).__name__}: {error}")
            return
        told = answer.headers.items()
        self._client.answered(self._clock.now(), request, answer.status, told, body)

    async def _end_tasks(self) -> None:
        """Leave nothing behind, also when the client is cancelled."""
        tasks = [*self._sending, *([self._stop_waits] if self._stop_waits else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pieces(content: LargeContent) -> AsyncIterator[bytes]:
    for piece in content.chunks():
        yield piece
