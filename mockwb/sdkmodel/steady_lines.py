"""Lines that arrive at a constant pace and are made only when a request is put on the wire.

They keep nothing, so that thousands of virtual runs cost next to nothing between requests.
"""

import json
import math
from collections.abc import Mapping

from mockwb.sdkmodel.lines import Chunk, Summary

_SPREAD = 104_729
"""A prime that scatters the varying digits of neighbouring lines."""


class SteadyLines:
    """A source of lines of nearly the same text; see `lines.RowSource` for what it answers."""

    __slots__ = (
        "_began",
        "_encoded_size",
        "_fields",
        "_line_size",
        "_metrics",
        "_prefix",
        "_start",
        "_summary_sizes",
        "_wall_offset",
        "count",
        "interval",
    )

    def __init__(
        self,
        *,
        interval: float,
        count: float = math.inf,
        delay: float = 0.0,
        fields: Mapping[str, str],
        numbered: bool = True,
    ) -> None:
        """Make `count` lines, `interval` seconds apart, the first `delay` after the run begins.

        `fields` are names and JSON values in which `#` becomes six digits that vary from line to
        line. Each line also gets `_timestamp` and `_runtime`, and `_step` if `numbered`. An
        interval of 0 brings all lines at once and needs a finite count.
        """
        if interval <= 0 and math.isinf(count):
            raise ValueError("lines without an interval need a count")
        self.interval = interval
        self.count = count
        self._metrics = sum(1 for name in fields if not name.startswith("_"))
        self._prefix = '"_step":%d,' if numbered else ""
        self._fields = "".join(f",{json.dumps(name)}:{value}" for name, value in fields.items())
        self._began = math.inf
        self._start = delay
        self._wall_offset = 0.0
        sample = self._line(0)
        self._line_size = len(sample)
        self._encoded_size = len(json.dumps(sample)) - numbered
        summary = self._summary(1, 0)
        varying = 1 + numbered  # digits of the runtime and of the line's number
        self._summary_sizes = len(summary) - varying, len(json.dumps(summary)) - varying

    @classmethod
    def of_metrics(cls, metrics: int, *, interval: float, count: float = math.inf) -> "SteadyLines":
        """History rows of so many float metrics."""
        fields = {f"metric_{i}": f"{i % 10}.#" for i in range(metrics)}
        return cls(interval=interval, count=count, fields=fields)

    def begin(self, now: float, wall: float) -> None:
        """The run exists from `now` on, which is `wall` seconds since the epoch."""
        self._began = now
        self._start += now
        self._wall_offset = wall - now

    def stop(self, now: float) -> None:
        """Nothing arrives after `now`."""
        self.count = self.arrived(now)

    def arrived(self, now: float) -> int:
        """Lines there are at `now`."""
        elapsed = now - self._start
        if now < self._began or elapsed < 0 or self.count == 0:
            return 0
        if self.interval <= 0:
            return int(self.count)
        # The tolerance lets a line have arrived at its own arrival() despite rounding.
        return int(min(self.count, elapsed / self.interval + 1 + 1e-6))

    def arrival(self, line: int) -> float:
        """When that line arrives; infinity if never, or before the run begins."""
        if line >= self.count or self._began == math.inf:
            return math.inf
        return self._start + line * self.interval

    def last_arrival(self) -> float:
        """When the last line arrives, or the run begins if there are none; infinity if never."""
        if self.count == math.inf:
            return math.inf
        return self.arrival(int(self.count) - 1) if self.count else self._began

    def full_at(self, first: int, size: int) -> float:
        """When the lines from `first` on come to `size` bytes."""
        return self.arrival(first + max(0, math.ceil(size / self._line_size) - 1))

    def values(self, now: float) -> int:
        """Logged points there are at `now`."""
        return self.arrived(now) * self._metrics

    def cut(self, first: int, stop: int, max_size: int) -> Chunk:
        """Lines from `first` on, before `stop`, up to `max_size` bytes but at least one."""
        stop = min(stop, first + max(1, max_size // self._line_size))
        size = (stop - first) * (self._encoded_size + 1) - 1
        if self._prefix:
            size += _digits_below(stop) - _digits_below(first)
        values = (stop - first) * self._metrics
        return Chunk(stop - first, size, lambda: self._encode(first, stop), values)

    def summary(self, count: int, runtime: float) -> Summary:
        """The run's summary after `count` lines, `runtime` seconds into the run."""
        seconds = int(runtime)
        if not count:
            return Summary.of(f'{{{_own(seconds)},"_runtime":{seconds}}}')
        size, encoded = self._summary_sizes
        if self._prefix:
            size, encoded = size + _digits(count - 1), encoded + _digits(count - 1)
        digits = _digits(seconds)
        return Summary(size + digits, encoded + digits, lambda: self._summary(count, seconds))

    def _summary(self, count: int, seconds: int) -> str:
        return f"{self._line(count - 1)[:-1]},{_own(seconds)}}}"

    def _encode(self, first: int, stop: int) -> str:
        return ",".join(json.dumps(self._line(number)) for number in range(first, stop))

    def _line(self, number: int) -> str:
        """Text of a length that depends on the number's digits alone."""
        time = self._start + number * self.interval
        began = self._began if self._began != math.inf else 0.0
        prefix = self._prefix % number if self._prefix else ""
        digits = f"{number * _SPREAD % 1_000_000:06d}"
        fields = self._fields.replace("#", digits)
        timestamp, runtime = time + self._wall_offset, time - began
        return f'{{{prefix}"_timestamp":{timestamp:.15e},"_runtime":{runtime:.9e}{fields}}}'


def _own(seconds: int) -> str:
    """The SDK's own part of a summary."""
    return f'"_wandb":{{"runtime":{seconds}}}'


def _digits(number: int) -> int:
    """Decimal digits of a number."""
    return len(str(number))


def _digits_below(number: int) -> int:
    """Decimal digits of all numbers from 0 up to, not including, `number`."""
    digits, power = number, 10
    while power < number:
        digits += number - power
        power *= 10
    return digits
