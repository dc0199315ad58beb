"""W&B's scalars: how values of the backend look on the wire, and which inputs are accepted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from graphql import GraphQLError, GraphQLScalarType

from mockwb.backend.instants import format_instant

_AHEAD = ContextVar("ahead", default=0.0)
"""Seconds by which the dates of the answer in the making are ahead."""


@contextmanager
def dates_ahead(seconds: float) -> Iterator[None]:
    """Within it, answers hold dates that are `seconds` too late, as from a wrong clock."""
    token = _AHEAD.set(seconds)
    try:
        yield
    finally:
        _AHEAD.reset(token)


def _to_json_string(value: object) -> str:
    if isinstance(value, str):
        return value
    raise GraphQLError(f"JSONString must be JSON text, got {type(value).__name__}")


def _to_date_time(value: object) -> str:
    if isinstance(value, int | float):
        return format_instant(value + _AHEAD.get())
    return str(value)


def _to_integer(value: object) -> int:
    """A JSON number without quotes; clients may send digits in a string."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise GraphQLError(f"Int64 cannot represent {value!r}")
    try:
        number = int(value)
    except (ValueError, OverflowError) as error:
        raise GraphQLError(f"Int64 cannot represent {value!r}") from error
    if isinstance(value, float) and number != value:
        raise GraphQLError(f"Int64 cannot represent {value!r}")
    return number


def _as_is(value: Any) -> Any:
    return value


_SERIALIZERS: dict[str, Callable[[Any], Any]] = {
    "JSONString": _to_json_string,
    "JSON": _as_is,
    "DateTime": _to_date_time,
    "Int64": _to_integer,
    "Duration": _to_integer,
}
_PARSERS: dict[str, Callable[[Any], Any]] = {
    "JSONString": _to_json_string,
    "JSON": _as_is,
    "Int64": _to_integer,
    "Duration": _to_integer,
}


def install_scalar(scalar: GraphQLScalarType) -> None:
    """Give a scalar from the SDL its conversions; GraphQL's own scalars stay as they are."""
    # graphql-core 3.2 calls them by the first of the two names, 3.3 by the second.
    if scalar.name in _SERIALIZERS:
        for name in ("serialize", "coerce_output_value"):
            setattr(scalar, name, _SERIALIZERS[scalar.name])
    if scalar.name in _PARSERS:
        for name in ("parse_value", "coerce_input_value"):
            setattr(scalar, name, _PARSERS[scalar.name])
