"""Puts the rooms together: one handler of requests out of one configuration.

`mockwb.server` runs it; ten of them fit into one process.
"""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from aiohttp import web

from mockwb.backend.blob_store import BlobStore
from mockwb.backend.errors import NotFoundError
from mockwb.backend.last_steps import LastSteps, last_steps
from mockwb.backend.memory_store import MemoryStore
from mockwb.backend.run import RunKey, RunState
from mockwb.backend.sdk_version import sdk_version
from mockwb.backend.world import World
from mockwb.clock import Clock
from mockwb.config.load import rules_of
from mockwb.config.model import ServerConfig
from mockwb.control.live_limits import LiveLimits
from mockwb.control.resource import Resource
from mockwb.control.resources import control_resources
from mockwb.control.routes import add_control_routes, refuse_control_routes
from mockwb.faults.faults import Faults
from mockwb.gate.authentication import Authenticator
from mockwb.gate.gate import Gate
from mockwb.limits.limiter import Limiter
from mockwb.observe.account import AccountKeeper
from mockwb.observe.client_keeper import ClientKeeper
from mockwb.observe.guidance.watch import GuidanceWatch
from mockwb.observe.journal import Journal
from mockwb.observe.metrics import Metrics
from mockwb.observe.onlookers import Onlooker, Onlookers
from mockwb.observe.request_log import RequestLog
from mockwb.units import Size
from mockwb.wire.body import gunzipped, read_body
from mockwb.wire.client_address import ClientAddresses
from mockwb.wire.exchange import Exchange, Handler
from mockwb.wire.fault_effects import FaultEffects
from mockwb.wire.file_stream import FileStreamHandler
from mockwb.wire.fixture_service import FixtureService
from mockwb.wire.graphql.engine import GraphQLEngine
from mockwb.wire.graphql.schema_files import shared_schema
from mockwb.wire.graphql_endpoint import GraphQLHandler
from mockwb.wire.health import add_health_routes
from mockwb.wire.proxy import ProxyHandler
from mockwb.wire.routes import Routes
from mockwb.wire.storage import StorageHandler
from mockwb.wire.telemetry import discard_telemetry
from mockwb.wire.urls import StorageUrls

_TOGETHER = 64
"""Requests that onlookers look at in one go while there is much to do."""
_CONTROL_BODY = Size(1_000_000)
"""Largest body of mockwb's own API, in bytes."""


@dataclass(slots=True)
class Readiness:
    """Whether requests are welcome."""

    reason: str | None = "starting"
    """Why not; None while serving."""


@dataclass(slots=True, frozen=True)
class Rooms:
    """What a server is made of, for `mockwb.server` to start and stop."""

    handler: Handler
    """Answers every request."""
    world: World
    limits: LiveLimits
    faults: Faults
    accounts: AccountKeeper
    guidance: GuidanceWatch
    exchange: Exchange
    request_log: RequestLog
    journal: Journal
    readiness: Readiness
    effects: FaultEffects
    proxy: ProxyHandler | None
    """Passes W&B's own paths on; None if they are served here."""
    fixtures: Handler | None
    """Answers every request on the fixture service's port; None without one."""


def create_app(config: ServerConfig, clock: Clock, onlookers: Sequence[Onlooker] = ()) -> Rooms:
    """Build everything that serves `config`; nothing listens or runs yet.

    `onlookers` see each finished request, after those of the server itself.
    """
    storage = config.storage
    blobs = BlobStore(
        storage.memory_threshold,
        storage.max_file_size,
        storage.folder,
        keep_large=storage.keep_large,
    )
    runs = config.runs
    world = World(MemoryStore(blobs), clock, runs.crash_after, parquet_history=runs.parquet_history)
    limiter = Limiter(config.limits, clock)
    guidance = _guidance_watch(config, clock)
    metrics = Metrics(config.metrics.max_projects, limiter.usage, guidance.counted)
    states = _States(world)
    accounts = AccountKeeper(
        config.account.max_runs,
        clock=clock,
        run_state=states.of_run,
        open_gaps=states.gaps,
        run_host=states.host,
        guidance=guidance.of_run,
        last_steps=states.last_steps,
    )
    clients = ClientKeeper(
        config.account.max_runs,
        sdk_version=states.sdk_version,
        on_premature=metrics.note_premature_retry,
    )
    request_log = RequestLog(clock, config.log.summary_every)
    addresses = ClientAddresses(config.trusted_proxies)
    journal = Journal(config.journal, clock)
    everybody = Onlookers(
        [metrics, accounts, clients, guidance, request_log, *onlookers],
        keepers=[journal],
        # Onlookers from outside may be asked at any time.
        together=1 if onlookers else _TOGETHER,
    )
    max_body = config.journal.max_body if config.journal.bodies else None
    exchange = Exchange(clock, everybody, addresses, max_body=max_body)
    readiness = Readiness()
    routes = Routes(exchange)
    faults = Faults(clock, config.fault_seed, rules_of(config))
    gate = Gate(Authenticator(config.auth, world.api_keys), limiter, faults, states.sdk_version)
    effects = FaultEffects(clock, config.bodies.timeout)
    proxy = None
    if config.proxy is None:
        _add_wandb_routes(routes, config, world, gate, effects)
    else:
        engine = GraphQLEngine(shared_schema())
        proxy = ProxyHandler(config.proxy, gate, engine, world, config.bodies, effects)
    add_health_routes(
        routes.add,
        metrics,
        ready=lambda: readiness.reason,
        run_states=states.counted,
        verdicts=accounts.verdicts,
    )
    live = LiveLimits(limiter, config.plan)
    if config.control.enabled:
        token_needed = config.control.admin_token is not None
        resources = control_resources(
            live,
            faults,
            accounts,
            clients,
            journal,
            world,
            guidance=guidance,
            token_needed=token_needed,
        )
        _add_control_routes(routes, config, resources)
    else:
        refuse_control_routes(routes.add)
    if proxy is not None:  # last, since it takes whatever is left
        routes.add("*", "/{rest:.*}", proxy.pass_on)
    fixtures = None
    if config.fixture_port is not None:
        fixture_routes = Routes(exchange)
        FixtureService(world, config.bodies).add_routes(fixture_routes.add)
        fixtures = fixture_routes.dispatch
    return Rooms(
        routes.dispatch,
        world,
        live,
        faults,
        accounts,
        guidance,
        exchange,
        request_log,
        journal,
        readiness,
        effects,
        proxy,
        fixtures,
    )


