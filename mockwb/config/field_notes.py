"""What the code says of a struct's fields, in the docstrings below them. `schemas` shows it."""

import ast
import inspect
from functools import cache
from itertools import pairwise
from textwrap import dedent

import msgspec


@cache
def field_notes(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Field -> the text below it on one line, for those that have one; inherited fields too."""
    notes: dict[str, str] = {}
    for part in reversed(kind.__mro__):
        if part is not msgspec.Struct and issubclass(part, msgspec.Struct):
            notes |= _own_notes(part)
    return notes


def _own_notes(kind: type[msgspec.Struct]) -> dict[str, str]:
    (struct,) = ast.parse(dedent(inspect.getsource(kind))).body
    assert isinstance(struct, ast.ClassDef)
    notes = {}
    for field, below in pairwise(struct.body):
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            notes[field.target.id] = " ".join(str(below.value.value).split())
    return notes
