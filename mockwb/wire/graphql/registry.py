"""Which function answers which field. Fields without one read the attribute or key of that name.

A resolver takes (parent, context, **arguments) and returns the value or an awaitable of it.
Arguments and keys of input objects come in snake_case; a mutation's `input` is called `values`.
A parent that is a mapping with the field's key answers it by itself.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from graphql import GraphQLResolveInfo

from mockwb.wire.graphql.eager import at_once
from mockwb.wire.graphql.names import snake_case

Resolver = TypeVar("Resolver", bound=Callable[..., Any])

_resolvers: dict[tuple[str, str], Callable[..., Any]] = {}
_type_names: dict[type, str] = {}


def field(type_name: str, field_name: str) -> Callable[[Resolver], Resolver]:
    """Register the decorated function for one field, such as `@field("Query", "viewer")`."""

    def register(function: Resolver) -> Resolver:
        key = (type_name, field_name)
        if key in _resolvers:
            raise LookupError(f"{type_name}.{field_name} has two resolvers")
        _resolvers[key] = function
        return function

    return register


def registered_fields() -> list[tuple[str, str]]:
    """(type, field) of every registered resolver."""
    return list(_resolvers)


def resolver_of(type_name: str, field_name: str) -> Callable[..., Any]:
    """The function that graphql-core shall call for a field."""
    function = _resolvers.get((type_name, field_name))
    return _read(field_name) if function is None else _call(function, field_name)


def represent(python_type: type, type_name: str) -> None:
    """Let values of `python_type` be of one object type where the schema has an abstract one."""
    _type_names[python_type] = type_name


def type_name_of(value: Any, _info: GraphQLResolveInfo[Any], _abstract: object) -> str | None:
    """The object type of a value of an interface or union, for graphql-core."""
    return _type_names.get(type(value))


def _call(function: Callable[..., Any], field_name: str) -> Callable[..., Any]:
    name = snake_case(field_name)

    def resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if type(source) is dict and name in source:
            return source[name]
        return at_once(function(source, info.context, **arguments))

    return resolve


def _read(field_name: str) -> Callable[..., Any]:
    name = snake_case(field_name)

    def resolve(source: Any, _info: GraphQLResolveInfo[Any], **_arguments: Any) -> Any:
        if isinstance(source, Mapping):
            return source.get(name)
        # A missing attribute is a broken promise of the schema, not a null.
        return getattr(source, name) if source is not None else None

    return resolve