def _guidance_watch(config: ServerConfig, clock: Clock) -> GuidanceWatch:
    """The watch on every range that the settings name."""
    return GuidanceWatch(
        config.guidance.ranges,
        clock,
        max_projects=config.guidance.max_projects,
        max_runs=config.account.max_runs,
    )


def _add_wandb_routes(
    routes: Routes, config: ServerConfig, world: World, gate: Gate, effects: FaultEffects
) -> None:
    """W&B's own paths."""
    secret = secrets.token_bytes(32)
    bodies = config.bodies
    stream = FileStreamHandler(gate, world, bodies, effects)
    graphql = GraphQLHandler(
        gate,
        GraphQLEngine(shared_schema()),
        world,
        bodies,
        config.features,
        secret,
        effects,
    )
    urls = StorageUrls("", secret)
    storage = StorageHandler(gate, world, urls, bodies, config.storage, effects)
    run = "/files/{entity}/{project}/{run}"
    routes.add_bound("POST", f"{run}/file_stream", stream.of_run)
    routes.add("POST", "/graphql", graphql.post)
    for path, get in (
        ("/storage/{path:.+}", storage.get),
        (run + "/{name:.+}", storage.get_run_file),
    ):
        routes.add("GET", path, get)
        routes.add("OPTIONS", path, storage.options)
    routes.add("PUT", "/storage/{path:.+}", storage.put)
    routes.add("*", "/sdk/otel/{rest:.*}", discard_telemetry)


def _add_control_routes(routes: Routes, config: ServerConfig, resources: list[Resource]) -> None:
    """Mockwb's own API."""
    bodies = msgspec.structs.replace(
        config.bodies, max_size=_CONTROL_BODY, max_decompressed=_CONTROL_BODY
    )

    async def body_of(request: web.BaseRequest) -> bytes:
        return await gunzipped(request, await read_body(request, bodies), bodies)

    add_control_routes(routes.add, resources, body_of, config.control.admin_token)


class _States:
    """What onlookers ask about runs when somebody asks them."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def of_run(self, entity: str, project: str, run: str) -> str:
        """The state of a run; "" for a run that does not exist."""
        try:
            return await self._world.runs.state(RunKey(entity, project, run))
        except NotFoundError:
            return ""

    async def gaps(self, entity: str, project: str, run: str) -> list[tuple[str, int, int]]:
        """(file, first missing line, one past the last) of every open gap."""
        store = self._world.store
        return [
            (file.name, first, end)
            for file in await store.line_files(entity, project, run)
            for first, end in await store.missing_lines(file)
        ]

    async def last_steps(self, entity: str, project: str, run: str) -> LastSteps:
        """How far a run got, as far as that is known."""
        return await last_steps(self._world.store, RunKey(entity, project, run))

    async def host(self, entity: str, project: str, run: str) -> str:
        """The machine that a run says it is on; "" if it says nothing."""
        found = await self._world.runs.find(RunKey(entity, project, run))
        return (found.host if found is not None else None) or ""

    async def sdk_version(self, entity: str, project: str, run: str) -> str:
        """Of the SDK that made the run, as the run's config says it; "" if it does not."""
        found = await self._world.runs.find(RunKey(entity, project, run))
        return sdk_version(found.config) if found is not None else ""

    async def counted(self) -> Mapping[str, int]:
        """Runs by state, over all projects."""
        counts = Counter([state async for state in self._world.runs.states()])
        return {str(state): counts[state] for state in RunState}
