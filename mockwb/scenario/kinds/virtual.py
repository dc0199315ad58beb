"""Workload kind `virtual`: many modelled runs in one event loop, over real HTTP.

How a run behaves is `sdkmodel`'s business.
"""

import asyncio
import math
from random import Random

import aiohttp
from yarl import URL

from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.workload import LoggingWorkload, Surroundings
from mockwb.sdkmodel.operations import RunName
from mockwb.sdkmodel.requests import Request
from mockwb.sdkmodel.run import VirtualRun
from mockwb.sdkmodel.settings import SdkSettings
from mockwb.sdkmodel.steady_lines import SteadyLines

STOP_POLL_SECONDS = 15.0
"""The SDK's user process asks this often whether the server wants the run stopped."""
STOPPED_EXIT_CODE = 255
"""A stop arrives as KeyboardInterrupt; the SDK's exit hook makes this of it."""
FINISH_GRACE_SECONDS = 5.0
"""How long finish() may take once the scenario was stopped."""


class VirtualWorkload(LoggingWorkload, frozen=True, kw_only=True, tag="virtual"):
    """N clients that batch, pace, retry and beat as wandb-core does."""

    settings: SdkSettings = SdkSettings()
    """Of the SDK, by the same names; those that the model knows."""

    @property
    def transmit_interval(self) -> float:
        """As the SDK understands the setting."""
        return self.settings.transmit_interval

    async def run(self, around: Surroundings) -> list[ClientResult]:
        """Run all clients in this event loop."""
        return await drive(self, around)


async def drive(load: VirtualWorkload, around: Surroundings) -> list[ClientResult]:
    """Run all clients to their end; one result per client, in order.

    Once `around.stop` is set, clients that run log no more and finish, or are cut off when that
    takes long; clients that wait for their start never do.
    """
    clients = [_Client(load, around, index) for index in range(load.count)]
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
    """One virtual run and its requests on the wire."""

    def __init__(self, load: VirtualWorkload, around: Surroundings, index: int) -> None:
        self.stop = asyncio.Event()
        self._workload = load.name
        self._base_url = around.base_url
        self._clock = around.clock
        self._start_delay = load.start_delay(index)
        run = load.run_id(around, index)
        self._rows = SteadyLines.of_metrics(load.metrics, interval=load.every, count=load.rows)
        self._run = VirtualRun(
            RunName(load.project.entity, load.project.project, run),
            api_key=around.api_key,
            settings=load.settings,
            random=Random(run),
            rows=self._rows,
        )
        self._sending: set[asyncio.Task[None]] = set()
        self._stop_waits: asyncio.Task[bool] | None = None
        self._started_at = math.inf
        self._stop_noticed_at = math.inf
        self._finish_called_at: float | None = None
        self._cut_off_at = math.inf

    async def live(self, session: aiohttp.ClientSession) -> None:
        """From the start to the end of finish()."""
        self._stop_waits = asyncio.create_task(self.stop.wait())
        try:
            await self._until(self._clock.now() + self._start_delay)
            if self.stop.is_set():
                return
            self._started_at = self._clock.now()
            self._run.start(self._started_at, self._clock.wall())
            while not self._run.done and self._clock.now() < self._cut_off_at:
                self._act(session)
                await self._until(self._wake_at())
        finally:
            await self._end_tasks()

    def result(self) -> ClientResult:
        """What became of the client; call when live() is over."""
        run, now, tally = self._run, self._clock.now(), self._run.tally
        return ClientResult(
            workload=self._workload,
            entity=run.name.entity or "",
            project=run.name.project,
            run=run.name.run,
            rows=run.rows(now),
            values=run.values(now),
            finish_seconds=self._finish_seconds(),
            exit_code=run.exit_code,
            error=self._error(),
            requests={str(surface): counts for surface, counts in tally.requests.items()},
            retries=tally.retries,
            throttled_seconds=tally.throttled_seconds,
            lowest_remaining=tally.lowest_remaining,
        )

    def _error(self) -> str | None:
        if self._started_at == math.inf:
            return "stopped before its start"
        return self._run.error if self._run.done else "stopped before finish() was through"

    def _finish_seconds(self) -> float | None:
        """From the last row to the end of finish()."""
        done_at, called_at = self._run.done_at, self._finish_called_at
        if done_at is None or called_at is None or not self._run.exists:
            return None
        return done_at - min(called_at, self._rows.last_arrival())

    def _act(self, session: aiohttp.ClientSession) -> None:
        """Do everything that is due now."""
        now = self._clock.now()
        if self._run.stopped and self._stop_noticed_at == math.inf:
            since_poll = (now - self._started_at) % STOP_POLL_SECONDS
            self._stop_noticed_at = now + STOP_POLL_SECONDS - since_poll
        if self.stop.is_set() and self._cut_off_at == math.inf:
            self._cut_off_at = now + FINISH_GRACE_SECONDS
        if now >= self._finish_at():
            self._finish_called_at = now
            self._run.finish(now, STOPPED_EXIT_CODE if now >= self._stop_noticed_at else 0)
        for request in self._run.due(now):
            self._sending.add(asyncio.create_task(self._send(session, request)))

    def _finish_at(self) -> float:
        """When the user's script calls finish(); infinity if it has, or init is under way."""
        if self._finish_called_at is not None:
            return math.inf
        if self.stop.is_set():
            return -math.inf
        return min(self._rows.last_arrival(), self._stop_noticed_at)

    def _wake_at(self) -> float:
        wake_at = self._run.wake_at()
        wake_at = math.inf if wake_at is None else wake_at
        return min(wake_at, self._finish_at(), self._cut_off_at)

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
