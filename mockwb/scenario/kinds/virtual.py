"""Workload kind `virtual`: many modelled runs in one event loop, over real HTTP.

How a run behaves is `sdkmodel`'s business.
"""

import asyncio
import math

import aiohttp
from yarl import URL

from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.modelled import modelled
from mockwb.scenario.virtual_client import VirtualClient
from mockwb.scenario.workload import LoggingWorkload, Surroundings
from mockwb.sdkmodel.requests import Request
from mockwb.sdkmodel.settings import SdkSettings


class VirtualWorkload(LoggingWorkload, frozen=True, kw_only=True, tag="virtual"):
    """N clients that batch, pace, retry and beat as wandb-core does."""

    settings: SdkSettings = SdkSettings()
    """Of the SDK, by the same names; those that the model knows."""

    @property
    def transmit_interval(self) -> float:
        """As the SDK understands the setting."""
        return self.settings.transmit_interval

    def client(self, around: Surroundings, index: int) -> VirtualClient:
        """Client number `index` (0-based), not started yet."""
        return modelled(self, self.settings, around, index)

    async def run(self, around: Surroundings) -> list[ClientResult]:
        """Run all clients in this event loop."""
        return await drive(self, around)


async def drive(load: VirtualWorkload, around: Surroundings) -> list[ClientResult]:
    """Run all clients to their end; one result per client, in order.

    Once `around.stop` is set, clients that run log no more and finish, or are cut off when that
    takes long; clients that wait for their start never do.
    """
    clients = [_Client(load, around, index) for index in range(load.count)]
    around.rows_logged[load.name] = lambda: sum(client.rows_logged() for client in clients)
    connector = aiohttp.TCPConnector(limit=0)
    cookies = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=cookies, skip_auto_headers=("Accept", "Content-Type")
    ) as session:
        stopper = asyncio.create_task(_pass_on(around.stop, clients))
        try:
            async with asyncio.TaskGroup() as group:
                for client in clients:
                    group.create_task(client.live(session))
        finally:
            stopper.cancel()
    return [client.result() for client in clients]


async def _pass_on(stop: asyncio.Event, clients: "list[_Client]") -> None:
    """Tell every client, so that thousands of them do not queue up at one event all the time."""
    await stop.wait()
    for client in clients:
        client.stop.set()


class _Client:
    """One virtual client and its requests on the wire."""

    def __init__(self, load: VirtualWorkload, around: Surroundings, index: int) -> None:
        self.stop = asyncio.Event()
        self._base_url = around.base_url
        self._clock = around.clock
        self._start_delay = load.start_delay(index, around.seed)
        self._client = load.client(around, index)
        self._run = self._client.run
        self._sending: set[asyncio.Task[None]] = set()
        self._stop_waits: asyncio.Task[bool] | None = None

    async def live(self, session: aiohttp.ClientSession) -> None:
        """From the start to the end of finish()."""
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
                await self._until(self._client.wake_at())
        finally:
            await self._end_tasks()

    def rows_logged(self) -> int:
        """So far."""
        return self._run.rows(self._clock.now())

    def result(self) -> ClientResult:
        """What became of the client; call when live() is over."""
        return self._client.result(self._clock.now())

    async def _until(self, at: float) -> None:
        """Wait for a time, an answer or the stop, whatever comes first."""
        if self._run.done:
            return
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
        """Put one request on the wire and hand its answer to the run."""
        url = request.url if "://" in request.url else self._base_url + request.url
        try:
            async with session.request(
                request.method,
                URL(url, encoded=True),
                data=request.body,
                headers=request.headers,
                timeout=aiohttp.ClientTimeout(total=request.timeout),
                allow_redirects=False,
            ) as answer:
                body = await answer.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            self._run.failed(self._clock.now(), request, f"{type(error).__name__}: {error}")
            return
        headers = answer.headers.items()
        self._run.answered(self._clock.now(), request, answer.status, headers, body)

    async def _end_tasks(self) -> None:
        """Leave nothing behind, also when the client is cancelled."""
        tasks = [*self._sending, *([self._stop_waits] if self._stop_waits else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
