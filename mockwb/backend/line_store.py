"""Lines of streamed files in memory: addressed by offset, so that re-sent chunks change nothing."""

from collections.abc import Sequence

from mockwb.backend.errors import InvalidError
from mockwb.backend.store import LineFile, WrittenLines

MAX_GAP = 1_000_000
"""Lines that a chunk may start beyond the end; more is taken for a broken offset."""


class _Lines:
    """The lines of one file."""

    __slots__ = ("lines", "missing", "revision")

    def __init__(self, revision: int) -> None:
        self.lines: list[str | None] = []
        """None where a line is missing."""
        self.missing = 0
        self.revision = revision
        """Another one after every change but lines at the end, and never used twice."""


class LineStore:
    """All line files of one server."""

    def __init__(self) -> None:
        """Start empty."""
        self._files: dict[LineFile, _Lines] = {}
        self._by_run: dict[tuple[str, str, str], list[LineFile]] = {}
        self._last_revision = 0

    def write(self, file: LineFile, offset: int, lines: Sequence[str]) -> WrittenLines:
        """See `Store.write_lines`."""
        kept = self._files.get(file)
        if kept is None:
            kept = self._create(file)
        end = len(kept.lines)
        if offset == end:
            kept.lines.extend(lines)
            return WrittenLines(len(lines), 0, 0, None, lines)
        if offset > end:
            return _write_beyond(file, kept, offset, lines)
        return self._write_over(kept, offset, lines)

    def replace(self, file: LineFile, lines: Sequence[str]) -> WrittenLines:
        """See `Store.replace_lines`."""
        kept = self._files.get(file)
        if kept is None:
            kept = self._create(file)
        kept.lines[:] = lines
        kept.missing = 0
        self._last_revision += 1
        kept.revision = self._last_revision
        return WrittenLines(len(lines))

    def read(self, file: LineFile, start: int, stop: int | None) -> list[str | None]:
        """See `Store.read_lines`."""
        kept = self._files.get(file)
        return kept.lines[start:stop] if kept is not None else []

    def count(self, file: LineFile) -> int:
        """See `Store.count_lines`."""
        kept = self._files.get(file)
        return len(kept.lines) if kept is not None else 0

    def version(self, file: LineFile) -> tuple[int, int]:
        """See `Store.lines_version`."""
        kept = self._files.get(file)
        return (kept.revision, len(kept.lines)) if kept is not None else (0, 0)

    def missing(self, file: LineFile) -> list[tuple[int, int]]:
        """See `Store.missing_lines`."""
        kept = self._files.get(file)
        if kept is None or not kept.missing:
            return []
        gaps: list[tuple[int, int]] = []
        for number, line in enumerate(kept.lines):
            if line is not None:
                continue
            if gaps and gaps[-1][1] == number:
                gaps[-1] = (gaps[-1][0], number + 1)
            else:
                gaps.append((number, number + 1))
        return gaps

    def of_run(self, entity: str, project: str, run: str) -> list[LineFile]:
        """See `Store.line_files`."""
        return list(self._by_run.get((entity, project, run), ()))

    def delete(self, file: LineFile) -> None:
        """See `Store.delete_lines`."""
        if self._files.pop(file, None) is None:
            return
        siblings = self._by_run[file.owner]
        siblings.remove(file)
        if not siblings:
            del self._by_run[file.owner]

    def _create(self, file: LineFile) -> _Lines:
        self._last_revision += 1
        kept = self._files[file] = _Lines(self._last_revision)
        self._by_run.setdefault(file.owner, []).append(file)
        return kept

    def _write_over(self, kept: _Lines, offset: int, lines: Sequence[str]) -> WrittenLines:
        overlap = min(len(kept.lines) - offset, len(lines))
        added: list[str] = []
        result = WrittenLines(new_lines=added)
        for number, line in enumerate(lines[:overlap], start=offset):
            former = kept.lines[number]
            if former is None:
                added.append(line)
            elif former == line:
                result.repeated += 1
                continue
            else:
                result.changed += 1
            kept.lines[number] = line
        if result.repeated < overlap:
            self._last_revision += 1
            kept.revision = self._last_revision
        kept.missing -= len(added)
        kept.lines.extend(lines[overlap:])
        added.extend(lines[overlap:])
        result.added = len(added)
        return result


def _write_beyond(file: LineFile, kept: _Lines, offset: int, lines: Sequence[str]) -> WrittenLines:
    end = len(kept.lines)
    if offset - end > MAX_GAP:
        raise InvalidError(
            f"{file.name}: offset {offset} is {offset - end} lines beyond the end ({end})"
        )
    if not lines:
        return WrittenLines()
    kept.lines.extend([None] * (offset - end))
    kept.lines.extend(lines)
    kept.missing += offset - end
    return WrittenLines(added=len(lines), gap=(end, offset), new_lines=lines)
