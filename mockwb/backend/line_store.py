"""Lines of streamed files in memory: addressed by offset, so that re-sent chunks change nothing."""

from collections.abc import Sequence

from mockwb.backend.errors import InvalidError
from mockwb.backend.store import LineFile, WrittenLines

MAX_GAP = 1_000_000
"""Lines that a chunk may start beyond the end; more is taken for a broken offset."""


class LineStore:
    """All line files of one server."""

    def __init__(self) -> None:
        """Start empty."""
        self._files: dict[LineFile, list[str | None]] = {}
        self._by_run: dict[tuple[str, str, str], list[LineFile]] = {}
        self._gaps: dict[LineFile, int] = {}
        """Missing lines per file; files without gaps are not listed."""
        self._revisions: dict[LineFile, int] = {}
        """Changed with every change but lines at the end, and never used twice."""
        self._last_revision = 0

    def write(self, file: LineFile, offset: int, lines: Sequence[str]) -> WrittenLines:
        """See `Store.write_lines`."""
        kept = self._files.get(file)
        if kept is None:
            kept = self._create(file)
        end = len(kept)
        if offset == end:
            kept.extend(lines)
            return WrittenLines(added=len(lines), new_lines=lines)
        if offset > end:
            return self._write_beyond(file, kept, offset, lines)
        return self._write_over(file, kept, offset, lines)

    def replace(self, file: LineFile, lines: Sequence[str]) -> WrittenLines:
        """See `Store.replace_lines`."""
        kept = self._files.get(file)
        if kept is None:
            kept = self._create(file)
        kept[:] = lines
        self._gaps.pop(file, None)
        self._revise(file)
        return WrittenLines(len(lines))

    def read(self, file: LineFile, start: int, stop: int | None) -> list[str | None]:
        """See `Store.read_lines`."""
        return self._files.get(file, [])[start:stop]

    def count(self, file: LineFile) -> int:
        """See `Store.count_lines`."""
        return len(self._files.get(file, ()))

    def version(self, file: LineFile) -> tuple[int, int]:
        """See `Store.lines_version`."""
        return self._revisions.get(file, 0), len(self._files.get(file, ()))

    def missing(self, file: LineFile) -> list[tuple[int, int]]:
        """See `Store.missing_lines`."""
        if file not in self._gaps:
            return []
        gaps: list[tuple[int, int]] = []
        for number, line in enumerate(self._files[file]):
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
        self._gaps.pop(file, None)
        del self._revisions[file]
        siblings = self._by_run[file.owner]
        siblings.remove(file)
        if not siblings:
            del self._by_run[file.owner]

    def _create(self, file: LineFile) -> list[str | None]:
        kept: list[str | None] = []
        self._files[file] = kept
        self._by_run.setdefault(file.owner, []).append(file)
        self._revise(file)
        return kept

    def _revise(self, file: LineFile) -> None:
        self._last_revision += 1
        self._revisions[file] = self._last_revision

    def _write_beyond(
        self, file: LineFile, kept: list[str | None], offset: int, lines: Sequence[str]
    ) -> WrittenLines:
        end = len(kept)
        if offset - end > MAX_GAP:
            raise InvalidError(
                f"{file.name}: offset {offset} is {offset - end} lines beyond the end ({end})"
            )
        if not lines:
            return WrittenLines()
        kept.extend([None] * (offset - end))
        kept.extend(lines)
        self._gaps[file] = self._gaps.get(file, 0) + offset - end
        return WrittenLines(added=len(lines), gap=(end, offset), new_lines=lines)

    def _write_over(
        self, file: LineFile, kept: list[str | None], offset: int, lines: Sequence[str]
    ) -> WrittenLines:
        overlap = min(len(kept) - offset, len(lines))
        added: list[str] = []
        result = WrittenLines(new_lines=added)
        for number, line in enumerate(lines[:overlap], start=offset):
            former = kept[number]
            if former is None:
                added.append(line)
            elif former == line:
                result.repeated += 1
                continue
            else:
                result.changed += 1
            kept[number] = line
        if result.repeated < overlap:
            self._revise(file)
        self._close_gaps(file, len(added))
        kept.extend(lines[overlap:])
        added.extend(lines[overlap:])
        result.added = len(added)
        return result

    def _close_gaps(self, file: LineFile, filled: int) -> None:
        if filled:
            self._gaps[file] -= filled
            if not self._gaps[file]:
                del self._gaps[file]
