"""What a stretch of Python code can have come to: values of its names, per choice of its branches.

Two names set in one branch stay together, so no text is composed that no run of the code composes.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mockwb.coverage.python_texts import Value


@dataclass(frozen=True, slots=True)
class World:
    """One of the ways the code can have gone."""

    names: dict[str, Value] = field(default_factory=dict)
    choices: dict[str, bool] = field(default_factory=dict)
    """How conditions came out, by their source text."""

    def bind(self, name: str, value: Value) -> "World":
        """The world after `name = value`; conditions that speak of the name are open again."""
        about = re.compile(rf"\b{re.escape(name)}\b")
        kept = {text: way for text, way in self.choices.items() if not about.search(text)}
        return World({**self.names, name: value}, kept)

    def choose(self, condition: ast.expr) -> Iterator[tuple[bool, "World"]]:
        """The ways a condition can come out here: both, or the one it has come out before."""
        text = ast.unparse(condition)
        negated = isinstance(condition, ast.UnaryOp) and isinstance(condition.op, ast.Not)
        if isinstance(condition, ast.UnaryOp) and negated:
            text = ast.unparse(condition.operand)
        for way in (True, False):
            if self.choices.get(text, way) is way:
                yield way is not negated, World(self.names, {**self.choices, text: way})


def merged(worlds: Iterable[World]) -> list[World]:
    """One world for all with the same values; only choices that all of them share are kept."""
    groups: dict[frozenset[tuple[str, Value]], World] = {}
    for world in worlds:
        key = frozenset(world.names.items())
        if (twin := groups.get(key)) is not None:
            shared = twin.choices.items() & world.choices.items()
            groups[key] = World(twin.names, dict(shared))
        else:
            groups[key] = world
    return list(groups.values())
