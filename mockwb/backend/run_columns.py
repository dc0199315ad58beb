"""The values of one filter key over all runs of a project, ready to be searched and sorted.

Runs are told by their position. Equal values share a code, so that a comparison is made once per
distinct value and not once per run.
"""

import math
from collections.abc import Iterable, Set
from itertools import compress, count, repeat

from mockwb.backend.run_filter import Comparison, Known

_SPECIALS = {"NaN": None, "Infinity": float("inf"), "-Infinity": float("-inf")}
"""Special floats as SDKs write them."""


Rank = float | str | None
"""A value as orders see it: numbers before texts; None comes last, whichever way they go."""


class Column:
    """One key's values by position."""

    def __init__(self, values: Iterable[Known] = ()) -> None:
        """Start with the values of the first positions."""
        self._codes: list[int] = []
        self._distinct: list[Known] = []
        self._numbers: list[float] = []
        """Distinct values that are numbers, NaN in the place of the others."""
        self._others: list[int] = []
        """Codes of distinct values that are no numbers."""
        self._code_of: dict[tuple[object, object], int] = {}
        self._orders: dict[bool, list[tuple[Rank, int]]] = {}
        """Ascending and descending, until something changes."""
        for known in values:
            self.append(known)

    def append(self, known: Known) -> None:
        """Add the value of the next position."""
        self._codes.append(self._code(known))
        self._orders = {}

    def put(self, position: int, known: Known) -> None:
        """Replace the value of a position."""
        code = self._code(known)
        if self._codes[position] != code:
            self._codes[position] = code
            self._orders = {}

    @property
    def worn(self) -> bool:
        """Whether most of the values kept are those of former times."""
        return len(self._distinct) > 2 * len(self._codes) + 100

    def where(self, comparison: Comparison, everything: frozenset[int]) -> Set[int]:
        """Those of all positions, `everything`, whose value the comparison holds for."""
        compare, holds = comparison.compare_numbers, comparison.holds
        if compare is None:
            verdicts = [holds(known) for known in self._distinct]
        else:
            verdicts = list(map(compare, self._numbers, repeat(comparison.value)))
            for code in self._others:
                verdicts[code] = holds(self._distinct[code])
        if all(verdicts):
            return everything
        return set(compress(count(), map(verdicts.__getitem__, self._codes)))

    def in_order(self, *, descending: bool) -> list[tuple[Rank, int]]:
        """All positions, with their ranks, in order of rank; those without come last either way.

        Of equal ranks the lower position comes first, or last if the order descends.
        """
        order = self._orders.get(descending)
        if order is None:
            order = self._orders[descending] = self._sorted(descending=descending)
        return order

    def _sorted(self, *, descending: bool) -> list[tuple[Rank, int]]:
        ranks = [_rank(known) for known in self._distinct]
        numbers: list[tuple[float, int]] = []
        texts: list[tuple[str, int]] = []
        rest: list[tuple[Rank, int]] = []
        for position, code in enumerate(self._codes):
            rank = ranks[code]
            if rank is None:
                rest.append((None, position))
            elif isinstance(rank, str):
                texts.append((rank, position))
            else:
                numbers.append((rank, position))
        numbers.sort(reverse=descending)
        texts.sort(reverse=descending)
        return [*texts, *numbers, *rest] if descending else [*numbers, *texts, *rest]

    def _code(self, known: Known) -> int:
        there, value = known
        new = len(self._distinct)
        try:
            # True equals 1 in Python but not in filters, nor is null the same as a missing key.
            code = self._code_of.setdefault((type(value) if there else None, value), new)
        except TypeError:  # lists and objects are not looked up
            code = new
        if code == new:
            self._distinct.append(known)
            if there and type(value) in (int, float):
                self._numbers.append(value)
            else:
                self._numbers.append(math.nan)
                self._others.append(code)
        return code


def _rank(known: Known) -> Rank:
    """A sortable stand-in; None for what cannot be ranked."""
    there, value = known
    if not there or value != value:  # noqa: PLR0124 -- NaN
        return None
    if isinstance(value, str):
        return _SPECIALS.get(value, value)
    return value if isinstance(value, int | float) else None
