"""What an operation selects at its root, and with which arguments, before anything of it runs.

`documents` keeps it with the document it belongs to; `demand` reads it once per request.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    get_named_type,
    value_from_ast_untyped,
)

Variables = dict[str, Any]
Fragments = Mapping[str, FragmentDefinitionNode]


@dataclass(slots=True, frozen=True)
class RootField:
    """One field of the root that a request runs."""

    node: FieldNode
    definition: GraphQLField
    variables: Variables
    """Of the request, as the client gave them: not coerced to any type."""
    fragments: Fragments

    @property
    def name(self) -> str:
        """As the schema has it."""
        return self.node.name.value

    def declares(self, names: Sequence[str]) -> bool:
        """Whether the schema has any of these among its arguments, or the entries of `input`."""
        declared = self.definition.args
        if any(name in declared for name in names):
            return True
        kind = get_named_type(declared["input"].type) if "input" in declared else None
        return isinstance(kind, GraphQLInputObjectType) and any(n in kind.fields for n in names)

    def value(self, name: str) -> Any:
        """An argument, or an entry of the argument `input`; None or Undefined if it is not given.

        The others are left alone: a run's config is none of our business here.
        """
        return _argument(self.node, name, self.variables)

    def text(self, names: Sequence[str]) -> str:
        """The first of these arguments that is a text; empty if none is."""
        return _text(self.node, names, self.variables)

    def text_below(self, fields: Sequence[str], names: Sequence[str]) -> str:
        """The same of the first field below it that is one of `fields`."""
        for node in _selected(self.node.selection_set, self.fragments, self.variables):
            if node.name.value in fields:
                return _text(node, names, self.variables)
        return ""


@dataclass(slots=True, frozen=True)
class Operation:
    """One operation of a valid document."""

    node: OperationDefinitionNode
    declared: Mapping[str, GraphQLField]
    """All fields that its root could have."""
    defaults: Variables
    """Values of variables that a request leaves out."""
    fragments: Fragments

    def root_fields(self, given: Variables) -> Iterator[RootField]:
        """The fields that run when the variables `given` come with the request."""
        variables = {**self.defaults, **given}
        keys = set()
        for node in _selected(self.node.selection_set, self.fragments, variables):
            definition = self.declared.get(node.name.value)  # None for `__typename`
            key = (node.alias or node.name).value
            if definition is not None and key not in keys:
                keys.add(key)
                yield RootField(node, definition, variables, self.fragments)


def operations_of(schema: GraphQLSchema, document: DocumentNode) -> dict[str, Operation]:
    """The operations of a valid document by name; an anonymous one has the empty name."""
    fragments = {
        d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
    }
    return {
        node.name.value if node.name else "": _operation(schema, node, fragments)
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    }


def _operation(
    schema: GraphQLSchema, node: OperationDefinitionNode, fragments: Fragments
) -> Operation:
    mutates = node.operation is OperationType.MUTATION
    root = schema.mutation_type if mutates else schema.query_type
    defaults = {
        definition.variable.name.value: value_from_ast_untyped(definition.default_value)
        for definition in node.variable_definitions or ()
        if definition.default_value is not None
    }
    return Operation(node, root.fields if root is not None else {}, defaults, fragments)


def _selected(
    selections: SelectionSetNode | None, fragments: Fragments, variables: Variables
) -> Iterator[FieldNode]:
    """The fields of a selection in order, those in fragments too; each fragment counts once."""
    visited = set()
    open_: list[Iterator[SelectionNode]] = [iter(selections.selections if selections else ())]
    while open_:
        selection = next(open_[-1], None)
        if selection is None:
            open_.pop()
        elif not _included(selection, variables):
            continue
        elif isinstance(selection, FieldNode):
            yield selection
        elif isinstance(selection, InlineFragmentNode):
            open_.append(iter(selection.selection_set.selections))
        elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in visited:
            visited.add(selection.name.value)
            open_.append(iter(fragments[selection.name.value].selection_set.selections))


def _included(selection: SelectionNode, variables: Variables) -> bool:
    """As `@skip` and `@include` say."""
    for directive in selection.directives or ():
        wanted = {"skip": False, "include": True}.get(directive.name.value)
        if wanted is not None:
            condition = (directive.arguments or ())[0].value
            if value_from_ast_untyped(condition, variables) is not wanted:
                return False
    return True


def _text(node: FieldNode, names: Sequence[str], variables: Variables) -> str:
    for name in names:
        value = _argument(node, name, variables)
        if isinstance(value, str) and value:
            return value
    return ""


def _argument(node: FieldNode, name: str, variables: Variables) -> Any:
    for argument in node.arguments or ():
        if argument.name.value == name:
            return value_from_ast_untyped(argument.value, variables)
        if argument.name.value == "input":
            return _entry(argument.value, name, variables)
    return None


def _entry(node: ValueNode, name: str, variables: Variables) -> Any:
    if isinstance(node, ObjectValueNode):
        for entry in node.fields:
            if entry.name.value == name:
                return value_from_ast_untyped(entry.value, variables)
        return None
    value = value_from_ast_untyped(node, variables)
    return value.get(name) if isinstance(value, dict) else None
