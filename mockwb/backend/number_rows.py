"""Rows of history that hold the same numbers, read as columns, for `history_keys`.

Nearly all rows of nearly all runs are such rows. A decoder made for just these keys proves that
nothing else is in them, in half the time that dicts take which would have to be looked through.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from mockwb.backend.history_row import joined

_MOST_SHAPES = 16
"""Sets of keys that decoders are made for; a run with more has no typical row."""

Columns = tuple[Sequence[str], Iterable[tuple[int | float, ...]]]
"""Keys, and for each the values of all rows."""


class NumberRows:
    """Reads the rows of one run."""

    def __init__(self) -> None:
        """Know no set of keys yet."""
        self._known: set[tuple[str, ...]] = set()
        self._names: tuple[str, ...] = ()
        self._decoder: msgspec.json.Decoder[list[msgspec.Struct]] | None = None

    def columns(self, lines: Sequence[str]) -> Columns | None:
        """The values key by key; None unless all rows hold numbers under the keys learnt."""
        if self._decoder is None:
            return None
        try:
            rows = self._decoder.decode(joined(lines))
        except msgspec.MsgspecError:
            return None
        return self._names, zip(*map(msgspec.structs.astuple, rows), strict=True)

    def learn(self, row: dict[str, Any]) -> None:
        """Expect the next rows to be like this one."""
        names = tuple(row)
        if names in self._known or len(self._known) >= _MOST_SHAPES:
            return
        self._known.add(names)
        if {int, float}.issuperset(map(type, row.values())):
            self._names = names
            self._decoder = msgspec.json.Decoder(list[_struct_of(names)])  # type: ignore[misc]


def _struct_of(names: Sequence[str]) -> type[msgspec.Struct]:
    """A type with exactly these keys, each a number."""
    keys = {f"key_{number}": name for number, name in enumerate(names)}
    return msgspec.defstruct(
        "NumberRow",
        [(field, int | float) for field in keys],
        rename=keys,
        forbid_unknown_fields=True,
        gc=False,
    )
