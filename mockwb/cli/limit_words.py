"""Limits as the command line writes them: `project.requests=60/1m`, read and shown.

`serve` and `ctl` call it.
"""

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from mockwb.limits.rules import LimitRules
from mockwb.limits.scopes import SCOPE_NAMES, SCOPES
from mockwb.yaml_file import Document, FileError, decode

_NAMES = tuple(f"{scope.name}.{scope.limit}" for scope in SCOPES)
"""Of all limits, as accounts and messages call them."""
LIMIT_NAMES = ", ".join(_NAMES)


class LimitWordsError(ValueError):
    """A limit that cannot be understood; the message names it and says what was expected."""


def read_limits(words: Iterable[str], scope: str | None = None) -> dict[str, Any]:
    """`SCOPE.NAME=RATES`, or `NAME=RATES` of one `scope`, as a `limits` section of configuration.

    RATES are `unlimited`, one window, or several with commas between them. LimitWordsError.
    """
    section: dict[str, Any] = {}
    for word in words:
        given, _, text = (part.strip() for part in word.partition("="))
        if not given or not text:
            form = "requests=60/1m" if scope else "project.requests=60/1m"
            raise LimitWordsError(f"{word!r}: expected a limit and its rates, such as {form}")
        name = f"{scope}.{given}" if scope else given
        if name not in _NAMES:
            raise LimitWordsError(_unknown(name, scope))
        where, _, limit = name.partition(".")
        rates = section.setdefault(where, {})
        if limit in rates:
            raise LimitWordsError(
                f"{name} is given twice; several windows are written {given}=2/1s,60/1m"
            )
        rates[limit] = _rates(text)
        try:
            decode(Document(repr(word), {where: {limit: rates[limit]}}, {}), LimitRules)
        except FileError as error:
            raise LimitWordsError(str(error)) from error
    return section


def limit_lines(rules: LimitRules) -> list[str]:
    """Every limit that is set in general, then every override; a line each."""
    width = max(map(len, _NAMES))
    lines = []
    for scope in SCOPES:
        rates = getattr(getattr(rules, scope.name), scope.limit)
        if rates is not None and rates.windows:
            lines.append(f"{f'{scope.name}.{scope.limit}':{width}}  {rates}")
    return [*lines, *_override_lines(rules)]


def _override_lines(rules: LimitRules) -> Iterator[str]:
    for name in SCOPE_NAMES:
        for override in getattr(rules, name).overrides:
            limits = (scope.limit for scope in SCOPES if scope.name == name)
            others = [
                f"{limit} {rates}"
                for limit in limits
                if (rates := getattr(override, limit)) is not None
            ]
            yield f"{name} {override.match}: {'; '.join(others) or 'as in general'}"


def _rates(text: str) -> str | list[str]:
    windows = [window.strip() for window in text.split(",")]
    return windows[0] if len(windows) == 1 else windows


def _unknown(name: str, scope: str | None) -> str:
    known = [known for known in _NAMES if scope is None or known.startswith(f"{scope}.")]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}? Known:" if near else "known:"
    return f"no limit called {name!r}; {hint} {', '.join(known)}"
