"""Lines that arrive at a constant pace without end, made only when a request is put on the wire.

A run's system metrics are such. Nothing is kept of them, so that thousands of virtual runs cost
next to nothing between requests.
"""

import json
import math
from collections.abc import Mapping

from mockwb.sdkmodel.lines import Chunk

_SPREAD = 104_729
"""A prime that scatters the varying digits of neighbouring lines."""


class SteadyLines:
    """A source of lines of the same length; see `lines.LineSource` for what it answers."""

    __slots__ = (
        "_began",
        "_count",
        "_encoded_size",
        "_fields",
        "_interval",
        "_line_size",
        "_start",
        "_wall_offset",
    )

    def __init__(self, *, interval: float, delay: float = 0.0, fields: Mapping[str, str]) -> None:
        """Make lines `interval` seconds apart, the first `delay` after the run begins.

        `fields` are names and JSON values in which `#` becomes six digits that vary from line to
        line. Each line also gets `_timestamp` and `_runtime`.
        """
        self._interval = interval
        self._count = math.inf
        self._fields = "".join(f",{json.dumps(name)}:{value}" for name, value in fields.items())
        self._began = math.inf
        self._start = delay
        self._wall_offset = 0.0
        sample = self._line(0)
        self._line_size = len(sample)
        self._encoded_size = len(json.dumps(sample))

    def begin(self, now: float, wall: float) -> None:
        """The run exists from `now` on, which is `wall` seconds since the epoch."""
        self._began = now
        self._start += now
        self._wall_offset = wall - now

    def stop(self, now: float) -> None:
        """Nothing arrives after `now`."""
        self._count = self.arrived(now)

    def arrived(self, now: float) -> int:
        """Lines there are at `now`."""
        elapsed = now - self._start
        if now < self._began or elapsed < 0:
            return 0
        # The tolerance lets a line have arrived at its own arrival() despite rounding.
        return int(min(self._count, elapsed / self._interval + 1 + 1e-6))

    def arrival(self, line: int) -> float:
        """When that line arrives; infinity if never, or before the run begins."""
        if line >= self._count or self._began == math.inf:
            return math.inf
        return self._start + line * self._interval

    def full_at(self, first: int, size: int) -> float:
        """When the lines from `first` on come to `size` bytes."""
        return self.arrival(first + max(0, math.ceil(size / self._line_size) - 1))

    def cut(self, first: int, stop: int, max_size: int) -> Chunk:
        """Lines from `first` on, before `stop`, up to `max_size` bytes but at least one."""
        stop = min(stop, first + max(1, max_size // self._line_size))
        size = (stop - first) * (self._encoded_size + 1) - 1
        return Chunk(stop - first, size, lambda: self._encode(first, stop))

    def _encode(self, first: int, stop: int) -> str:
        return ",".join(json.dumps(self._line(number)) for number in range(first, stop))

    def _line(self, number: int) -> str:
        time = self._start + number * self._interval
        began = self._began if self._began != math.inf else 0.0
        fields = self._fields.replace("#", f"{number * _SPREAD % 1_000_000:06d}")
        timestamp, runtime = time + self._wall_offset, time - began
        return f'{{"_timestamp":{timestamp:.15e},"_runtime":{runtime:.9e}{fields}}}'
