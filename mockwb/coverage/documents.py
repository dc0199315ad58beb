"""What is found in a package: documents that parse, and places where one seems to be but does not.

`binaries` and `python_documents` fill it, `verdicts` judges it.
"""

import re
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
)

OPERATION_START = re.compile(
    r"\s*(?:#[^\n]*\n\s*)*(?:query|mutation|subscription)\b\s*[A-Za-z_]?\w*\s*[({@]"
)
"""How the text of an operation begins; comments may stand before it."""


@dataclass(frozen=True, slots=True)
class Document:
    """One operation with the fragments it brings along."""

    name: str
    """Of the operation; empty for an anonymous one."""
    found_in: str
    """`wandb-core`, or a path such as `wandb/apis/public/runs.py`."""
    node: DocumentNode


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A place that looks like an operation and could not be read as one."""

    found_in: str
    start: str
    """The first words of it."""
    reason: str


def read(text: str, found_in: str) -> Document | Unreadable:
    """The document that a text is, or why it is none."""
    try:
        node = parse(text)
    except GraphQLSyntaxError as error:
        return Unreadable(found_in, beginning(text), error.message)
    operations = [d for d in node.definitions if isinstance(d, OperationDefinitionNode)]
    others = [
        d
        for d in node.definitions
        if not isinstance(d, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    if len(operations) != 1 or others:
        return Unreadable(found_in, beginning(text), f"{len(operations)} operations in one text")
    name = operations[0].name
    return Document(name.value if name else "", found_in, node)


def beginning(text: str) -> str:
    """The first words of a text, on one line."""
    return " ".join(text.split())[:60]
