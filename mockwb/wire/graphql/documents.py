"""GraphQL documents, parsed and validated once per text: SDKs send the same few for ever."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    validate,
)

from mockwb.wire.graphql.root_fields import Operation, operations_of

MAX_TOKENS = 15_000
MAX_DEPTH = 50
MAX_CACHED_LENGTH = 100_000
"""Characters; longer documents are not worth the memory, no SDK sends them twice."""


@dataclass(slots=True, frozen=True)
class CheckedDocument:
    """A document ready to run, or what is wrong with it."""

    document: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()
    operations: Mapping[str, Operation] = field(default_factory=dict)
    """By name; an anonymous one has the empty name."""

    def operation(self, name: str | None) -> Operation | None:
        """The one that a request means: by its name, or the only one there is."""
        if name:
            return self.operations.get(name)
        return next(iter(self.operations.values())) if len(self.operations) == 1 else None


class Documents:
    """Checked documents by text, the least recently used ones forgotten."""

    def __init__(self, schema: GraphQLSchema, capacity: int = 500) -> None:
        """Check against `schema`; keep up to `capacity` documents."""
        self._schema = schema
        self._capacity = capacity
        self._checked: OrderedDict[str, CheckedDocument] = OrderedDict()

    def check(self, text: str) -> CheckedDocument:
        """The document for `text`."""
        checked = self._checked.get(text)
        if checked is not None:
            self._checked.move_to_end(text)
            return checked
        checked = _check(self._schema, text)
        if len(text) <= MAX_CACHED_LENGTH:
            self._checked[text] = checked
            if len(self._checked) > self._capacity:
                self._checked.popitem(last=False)
        return checked


def _check(schema: GraphQLSchema, text: str) -> CheckedDocument:
    try:
        document = parse(text, max_tokens=MAX_TOKENS)
        errors = validate(schema, document, max_errors=20)
        if not errors:
            _refuse_depth(document)
    except GraphQLError as error:
        return CheckedDocument(None, (error,))
    except RecursionError:
        return CheckedDocument(None, (GraphQLError("Document is nested too deeply."),))
    if errors:
        return CheckedDocument(None, tuple(errors))
    return CheckedDocument(document, operations=operations_of(schema, document))


def _refuse_depth(document: DocumentNode) -> None:
    """GraphQLError beyond MAX_DEPTH; the document is valid, so its fragments have no cycles."""
    fragments = {
        d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
    }
    depths: dict[str, int] = {}

    def depth(selections: SelectionSetNode | None) -> int:
        deepest = 0
        for selection in selections.selections if selections else ():
            if isinstance(selection, FieldNode):
                deepest = max(deepest, 1 + depth(selection.selection_set))
            elif isinstance(selection, FragmentSpreadNode):
                deepest = max(deepest, fragment_depth(selection.name.value))
            else:
                deepest = max(deepest, depth(selection.selection_set))  # type: ignore[attr-defined]
        return deepest

    def fragment_depth(name: str) -> int:
        if name not in depths:
            depths[name] = depth(fragments[name].selection_set)
        return depths[name]

    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            found = depth(definition.selection_set)
            if found > MAX_DEPTH:
                raise GraphQLError(f"Document is {found} levels deep, more than {MAX_DEPTH}.")
