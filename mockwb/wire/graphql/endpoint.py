"""Reads the body of a `POST /graphql`; the aiohttp side calls it, then asks the gate."""

import msgspec
from graphql import GraphQLError

from mockwb.wire.graphql.documents import CheckedDocument
from mockwb.wire.graphql.engine import GraphQLEngine, GraphQLRequest, PreparedRequest

_decoder = msgspec.json.Decoder(GraphQLRequest)


def prepare(engine: GraphQLEngine, body: bytes) -> PreparedRequest:
    """The request in `body`; running what is none answers 400 and names what is wrong with it."""
    try:
        return engine.prepare(_decoder.decode(body))
    except msgspec.ValidationError as error:
        return _broken(f"invalid GraphQL request: {error}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _broken(f"request body is not valid JSON: {error}")


def _broken(message: str) -> PreparedRequest:
    return PreparedRequest(CheckedDocument(None, (GraphQLError(message),)))
