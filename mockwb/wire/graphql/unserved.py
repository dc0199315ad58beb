"""Fields that the schema only declares, marked `@unserved`: documents that ask for them are valid.

Whoever runs such a document gets an error that names the field, never a null that looks true.
`schema_files` attaches it; `mockwb coverage` counts these fields as unanswered.
"""

from collections.abc import Callable
from typing import Any, NoReturn

from graphql import GraphQLError, GraphQLField


def is_unserved(field: GraphQLField) -> bool:
    """Whether the schema marks this field."""
    directives = field.ast_node.directives or () if field.ast_node is not None else ()
    return any(directive.name.value == "unserved" for directive in directives)


def refusal_of(type_name: str, field_name: str) -> Callable[..., Any]:
    """What stands in for the resolver of such a field."""

    def refuse(*_: Any, **_arguments: Any) -> NoReturn:
        raise GraphQLError(f"mockwb does not serve {type_name}.{field_name} yet")

    return refuse
