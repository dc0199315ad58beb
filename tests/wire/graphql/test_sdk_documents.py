"""Every document of the installed SDK's runs side passes our schema."""

import re
from pathlib import Path

import pytest
from graphql import GraphQLSchema, parse, validate

pytestmark = pytest.mark.sdk

ARTIFACTS = re.compile(r"Artifact|ClientIDMapping")
"""Specified with the artifacts."""
_OPERATION = re.compile(rb"\n(?:query|mutation) ([A-Za-z]+) ?[({]")


def core_documents() -> dict[str, str]:
    """Operations compiled into wandb-core, by name."""
    wandb = pytest.importorskip("wandb")
    binary = (Path(wandb.__file__).parent / "bin" / "wandb-core").read_bytes()
    found = {}
    for match in _OPERATION.finditer(binary):
        end = binary.index(b"\n}\n", match.start()) + 2
        while binary.startswith(b"\nfragment ", end):
            end = binary.index(b"\n}\n", end) + 2
        found[match[1].decode()] = binary[match.start() : end].decode()
    return found


def python_documents() -> dict[str, str]:
    """Operations that the SDK's public API was generated with, and those of its modules."""
    operations = pytest.importorskip("wandb.apis._generated.operations")
    runs = pytest.importorskip("wandb.apis.public.runs")
    found = {name: getattr(operations, name) for name in operations.__all__}
    found["RUNS"] = runs._create_runs_query(lazy=True)
    found["RUNS_WHOLE"] = runs._create_runs_query(lazy=False)
    return found


def refused(schema: GraphQLSchema, documents: dict[str, str]) -> dict[str, str]:
    """Name -> complaint."""
    complaints = {name: validate(schema, parse(text)) for name, text in documents.items()}
    return {name: errors[0].message for name, errors in complaints.items() if errors}


def test_given_the_documents_of_wandb_core_then_the_schema_takes_them(
    schema: GraphQLSchema,
) -> None:
    documents = {n: text for n, text in core_documents().items() if not ARTIFACTS.search(n)}
    assert {"UpsertBucket", "CreateRunFiles", "HistoryPage", "Viewer"} <= documents.keys()
    assert refused(schema, documents) == {}


def test_given_the_documents_of_the_public_api_then_the_schema_takes_them(
    schema: GraphQLSchema,
) -> None:
    assert refused(schema, python_documents()) == {}
