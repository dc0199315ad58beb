"""Patterns that clients send: regular expressions of run filters, LIKE patterns of file lists.

RE2 matches them, in time linear in the text: whatever the pattern, the server goes on serving.
"""

import re2

from mockwb.backend.errors import InvalidError

_WILD = {"%": ".*", "_": "."}


class ClientPattern:
    """A compiled pattern."""

    def __init__(self, source: str, newline_too: bool = False) -> None:
        """Compile RE2's syntax; `.` may match a newline too.

        InvalidError, which says what is wrong but not with which pattern, if it is none.
        """
        options = re2.Options()
        options.dot_nl = newline_too
        options.log_errors = False  # the client is told, stderr need not be
        options.never_capture = True
        try:
            self._compiled = re2.compile(source.encode(), options)
        except UnicodeEncodeError as error:
            raise InvalidError(str(error)) from error
        except re2.error as error:
            # UTF-8 that quotes the pattern, perhaps cut within a character.
            raise InvalidError(error.args[0].decode(errors="replace")) from error

    def found_in(self, text: str) -> bool:
        """Whether a part of `text` matches."""
        return self._compiled.search(_encoded(text)) is not None

    def is_all_of(self, text: str) -> bool:
        """Whether `text` matches from its start to its end."""
        return self._compiled.fullmatch(_encoded(text)) is not None


def like(source: str) -> ClientPattern:
    """A LIKE pattern: `%` any text, `_` one character. InvalidError if it is too large."""
    parts = [_WILD.get(c) or _literal(c) for c in source]
    try:
        return ClientPattern("".join(parts), newline_too=True)
    except InvalidError as error:
        raise InvalidError(f"pattern {source!r}: {error}") from error


def _literal(character: str) -> str:
    return f"\\{character}" if character.isascii() and not character.isalnum() else character


def _encoded(text: str) -> bytes:
    """As bytes: of a str, re2 would count the characters up to each match."""
    return text.encode(errors="replace")
