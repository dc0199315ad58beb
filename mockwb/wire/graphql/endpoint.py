"""From the bytes of a `POST /graphql` body to the answer; the aiohttp side calls `answer`."""

import msgspec

from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.engine import GraphQLAnswer, GraphQLEngine, GraphQLRequest, failure

_decoder = msgspec.json.Decoder(GraphQLRequest)


async def answer(engine: GraphQLEngine, body: bytes, context: GraphQLContext) -> GraphQLAnswer:
    """Run the request in `body`; 400 names what is wrong with a body that is none."""
    try:
        request = _decoder.decode(body)
    except msgspec.ValidationError as error:
        return failure(400, [f"invalid GraphQL request: {error}"])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return failure(400, [f"request body is not valid JSON: {error}"])
    return await engine.execute(request, context)
