"""A package surveyed: what it asks of a server, what of that mockwb serves, and what stayed unread.

`coverage_of` is the whole room's door.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLSchema

from mockwb.coverage import binaries, python_documents
from mockwb.coverage.documents import Document, Unreadable
from mockwb.coverage.package import Package
from mockwb.coverage.verdicts import ARTIFACTS, RUNS, Verdict, judged


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found in one release of wandb."""

    version: str
    documents: list[Document]
    verdicts: list[Verdict]
    unreadable: list[Unreadable]

    @property
    def complete(self) -> bool:
        """Whether all is valid, all of the runs side is answered, and nothing stayed unread."""
        runs = (verdict for verdict in self.verdicts if verdict.side == RUNS)
        valid = all(verdict.valid for verdict in self.verdicts)
        return valid and not self.unreadable and all(verdict.answered for verdict in runs)

    def summary(self) -> str:
        """The figures of both sides, in one line."""
        sides = "; ".join(_figures(side, self.verdicts) for side in (RUNS, ARTIFACTS))
        return f"wandb {self.version}: {sides}; {len(self.unreadable)} unreadable"

    def plain(self) -> dict[str, Any]:
        """All of it for JSON, documents left out."""
        return {
            "wandb": self.version,
            "complete": self.complete,
            "operations": [_plain(verdict) for verdict in self.verdicts],
            "unreadable": [
                {"found_in": one.found_in, "start": one.start, "reason": one.reason}
                for one in self.unreadable
            ],
        }


def coverage_of(package: Package, schema: GraphQLSchema) -> Survey:
    """Survey a package against a schema."""
    documents: list[Document] = []
    unreadable: list[Unreadable] = []
    for one in _found(package):
        if isinstance(one, Document):
            documents.append(one)
        else:
            unreadable.append(one)
    return Survey(package.version, documents, judged(schema, documents), unreadable)


def _found(package: Package) -> Iterator[Document | Unreadable]:
    yield from python_documents.documents_in(package.sources)
    for path, content in package.binaries.items():
        name = path.rpartition("/")[2].removesuffix(".exe")
        yield from binaries.documents_in(content, name)


def _figures(side: str, verdicts: list[Verdict]) -> str:
    of_side = [verdict for verdict in verdicts if verdict.side == side]
    valid = sum(verdict.valid for verdict in of_side)
    answered = sum(verdict.answered for verdict in of_side)
    return f"{side} side {len(of_side)} operations, {valid} valid, {answered} answered"


def _plain(verdict: Verdict) -> dict[str, Any]:
    return {
        "operation": verdict.operation,
        "found_in": verdict.found_in,
        "side": verdict.side,
        "texts": verdict.texts,
        "valid": verdict.valid,
        "errors": verdict.errors,
        "answered": verdict.answered,
        "unanswered": verdict.unanswered,
    }
