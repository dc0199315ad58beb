"""What one file_stream request says, known by its parts and written out only when needed.

Source: wandb SDK, core/internal/filestream/filestreamrequest.go (the JSON's shape).
"""

import json
from typing import NamedTuple

from mockwb.sdkmodel.lines import Chunk, Summary

HISTORY = "wandb-history.jsonl"
EVENTS = "wandb-events.jsonl"
SUMMARY = "wandb-summary.json"
CONSOLE = "output.log"


class FileStreamBody(NamedTuple):
    """All parts are optional; without any it is the heartbeat `{}`."""

    history: Chunk | None = None
    history_offset: int = 0
    events: Chunk | None = None
    events_offset: int = 0
    console: Chunk | None = None
    console_offset: int = 0
    summary: Summary | None = None
    """The whole summary."""
    uploaded: tuple[str, ...] = ()
    """Run-relative paths of files whose upload has ended."""
    preempting: bool = False
    complete: bool = False
    exit_code: int | None = None

    @property
    def size(self) -> int:
        """Bytes of `encode()`, without writing anything that is long."""
        history, events, summary = self.history, self.events, self.summary
        console = self.console
        if history is None and events is None and summary is None and console is None:
            return len(self._marks())
        size = _FILES_SIZE
        if history is not None:
            size += _HISTORY_SIZE + len(str(self.history_offset)) + history.size
        if events is not None:
            size += _EVENTS_SIZE + len(str(self.events_offset)) + events.size
        if console is not None:
            size += _CONSOLE_SIZE + len(str(self.console_offset)) + console.size
        if summary is not None:
            size += _SUMMARY_SIZE + summary.encoded_size
        if self.uploaded or self.preempting or self.complete:
            size += len(self._marks()) - len("{}") + len(",")
        return size

    def encode(self) -> bytes:
        """The JSON, ASCII; the same each time."""
        files = []
        if self.history:
            files.append(_file(HISTORY, self.history_offset, self.history.encode()))
        if self.events:
            files.append(_file(EVENTS, self.events_offset, self.events.encode()))
        if self.console:
            files.append(_file(CONSOLE, self.console_offset, self.console.encode()))
        if self.summary is not None:
            files.append(_file(SUMMARY, 0, json.dumps(self.summary.write())))
        marks = self._marks()
        if not files:
            return marks.encode("ascii")
        text = f"""{{"files":{{{",".join(files)}}}{"," if len(marks) > 2 else ""}{marks[1:]}"""
        return text.encode("ascii")

    def _marks(self) -> str:
        """All but the files, as an object of its own."""
        parts = []
        if self.uploaded:
            parts.append(f'"uploaded":{json.dumps(self.uploaded, separators=(",", ":"))}')
        if self.preempting:
            parts.append('"preempting":true')
        if self.complete:
            parts.append(f'"complete":true,"exitcode":{self.exit_code}')
        return f"{{{','.join(parts)}}}"


def _file(name: str, offset: int | str, content: str) -> str:
    return f'"{name}":{{"offset":{offset},"content":[{content}]}}'


_FILES_SIZE = len('{"files":{}}') - len(",")
"""Of a body with files, without them; each of those comes with a comma, but for the first."""
_HISTORY_SIZE, _EVENTS_SIZE, _CONSOLE_SIZE, _SUMMARY_SIZE = (
    len(_file(name, offset, "")) + len(",")
    for name, offset in ((HISTORY, ""), (EVENTS, ""), (CONSOLE, ""), (SUMMARY, 0))
)
