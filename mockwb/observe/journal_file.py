"""The journal's file: lines of JSON, written by a thread of its own. Used by `journal`.

What is pending is handed over every second and at the end, so a killed server may lose what came
in its last second. A file that cannot be written is said once in the log and harms no request.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_log = logging.getLogger(__name__)

_MOST_WAITING = 64
"""Batches that wait for a slow disk; beyond it they are dropped, and counted."""


class JournalFile:
    """Appends batches of lines to one file, in order."""

    def __init__(self, path: str) -> None:
        """Nothing is opened before there is something to write."""
        self._path = Path(path)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._waiting = 0
        self._complained = False
        self._broken_line = False
        self.lost = 0
        """Entries that are not in the file and should be."""

    def append(self, count: int, lines: Callable[[], bytes]) -> None:
        """Write what `lines` makes, `count` entries, soon; both happens in the file's thread."""
        if self._waiting >= _MOST_WAITING:
            self._lose(count, "the disk does not keep up")
            return
        self._waiting += 1
        self._thread.submit(self._write, count, lines)

    def close(self) -> None:
        """Return when everything is written."""
        self._thread.shutdown()
        if self.lost:
            _log.error("journal file %s lacks %d requests", self._path, self.lost)

    def _write(self, count: int, lines: Callable[[], bytes]) -> None:
        try:
            # A line that a failed write left half done ends here; readers skip it.
            data = (b"\n" if self._broken_line else b"") + lines()
            self._broken_line = True
            with self._path.open("ab") as file:
                file.write(data)
            self._broken_line = False
        except OSError as error:
            self._lose(count, error.strerror or str(error))
        except Exception as error:
            self._lose(count, f"{type(error).__name__}: {error}")
        finally:
            self._waiting -= 1

    def _lose(self, count: int, why: str) -> None:
        self.lost += count
        if not self._complained:
            self._complained = True
            _log.error("journal file %s: %s; its requests are not kept", self._path, why)


def joined(lines: Sequence[bytes]) -> bytes:
    """Lines as they stand in the file."""
    return b"".join(line + b"\n" for line in lines)
