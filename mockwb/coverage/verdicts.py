"""Judges documents: does our schema take them, is there code to answer them, which side are they.

An operation counts as answered when its documents are valid and a resolver is registered for every
field at the root, and for every field below that is given arguments. Fields without arguments may
be plain attributes of what a resolver returns, so they need none; a field whose arguments nothing
reads is only declared, and so is one that the schema marks as `@unserved`. Whether an answer is
right is for the tests that run the SDK.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLObjectType,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    validate,
    visit,
)

from mockwb.coverage.documents import Document
from mockwb.wire.graphql.registry import registered_fields
from mockwb.wire.graphql.unserved import is_unserved

RUNS = "runs"
ARTIFACTS = "artifacts"
_ARTIFACTS_NAME = re.compile(
    r"Artifact|Registr(?:y|ies)|Automation|Integration|Alias|ClientIDMapping|CompleteMultipartUpload"
    r"|FindSequence",
    re.IGNORECASE,
)
_ARTIFACTS_ROOM = re.compile(r"^wandb/(?:automations|apis/public/registries|sdk/projects)/")
"""`sdk/projects` of 0.19 to 0.21 is about the projects that are registries."""


@dataclass(slots=True)
class Verdict:
    """One operation as one module or program has it, in all the texts it has of it."""

    operation: str
    found_in: str
    side: str
    """`runs` or `artifacts`."""
    texts: int = 0
    errors: list[str] = field(default_factory=list)
    """What makes texts of it invalid, each once."""
    unanswered: list[str] = field(default_factory=list)
    """Fields such as `Query.artifact` that the schema only declares."""

    @property
    def valid(self) -> bool:
        """Whether the schema takes all texts of it."""
        return not self.errors

    @property
    def answered(self) -> bool:
        """Whether resolvers stand behind all texts of it, as the module's docstring says."""
        return self.valid and not self.unanswered


def judged(schema: GraphQLSchema, documents: Iterable[Document]) -> list[Verdict]:
    """A verdict for each operation and place, by side, place and name."""
    verdicts: dict[tuple[str, str], Verdict] = {}
    answering = set(registered_fields())
    for document in documents:
        key = (document.name, document.found_in)
        if (verdict := verdicts.get(key)) is None:
            verdict = verdicts[key] = Verdict(*key, side_of(document))
        verdict.texts += 1
        errors = [error.message for error in validate(schema, document.node, max_errors=20)]
        unanswered = _unanswered(schema, document.node, answering) if not errors else []
        verdict.errors += [text for text in errors if text not in verdict.errors]
        verdict.unanswered += [name for name in unanswered if name not in verdict.unanswered]
    return sorted(verdicts.values(), key=lambda v: (v.side != RUNS, v.found_in, v.operation))


def side_of(document: Document) -> str:
    """`artifacts` for what has to do with artifacts, registries or automations, else `runs`."""
    ours = _ARTIFACTS_NAME.search(document.name) or _ARTIFACTS_ROOM.match(document.found_in)
    return ARTIFACTS if ours else RUNS


def _unanswered(
    schema: GraphQLSchema, node: DocumentNode, answering: set[tuple[str, str]]
) -> list[str]:
    info = TypeInfo(schema)
    visitor = _Declared(schema, info, answering)
    visit(node, TypeInfoVisitor(info, visitor))
    return visitor.found


class _Declared(Visitor):
    """Collects the fields that need a resolver and have none."""

    def __init__(
        self, schema: GraphQLSchema, info: TypeInfo, answering: set[tuple[str, str]]
    ) -> None:
        super().__init__()
        self.found: list[str] = []
        self._schema = schema
        self._info = info
        self._answering = answering

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent = get_named_type(self._info.get_parent_type())
        name = node.name.value
        definition = self._info.get_field_def()
        if parent is None or definition is None or name.startswith("__"):
            return
        if is_unserved(definition):
            self.found.append(f"{parent.name}.{name}")
            return
        roots = (self._schema.query_type, self._schema.mutation_type)
        if not (node.arguments or parent in roots):
            return
        concrete = (
            [parent]
            if isinstance(parent, GraphQLObjectType)
            else self._schema.get_possible_types(parent)  # type: ignore[arg-type]
        )
        if not any((type_.name, name) in self._answering for type_ in concrete):
            self.found.append(f"{parent.name}.{name}")
