"""Which lines of one streamed file the simulated server has: a count, and the gaps below it."""


class StoredLines:
    """Lines by number, from 0."""

    __slots__ = ("end", "gaps")

    def __init__(self) -> None:
        self.end = 0
        """One past the last line that there is."""
        self.gaps: list[tuple[int, int]] = []
        """(first missing line, one past the last), in order; nearly always none."""

    def store(self, first: int, stop: int) -> int:
        """Take the lines from `first` to before `stop`; how many of them are new."""
        end = self.end
        if first == end:
            self.end = stop
            return stop - first
        if first > end:
            self.gaps.append((end, first))
            self.end = stop
            return stop - first
        new = max(0, stop - end)
        self.end = max(end, stop)
        if self.gaps:
            new += self._fill(first, stop)
        return new

    def _fill(self, first: int, stop: int) -> int:
        filled, left = 0, []
        for start, end in self.gaps:
            overlap = min(end, stop) - max(start, first)
            if overlap <= 0:
                left.append((start, end))
                continue
            filled += overlap
            left += [part for part in ((start, first), (stop, end)) if part[0] < part[1]]
        self.gaps = left
        return filled
