"""What a process wrote to its console, as lines. Called by `recording`."""

import json
from array import array
from datetime import UTC, datetime


class ConsoleText:
    """Pieces of text of two streams, put together to lines as a terminal shows them."""

    def __init__(self) -> None:
        self.times = array("d")
        """When each line was complete; seconds since the run began."""
        self.plain: list[str] = []
        """The lines as `output.log` has them without structure."""
        self.structured: list[str] = []
        """The lines as SDKs send them where the feature STRUCTURED_CONSOLE_LOGS is on."""
        self._open: dict[bool, tuple[float, float, str]] = {}
        """What waits for its end of line, by whether it is standard error."""

    def add(self, at: float, began_at: float, text: str, is_error: bool) -> None:
        """A piece that was written `at` seconds after the run began (Unix time `began_at`)."""
        before = self._open.pop(is_error, None)
        *whole, rest = ((before[2] if before else "") + text).split("\n")
        for line in whole:
            self._put(at, began_at, line, is_error)
        if rest:
            self._open[is_error] = (at, began_at, rest)

    def end(self) -> None:
        """Nothing more comes."""
        for is_error, (at, began_at, rest) in sorted(self._open.items()):
            self._put(at, began_at, rest, is_error)
        self._open = {}

    def _put(self, at: float, began_at: float, line: str, is_error: bool) -> None:
        shown = line.rstrip("\r").rsplit("\r", 1)[-1]  # a progress bar writes over itself
        written = datetime.fromtimestamp(began_at + at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
        self.times.append(max(at, self.times[-1]) if self.times else max(0.0, at))
        self.plain.append(f"{'ERROR ' if is_error else ''}{written} {shown}")
        level = {"level": "error"} if is_error else {}
        self.structured.append(json.dumps({**level, "ts": written, "content": shown}))
