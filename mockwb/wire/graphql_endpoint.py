"""POST /graphql: identify, admit, hand the body to the GraphQL room, answer."""

from collections.abc import Mapping

from aiohttp import web

from mockwb.backend.world import World
from mockwb.config.model import BodiesConfig
from mockwb.gate.gate import Gate
from mockwb.target import Cost, Surface, Target
from mockwb.wire.body import gunzipped, read_body
from mockwb.wire.exchange import record_of
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.endpoint import answer
from mockwb.wire.graphql.engine import GraphQLEngine
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
    ) -> None:
        """Run documents on `engine`; `secret` signs the URLs that answers hold."""
        self._gate = gate
        self._engine = engine
        self._world = world
        self._bodies = bodies
        self._features = features
        self._secret = secret

    async def post(self, request: web.BaseRequest) -> web.Response:
        """Run one document."""
        record = record_of(request)
        record.target = Target(Surface.GRAPHQL)
        user = self._gate.identify(record, request.headers.get("Authorization"))
        body = await gunzipped(request, await read_body(request, self._bodies), self._bodies)
        headers = self._gate.admit(record, Cost(1, record.bytes_in))
        context = GraphQLContext(
            user=user,
            world=self._world,
            record=record,
            # URLs must lead back here by the address that the client used, or no key is sent.
            urls=StorageUrls(f"{request.scheme}://{request.host}", self._secret),
            writer=request.headers.get("X-WANDB-CLIENT-ID", ""),
            features=self._features,
        )
        result = await answer(self._engine, body, context)
        record.error = result.error
        return web.Response(
            status=result.status,
            body=result.body,
            headers=headers,
            content_type="application/json",
        )
