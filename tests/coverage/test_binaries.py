import pytest

from mockwb.coverage.binaries import documents_in
from mockwb.coverage.documents import Document, Unreadable

VIEWER = b"\nquery Viewer {\n\tviewer {\n\t\tid\n\t}\n}\n"
RUN = (
    b"\nquery Run ($name: String!, $keys: In = {a: {b: 1}}) {\n\trun(name: $name) {"
    b"\n\t\t...RunParts\n\t}\n}\nfragment RunParts on Run {\n\tid\n}\n"
)


def names(binary: bytes) -> list[str]:
    found = list(documents_in(binary, "wandb-core"))
    assert all(isinstance(one, Document) for one in found), found
    return [one.name for one in found if isinstance(one, Document)]


def test_given_documents_side_by_side_then_each_ends_where_its_braces_do() -> None:
    assert names(b"\x7fELF\0words" + RUN + VIEWER + b"more words{\xff\0") == ["Run", "Viewer"]


def test_given_a_document_before_text_that_no_lexer_takes_then_it_is_found() -> None:
    assert names(VIEWER.rstrip() + b"\xff\xfe'%!\\") == ["Viewer"]


def test_given_a_document_with_a_fragment_then_the_fragment_belongs_to_it() -> None:
    (document,) = documents_in(RUN, "wandb-core")
    assert isinstance(document, Document)
    assert len(document.node.definitions) == 2


def test_given_the_same_document_twice_then_it_counts_once() -> None:
    assert names(VIEWER + VIEWER) == ["Viewer"]


@pytest.mark.parametrize("words", [b"a query (see below) {x}", b"a mutation, done {x}", b"query {"])
def test_given_words_that_are_no_operation_then_nothing_is_found(words: bytes) -> None:
    assert list(documents_in(words, "wandb-core")) == []


def test_given_a_document_that_never_closes_then_it_is_reported() -> None:
    (found,) = documents_in(b"query Viewer { viewer { id }\0", "wandb-core")
    assert found == Unreadable(
        "wandb-core", "query Viewer { viewer { id }", "its braces are never closed"
    )
