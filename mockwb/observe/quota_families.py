"""How full each project's windows are, as metric families. Read at scrape by `metrics`.

Users, addresses and runs have no series, since there is no end to them; `/_mockwb/limits` has
their windows.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from prometheus_client.core import GaugeMetricFamily

from mockwb.observe.label_cap import LabelCap
from mockwb.target import WindowUsage
from mockwb.units import format_duration

_LABELS = ("project", "window")


class _Dimension(NamedTuple):
    """What a limit counts, as metrics write it: in base units."""

    suffix: str
    """The last part of the families' names."""
    what: str
    per_unit: int = 1
    """By what to divide amounts of the limit."""


_DIMENSIONS = {
    "requests": _Dimension("requests", "File stream requests"),
    "bytes": _Dimension("bytes", "File stream body bytes"),
    "run_creations": _Dimension("run_creations", "Runs created"),
    "query_time": _Dimension("query_seconds", "Seconds of database query time", 1000),
    "storage_requests": _Dimension("storage_requests", "File uploads and downloads"),
    "storage_bytes": _Dimension("storage_bytes", "Bytes of file uploads and downloads"),
}
"""By the limit's name."""


def quota_families(
    usages: Iterable[WindowUsage], projects: LabelCap
) -> Iterator[GaugeMetricFamily]:
    """Limit, usage and remaining quota per project and window; three families per limit.

    Different limits never share a family, so that no sum mixes units. Projects without a label of
    their own are left out: adding up several quotas would say nothing about any of them.
    """
    shown = (
        usage
        for usage in usages
        if usage.scope == "project" and usage.limit in _DIMENSIONS and projects.has(usage.key)
    )
    of_limit = {limit: _families_of(dimension) for limit, dimension in _DIMENSIONS.items()}
    for (limit, *labels), usage in _by_series(shown).items():
        per_unit = _DIMENSIONS[limit].per_unit
        amounts = (usage.amount, usage.used, usage.remaining)
        for family, amount in zip(of_limit[limit], amounts, strict=True):
            family.add_metric(labels, amount / per_unit)
    for families in of_limit.values():
        yield from families


def _by_series(usages: Iterable[WindowUsage]) -> dict[tuple[str, str, str], WindowUsage]:
    """(limit, project, window) -> the tightest, if windows of one length differ in kind."""
    tightest: dict[tuple[str, str, str], WindowUsage] = {}
    for usage in usages:
        series = (usage.limit, usage.key, format_duration(usage.window))
        other = tightest.setdefault(series, usage)
        if usage.remaining < other.remaining:
            tightest[series] = usage
    return tightest


def _families_of(dimension: _Dimension) -> tuple[GaugeMetricFamily, ...]:
    """(allowed, used, remaining)."""
    suffix, what, _ = dimension
    return (
        GaugeMetricFamily(
            f"mockwb_limit_{suffix}", f"{what} that a project's window allows.", labels=_LABELS
        ),
        GaugeMetricFamily(
            f"mockwb_limit_used_{suffix}",
            f"{what} that count against the window now.",
            labels=_LABELS,
        ),
        GaugeMetricFamily(
            f"mockwb_limit_remaining_{suffix}",
            f"{what} that the window would still admit now.",
            labels=_LABELS,
        ),
    )
