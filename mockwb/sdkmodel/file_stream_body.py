"""What one file_stream request says, known by its parts and written out only when needed.

Source: wandb SDK, core/internal/filestream/filestreamrequest.go (the JSON's shape).
"""

import json
from typing import NamedTuple

from mockwb.sdkmodel.lines import Chunk

HISTORY = "wandb-history.jsonl"
EVENTS = "wandb-events.jsonl"
SUMMARY = "wandb-summary.json"


class FileStreamBody(NamedTuple):
    """All parts are optional; without any it is the heartbeat `{}`."""

    history: Chunk | None = None
    history_offset: int = 0
    events: Chunk | None = None
    events_offset: int = 0
    summary: str | None = None
    """The whole summary, a JSON object."""
    uploaded: tuple[str, ...] = ()
    """Run-relative paths of files whose upload has ended."""
    preempting: bool = False
    complete: bool = False
    exit_code: int | None = None

    @property
    def size(self) -> int:
        """Bytes of `encode()`, without writing the lines."""
        lines = sum(chunk.size for chunk in (self.history, self.events) if chunk)
        return len(self._write("", "")) + lines

    def encode(self) -> bytes:
        """The JSON, ASCII; the same each time."""
        history = self.history.encode() if self.history else ""
        events = self.events.encode() if self.events else ""
        return self._write(history, events).encode("ascii")

    def _write(self, history: str, events: str) -> str:
        files = []
        if self.history:
            files.append(_file(HISTORY, self.history_offset, history))
        if self.events:
            files.append(_file(EVENTS, self.events_offset, events))
        if self.summary is not None:
            files.append(_file(SUMMARY, 0, json.dumps(self.summary)))
        parts = [f'"files":{{{",".join(files)}}}'] if files else []
        if self.uploaded:
            parts.append(f'"uploaded":{json.dumps(self.uploaded, separators=(",", ":"))}')
        if self.preempting:
            parts.append('"preempting":true')
        if self.complete:
            parts.append(f'"complete":true,"exitcode":{self.exit_code}')
        return f"{{{','.join(parts)}}}"


def _file(name: str, offset: int, content: str) -> str:
    return f'"{name}":{{"offset":{offset},"content":[{content}]}}'
