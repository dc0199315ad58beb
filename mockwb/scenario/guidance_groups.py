"""Findings of W&B's guidance, gathered by range: thousands of runs leave the same one alike."""

from collections.abc import Iterable

import msgspec

from mockwb.guidance import Finding
from mockwb.units import format_size

_BYTES = "bytes"


class GuidanceGroup(msgspec.Struct, kw_only=True):
    """One range that was left, wherever it was."""

    range: str
    """Its name in the server's settings."""
    findings: int
    """Runs, projects and users of the public API that left it."""
    limit: float
    """What the range allows."""
    peak: float
    """The most there was anywhere."""
    unit: str
    """Of `limit` and `peak`."""
    where: str
    """The place of the peak: `entity/project`, `entity/project/run`, or a user."""
    key: str | None = None
    """The metric to blame for the peak, where one is."""
    first_seen: float
    """When the first of these left it: seconds since the start of the scenario."""
    advice: str
    source: str

    @property
    def peak_text(self) -> str:
        """The most there was, with its unit, such as `100MB per minute` or `3 metrics`."""
        return f"{self._amount(self.peak)} {self.unit.removeprefix(_BYTES).lstrip()}".rstrip()

    @property
    def limit_text(self) -> str:
        """What is recommended."""
        return self._amount(self.limit)

    def _amount(self, number: float) -> str:
        if self.unit.startswith(_BYTES):
            return format_size(number)
        return f"{number:,.0f}" if number >= 1000 else f"{number:.6g}"

    @property
    def text(self) -> str:
        """For people, in one line."""
        of_key = "" if self.key is None else f", metric {self.key}"
        more = f" and {self.findings - 1:,} more" if self.findings > 1 else ""
        peak = f"{self.peak_text} where {self.limit_text} is recommended"
        return f"{self.range}: {peak} ({self.where}{of_key}){more}: {self.advice}"


def grouped(findings: Iterable[Finding], start: float) -> list[GuidanceGroup]:
    """One group per range, the one that was left furthest first.

    `start` of the scenario is in seconds since the Unix epoch.
    """
    by_range: dict[str, list[Finding]] = {}
    for finding in findings:
        by_range.setdefault(finding.range, []).append(finding)
    groups = [_group(found, start) for found in by_range.values()]
    return sorted(groups, key=lambda group: (-_times(group), group.range))


def _group(found: list[Finding], start: float) -> GuidanceGroup:
    worst = max(found, key=lambda finding: finding.peak)
    return GuidanceGroup(
        range=worst.range,
        findings=len(found),
        limit=worst.limit,
        peak=worst.peak,
        unit=worst.unit,
        where=_where(worst),
        key=worst.key,
        first_seen=round(min(finding.since for finding in found) - start, 3),
        advice=worst.advice,
        source=worst.source,
    )


def _times(group: GuidanceGroup) -> float:
    return group.peak / group.limit if group.limit else group.peak


def _where(finding: Finding) -> str:
    if finding.project is None:
        return f"user {finding.user}"
    place = f"{finding.entity}/{finding.project}"
    return place if finding.run is None else f"{place}/{finding.run}"
