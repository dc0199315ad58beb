"""Builds the schema from the `.graphql` files and the registered resolvers, once per process."""

import importlib
import pkgutil
from functools import cache
from importlib import resources

from graphql import (
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
)

from mockwb.wire.graphql import resolvers
from mockwb.wire.graphql.guard import hideable, visible
from mockwb.wire.graphql.names import argument_name, snake_case
from mockwb.wire.graphql.registry import registered_fields, resolver_of, type_name_of
from mockwb.wire.graphql.scalars import install_scalar
from mockwb.wire.graphql.unserved import is_unserved, refusal_of


def load_sdl() -> str:
    """Every schema file, concatenated in order of name."""
    folder = resources.files("mockwb.wire.graphql.schema")
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".graphql")),
        key=lambda file: file.name,
    )
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@cache
def shared_schema() -> GraphQLSchema:
    """The schema of every server in this process.

    It is never changed, and to build it takes most of the time in which a server starts.
    """
    return load_schema()


def load_schema() -> GraphQLSchema:
    """The executable schema.

    LookupError if a resolver is registered for a field that no schema file declares, or that one
    marks as unserved.
    """
    for module in pkgutil.iter_modules(resolvers.__path__):
        importlib.import_module(f"{resolvers.__name__}.{module.name}")
    # A test has checked the files; to check them at each start would take as long as the rest.
    schema = build_schema(load_sdl(), assume_valid_sdl=True, no_location=True)
    for type_ in schema.type_map.values():
        if type_.name.startswith("__"):
            continue
        if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
            type_.resolve_type = type_name_of
        if isinstance(type_, GraphQLScalarType):
            install_scalar(type_)
        elif isinstance(type_, GraphQLInputObjectType):
            for name, entry in type_.fields.items():
                entry.out_name = snake_case(name)
        elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            _attach_resolvers(type_)
    _guard(schema)
    _check_registered(schema)
    return schema


def _attach_resolvers(type_: GraphQLObjectType | GraphQLInterfaceType) -> None:
    for name, field in type_.fields.items():
        for key, argument in field.args.items():
            argument.out_name = argument_name(key)
        resolver = refusal_of if is_unserved(field) else resolver_of
        field.resolve = resolver(type_.name, name)


def _guard(schema: GraphQLSchema) -> None:
    """Let fields be null for those who may not see what they would show."""
    for type_ in schema.type_map.values():
        if not isinstance(type_, GraphQLObjectType) or type_.name.startswith("__"):
            continue
        for field in type_.fields.values():
            if field.resolve is None:
                continue
            if type_ is schema.query_type:
                field.resolve = hideable(field.resolve)
            elif field.type is schema.type_map["Project"]:
                field.resolve = visible(field.resolve)


def _check_registered(schema: GraphQLSchema) -> None:
    for type_name, field_name in registered_fields():
        type_ = schema.type_map.get(type_name)
        if not isinstance(type_, GraphQLObjectType) or field_name not in type_.fields:
            raise LookupError(f"resolver for {type_name}.{field_name}, which the schema lacks")
        if is_unserved(type_.fields[field_name]):
            raise LookupError(f"resolver for {type_name}.{field_name}, marked as unserved")
