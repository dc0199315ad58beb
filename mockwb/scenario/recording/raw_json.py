"""JSON objects put together from paths and values that are JSON already.

The SDK writes rows, summaries and configs as such pairs. Values are kept as their text: it may be
`NaN`, and nothing of it shall change. Called by `recording`.
"""

import json
from collections.abc import Iterable
from typing import Any

Tree = dict[str, Any]
"""Key -> text of a value, or a tree."""
Update = tuple[tuple[str, ...], str | None]
"""A path and the text of the value there; None takes it away."""


def apply(tree: Tree, updates: Iterable[Update]) -> None:
    """Change a tree in place."""
    for path, value in updates:
        inner = tree
        for key in path[:-1]:
            below = inner.get(key)
            if not isinstance(below, dict):
                below = inner[key] = {}
            inner = below
        if value is None:
            inner.pop(path[-1], None)
        else:
            inner[path[-1]] = value


def write(tree: Tree) -> str:
    """The object's text, ASCII or not as its values are."""
    members = (
        f"{json.dumps(key)}:{write(value) if isinstance(value, dict) else value}"
        for key, value in tree.items()
    )
    return f"{{{','.join(members)}}}"


def read(tree: Tree) -> dict[str, Any]:
    """The object itself; ValueError if a value is no JSON."""
    value: dict[str, Any] = json.loads(write(tree))
    return value


def points(tree: Tree, leave_out: Iterable[str] = ()) -> int:
    """Logged points as W&B counts them: leaves of nested dicts; media and lists count as one."""
    if "_type" in tree:
        return 1
    count = 0
    for key, value in tree.items():
        if key in leave_out:
            continue
        inner = json.loads(value) if type(value) is str and value[:1] == "{" else value
        count += points(inner) if isinstance(inner, dict) else 1
    return count
