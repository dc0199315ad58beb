"""Rows of history as a Parquet file, for `history_export`. Needs pyarrow, the extra `[parquet]`.

Nested keys become columns named with dots, as W&B's history keys are. A column has one type, so
rows that would come back otherwise than they were logged make no file.
"""

import io
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mockwb.backend.history_row import parse_rows

if TYPE_CHECKING:
    import pyarrow

_SPECIALS = {"NaN", "Infinity", "-Infinity"}
_EXACT = 2**53
"""Whole numbers beyond it are not all floats."""


def parquet_file(lines: Sequence[str]) -> bytes | None:
    """The file; None if a column would not hold exactly what was logged."""
    import pyarrow  # noqa: PLC0415 -- an extra, and slow to import
    import pyarrow.parquet  # noqa: PLC0415

    columns = _columns(lines)
    if columns is None:
        return None
    try:
        arrays = {name: _array(values) for name, values in columns.items()}
    except (pyarrow.ArrowException, TypeError, OverflowError):
        return None  # values of several types under one key
    if any(array is None for array in arrays.values()):
        return None
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(arrays), file)
    return file.getvalue()


def _columns(lines: Sequence[str]) -> dict[str, list[Any]] | None:
    """Values by flattened key, None where a row has none; None if two keys of a row clash."""
    columns: dict[str, list[Any]] = {}
    for number, row in enumerate(parse_rows(lines)):
        for name, value in _flat(row, ""):
            column = columns.setdefault(name, [])
            if len(column) > number:
                return None
            column.extend(itertools.repeat(None, number - len(column)))
            column.append(value)
    for column in columns.values():
        column.extend(itertools.repeat(None, len(lines) - len(column)))
    return columns


def _flat(values: dict[str, Any], prefix: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in values.items():
        if isinstance(value, dict) and "_type" not in value:
            found += _flat(value, f"{prefix}{name}.")
        else:
            found.append((prefix + name, value))
    return found


def _array(values: list[Any]) -> "pyarrow.Array | None":
    """The column; None if it does not hold exactly these values."""
    import pyarrow  # noqa: PLC0415

    types = set(map(type, values)) - {type(None)}
    if not types:
        return pyarrow.array(values, pyarrow.float64())
    if types <= {int, float, str} and types & {int, float}:
        return _numbers(values, types)
    array = pyarrow.array(values)
    return array if array.to_pylist() == values else None


def _numbers(values: list[Any], types: set[type]) -> "pyarrow.Array | None":
    """Numbers, and texts that stand for special floats."""
    import pyarrow  # noqa: PLC0415

    if types == {int}:
        return pyarrow.array(values, pyarrow.int64())
    if any(isinstance(v, str) and v not in _SPECIALS for v in values):
        return None
    if any(isinstance(v, int) and abs(v) > _EXACT for v in values):
        return None
    return pyarrow.array([float(v) if v is not None else None for v in values], pyarrow.float64())
