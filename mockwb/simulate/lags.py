"""How long rows of one run took from log() to their storage, reckoned per chunk. For `served_run`.

The server counts each row; here the rows of a chunk are taken to be spread evenly over the time in
which they were logged, and chunks that are alike are counted together.
"""

from mockwb.observe.quantiles import Quantiles

_GROUPS = 5
"""Of a chunk: its quantiles are right to a tenth of the time that it spans."""


class Lags:
    """Chunks stored so far."""

    __slots__ = ("_alike", "_chunk", "_largest", "_quantiles")

    def __init__(self) -> None:
        self._quantiles: Quantiles | None = None
        self._chunk = (0, 0.0, 0.0)
        """Rows, shortest and longest lag of the latest ones; lags in seconds, to 10 ms."""
        self._alike = 0
        self._largest = 0.0

    def add(self, rows: int, shortest: float, longest: float) -> None:
        """One chunk came, of at least one row."""
        chunk = (rows, round(shortest, 2), round(longest, 2))
        self._largest = max(self._largest, longest)
        if chunk != self._chunk:
            self._count()
            self._chunk = chunk
        self._alike += 1

    def quantiles(self) -> Quantiles | None:
        """All of them; None without any."""
        self._count()
        if self._quantiles is not None:
            self._quantiles.largest = self._largest
        return self._quantiles

    def _count(self) -> None:
        """Count the latest chunks, which are all alike."""
        if not self._alike:
            return
        if self._quantiles is None:
            self._quantiles = Quantiles()
        rows, shortest, longest = self._chunk
        groups = min(rows, _GROUPS)
        step = (longest - shortest) / groups
        for group in range(groups):
            some = rows * (group + 1) // groups - rows * group // groups
            self._quantiles.add(shortest + (group + 0.5) * step, some * self._alike)
        self._alike = 0
