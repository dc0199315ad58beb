"""The `virtual` workload: many runs that behave like the SDK, in one event loop, over real HTTP.

The runner calls `run_virtual`; how a run behaves is `sdkmodel`'s business, here is only its wire.
"""

import asyncio
import math
from random import Random

import aiohttp
import msgspec
from yarl import URL

from mockwb.clock import Clock
from mockwb.scenario.client_result import ClientResult
from mockwb.sdkmodel.operations import RunName
from mockwb.sdkmodel.requests import Request
from mockwb.sdkmodel.run import VirtualRun
from mockwb.sdkmodel.settings import SdkSettings
from mockwb.sdkmodel.steady_lines import SteadyLines

STOP_POLL_SECONDS = 15.0
"""The SDK's user process asks this often whether the server wants the run stopped."""
STOPPED_EXIT_CODE = 255
"""A stop arrives as KeyboardInterrupt; the SDK's exit hook makes this of it."""


class VirtualLoad(msgspec.Struct, frozen=True, kw_only=True):
    """What to run."""

    workload: str
    """Name of the workload in the scenario."""
    base_url: str
    api_key: str
    project: str
    entity: str | None = None
    """None lets the server choose."""
    clients: int
    metrics: int
    """Values per row."""
    row_interval: float
    """Seconds between two rows of a client."""
    rows: int
    """Rows per client."""
    start_spread: float = 0.0
    """Seconds over which the clients' starts are spread evenly."""
    run_prefix: str = "virtual"
    """Run IDs are this, a dash and a number from 0."""
    seed: int = 0
    settings: SdkSettings = SdkSettings()


async def run_virtual(load: VirtualLoad, clock: Clock, stop: asyncio.Event) -> list[ClientResult]:
    """Run all clients to their end; one result per client, in order.

    Once `stop` is set, running clients log no more and finish, and waiting ones do not start.
    """
    clients = [_Client(load, number, clock) for number in range(load.clients)]
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        stopper = asyncio.create_task(_pass_on(stop, clients))
        try:
            async with asyncio.TaskGroup() as group:
                for client in clients:
                    group.create_task(client.live(session))
        finally:
            stopper.cancel()
    return [client.result() for client in clients]


async def _pass_on(stop: asyncio.Event, clients: "list[_Client]") -> None:
    await stop.wait()
    for client in clients:
        client.stop.set()


class _Client:
    """One virtual run and its requests on the wire."""

    def __init__(self, load: VirtualLoad, number: int, clock: Clock) -> None:
        self.stop = asyncio.Event()
        self._load = load
        self._clock = clock
        self._start_after = load.start_spread * number / load.clients
        self._rows = SteadyLines.of_metrics(
            load.metrics, interval=load.row_interval, count=load.rows
        )
        self._run = VirtualRun(
            RunName(load.entity, load.project, f"{load.run_prefix}-{number}"),
            api_key=load.api_key,
            settings=load.settings,
            random=Random(f"{load.seed}/{load.workload}/{number}"),
            rows=self._rows,
        )
        self._base_url = load.base_url.rstrip("/")
        self._sending: set[asyncio.Task[None]] = set()
        self._stop_waits: asyncio.Task[bool] | None = None
        self._started_at = math.inf
        self._stop_noticed_at = math.inf
        self._finish_called_at: float | None = None

    async def live(self, session: aiohttp.ClientSession) -> None:
        """From the start to the end of finish()."""
        self._stop_waits = asyncio.create_task(self.stop.wait())
        try:
            await self._until(self._clock.now() + self._start_after)
            if self.stop.is_set():
                return
            self._started_at = self._clock.now()
            self._run.start(self._started_at, self._clock.wall())
            while not self._run.done:
                self._act(session)
                await self._until(self._wake_at())
        finally:
            await self._end_tasks()

    def _act(self, session: aiohttp.ClientSession) -> None:
        """Do everything that is due now."""
        now = self._clock.now()
        if self._run.stopped and self._stop_noticed_at == math.inf:
            self._stop_noticed_at = now + self._until_next_poll(now)
        if self._finish_called_at is None and now >= self._finish_at():
            self._finish_called_at = now
            self._run.finish(now, STOPPED_EXIT_CODE if now >= self._stop_noticed_at else 0)
        for request in self._run.due(now):
            self._sending.add(asyncio.create_task(self._send(session, request)))

    def _finish_at(self) -> float:
        """When the user's script calls finish(); infinity while init is under way."""
        if self._finish_called_at is not None:
            return math.inf
        if self.stop.is_set():
            return -math.inf
        return min(self._rows.last_arrival(), self._stop_noticed_at)

    def _until_next_poll(self, now: float) -> float:
        """Seconds until the user's process next looks whether it was stopped."""
        return STOP_POLL_SECONDS - (now - self._started_at) % STOP_POLL_SECONDS

    def _wake_at(self) -> float:
        wake_at = self._run.wake_at()
        return min(self._finish_at(), math.inf if wake_at is None else wake_at)

    async def _until(self, at: float) -> None:
        """Wait for a time, an answer or the stop, whatever comes first."""
        if self._run.done:
            return
        delay = at - self._clock.now()
        waiting: set[asyncio.Task[None] | asyncio.Task[bool]] = {*self._sending}
        if self._stop_waits is not None and not self.stop.is_set():
            waiting.add(self._stop_waits)
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

    def result(self) -> ClientResult:
        """What became of the client; call when live() is over."""
        run, now = self._run, self._clock.now()
        started = self._finish_called_at is not None or run.done
        finish_seconds = None
        if run.done_at is not None and run.exists and self._finish_called_at is not None:
            finish_seconds = run.done_at - min(self._finish_called_at, self._rows.last_arrival())
        return ClientResult(
            workload=self._load.workload,
            entity=run.name.entity or "",
            project=run.name.project,
            run=run.name.run,
            rows=run.rows(now),
            values=run.values(now),
            finish_seconds=finish_seconds,
            exit_code=run.exit_code,
            error=run.error if started else "stopped before it started",
            requests={str(surface): counts for surface, counts in run.tally.requests.items()},
            retries=run.tally.retries,
            throttled_seconds=run.tally.throttled_seconds,
            lowest_remaining=run.tally.lowest_remaining,
        )
