"""Documents inside a compiled program: wandb-core's Go strings, told apart by GraphQL's grammar.

Go puts string constants side by side without any separator, ELF, Mach-O and PE alike. So a document
starts where its first words are, and ends with the brace that closes it or its last fragment.
"""

import re
from collections.abc import Iterator

from graphql import GraphQLSyntaxError, Lexer, Source, TokenKind

from mockwb.coverage.documents import Document, Unreadable, beginning, read

_START = re.compile(
    rb"\b(?:query|mutation|subscription)[ \t\r\n]+[A-Za-z_]\w*[ \t\r\n]*"
    rb"(?:\{[ \t\r\n]*[A-Za-z_.#]|\([ \t\r\n]*\$)"
)
_FRAGMENT = re.compile(r"\s*fragment\s+\w+\s+on\s+\w+\s*[{@]")
_LONGEST = 200_000
"""Bytes looked at for one document; the longest of the SDK have a tenth of that."""


def documents_in(binary: bytes, found_in: str) -> Iterator[Document | Unreadable]:
    """Every document in the bytes of a program, in order, repeated ones once."""
    seen = set()
    for match in _START.finditer(binary):
        # No document has a byte of zero; latin-1 keeps one character per byte.
        raw = binary[match.start() : match.start() + _LONGEST].partition(b"\0")[0]
        text = raw.decode("latin-1")
        end = _end_of_definition(text, 0)
        while end is not None and _FRAGMENT.match(text, end):
            end = _end_of_definition(text, end)
        if end is None:
            yield Unreadable(found_in, beginning(text), "its braces are never closed")
        elif text[:end] not in seen:
            seen.add(text[:end])
            yield read(raw[:end].decode("utf-8", "replace"), found_in)


def _end_of_definition(text: str, start: int) -> int | None:
    """Where the selections of the definition at `start` close; None if they do not."""
    lexer = Lexer(Source(text[start:]))
    depth = 0
    parentheses = 0
    try:
        while (token := lexer.advance()).kind is not TokenKind.EOF:
            parentheses += {TokenKind.PAREN_L: 1, TokenKind.PAREN_R: -1}.get(token.kind, 0)
            if parentheses:
                continue  # braces in arguments are input objects
            depth += {TokenKind.BRACE_L: 1, TokenKind.BRACE_R: -1}.get(token.kind, 0)
            if token.kind is TokenKind.BRACE_R and depth == 0:
                return start + token.end
    except GraphQLSyntaxError:
        return None
    return None
