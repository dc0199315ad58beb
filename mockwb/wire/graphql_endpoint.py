"""POST /graphql: identify, see what the request asks for, admit, run it, answer."""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from aiohttp import web

from mockwb.backend.errors import BackendError
from mockwb.backend.world import World
from mockwb.config.model import BodiesConfig
from mockwb.gate.authentication import keyless
from mockwb.gate.gate import Gate
from mockwb.record import RequestRecord
from mockwb.target import Cost, Surface, Target
from mockwb.wire.body import gunzipped, read_body
from mockwb.wire.errors import STATUS_OF
from mockwb.wire.exchange import record_of
from mockwb.wire.fault_effects import Affliction, FaultEffects
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.demand import insertions, place_named
from mockwb.wire.graphql.endpoint import prepare
from mockwb.wire.graphql.engine import GraphQLAnswer, GraphQLEngine, PreparedRequest, failure
from mockwb.wire.graphql.guard import hidden_fields
from mockwb.wire.graphql.listed_items import count_items
from mockwb.wire.graphql.scalars import dates_ahead
from mockwb.wire.urls import StorageUrls


class GraphQLHandler:
    """Answers GraphQL requests."""

    def __init__(
        self,
        gate: Gate,
        engine: GraphQLEngine,
        world: World,
        bodies: BodiesConfig,
        features: Mapping[str, bool],
        secret: bytes,
        effects: FaultEffects,
    ) -> None:
        """Run documents on `engine`; `secret` signs the URLs that answers hold."""
        self._gate = gate
        self._engine = engine
        self._world = world
        self._bodies = bodies
        self._features = features
        self._secret = secret
        self._effects = effects

    async def post(self, request: web.BaseRequest) -> web.StreamResponse:
        """Run one document; the RateLimit headers ride on every answer, errors included."""
        record = record_of(request)
        record.target = Target(Surface.GRAPHQL)
        record.writer = request.headers.get("X-WANDB-CLIENT-ID", "")
        record.connection = _port(request)
        authorization = request.headers.get("Authorization")
        newcomer = keyless(authorization)
        user = "" if newcomer else self._gate.identify_or_count(record, authorization)
        body = await gunzipped(request, await read_body(request, self._bodies), self._bodies)
        record.fingerprint = hash(body)
        prepared = prepare(self._engine, body)
        record.target.operation = prepared.name
        if newcomer and not _asks_for_an_account(prepared):
            self._gate.identify_or_count(record, authorization)
        entity = (await self._world.users.get(user)).entity if user else ""
        cost = await self._cost(record, prepared, user, entity)
        asked = _Asked(prepared, user, entity, cost)
        if self._gate.faults.active:
            effect = await self._gate.fault(record)
            if effect is not None:
                proceed = partial(self._answer, request, asked)
                return await self._effects.around(effect, request, proceed)
        return await self._answer(request, asked)

    async def _answer(
        self, request: web.BaseRequest, asked: "_Asked", fault: Affliction | None = None
    ) -> web.Response:
        """The rest, once it is known who asks for what."""
        record = record_of(request)
        prepared, user, entity, cost = asked
        headers = self._gate.admit(record, cost)
        context = GraphQLContext(
            user=user,
            entity=entity,
            world=self._world,
            record=record,
            # URLs must lead back here by the address that the client used, or no key is sent.
            urls=StorageUrls(f"{request.scheme}://{request.host}", self._secret),
            writer=record.writer,
            features=self._features,
            stopped=fault is not None and fault.stopped,
        )
        started_at = self._world.clock.now()
        with dates_ahead(0.0 if fault is None else fault.date_skew):
            result = await self._run(prepared, context)
        if cost.query_ms:
            seconds = self._world.clock.now() - started_at
            headers = self._charge_query(record, result, seconds) or headers
        record.error = result.error
        return web.Response(
            status=result.status,
            body=result.body,
            headers=headers,
            content_type="application/json",
        )

    async def _run(self, prepared: PreparedRequest, context: GraphQLContext) -> GraphQLAnswer:
        """Run one document as far as its user may."""
        operation = prepared.operation
        if self._world.permissions.in_force and operation is not None:
            asked = operation, prepared.variables, context.user, context.entity, self._world
            try:
                context.hidden = await hidden_fields(*asked)
            except BackendError as error:
                return failure(STATUS_OF[type(error)], [str(error)])
        return await self._engine.execute(prepared, context)

    async def _cost(
        self, record: RequestRecord, prepared: PreparedRequest, user: str, entity: str
    ) -> Cost:
        """What the request takes from quotas; its record gets to know what it is about.

        All runs that a request inserts count in the project of the first one: SDKs insert one.
        """
        operation, target = prepared.operation, record.target
        if operation is None:
            return Cost(1, record.bytes_in)
        variables = prepared.variables
        place = await place_named(operation, variables, entity, self._world)
        if place is not None:
            target.entity, target.project, target.run = place
        inserted = []
        if self._gate.limits_run_creations:
            inserted = await insertions(
                self._engine.schema, operation, variables, user, self._world
            )
            if inserted:
                target.entity, target.project, run = inserted[0]
                target.run = run or None
        query_ms = 0
        costs = self._gate.query_costs
        if costs is not None and target.project is not None:
            query_ms = costs.before(target.operation)
        return Cost(1, record.bytes_in, len(inserted), query_ms)

    def _charge_query(
        self, record: RequestRecord, result: GraphQLAnswer, seconds: float
    ) -> dict[str, str]:
        """Charge what was not known before; the headers that this changes.

        It may take a project over its limit: the next requests wait until that has passed.
        """
        costs = self._gate.query_costs
        if costs is None:
            return {}
        more = costs.after(record.target.operation, count_items(result.data), seconds)
        return self._gate.charge(record, Cost(0, query_ms=more)) if more else {}


class _Asked(NamedTuple):
    """What a request turned out to be."""

    prepared: PreparedRequest
    user: str
    entity: str
    """What the user means without naming an entity."""
    cost: Cost


def _asks_for_an_account(prepared: PreparedRequest) -> bool:
    """Whether the request does nothing but what old SDKs do to log in anonymously."""
    if prepared.operation is None:
        return False
    fields = prepared.operation.root_fields(prepared.variables)
    return {field.name for field in fields} == {"createAnonymousEntity"}


def _port(request: web.BaseRequest) -> int:
    """The port that the request's connection comes from; 0 if that is not known any more."""
    peer = request.transport.get_extra_info("peername") if request.transport else None
    return int(peer[1]) if isinstance(peer, tuple) else 0
