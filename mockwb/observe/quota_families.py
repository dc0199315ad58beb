"""How full each project's windows are, as metric families. Read at scrape by `metrics`."""

from collections.abc import Iterable, Iterator

from prometheus_client.core import GaugeMetricFamily

from mockwb.observe.label_cap import LabelCap
from mockwb.target import WindowUsage
from mockwb.units import format_duration

_LABELS = ("project", "window")
_DIMENSIONS = {"requests": "File stream requests", "bytes": "File stream body bytes"}


def quota_families(
    usages: Iterable[WindowUsage], projects: LabelCap
) -> Iterator[GaugeMetricFamily]:
    """Limit, usage and remaining quota per project and window; a family per dimension.

    Requests and bytes never share a family, so that no sum mixes units. Projects without a label
    of their own are left out: adding up several quotas would say nothing about any of them.
    """
    families = {limit: _families_of(limit) for limit in _DIMENSIONS}
    for usage in usages:
        if usage.scope != "project" or not projects.has(usage.key):
            continue
        if usage.limit not in families:
            continue
        allowed, used, remaining = families[usage.limit]
        labels = (usage.key, format_duration(usage.window))
        allowed.add_metric(labels, usage.amount)
        used.add_metric(labels, usage.used)
        remaining.add_metric(labels, usage.remaining)
    for of_dimension in families.values():
        yield from of_dimension


def _families_of(
    limit: str,
) -> tuple[GaugeMetricFamily, GaugeMetricFamily, GaugeMetricFamily]:
    """(allowed, used, remaining) of one of the dimensions."""
    what = _DIMENSIONS[limit]
    return (
        GaugeMetricFamily(
            f"mockwb_limit_{limit}", f"{what} that a project's window allows.", labels=_LABELS
        ),
        GaugeMetricFamily(
            f"mockwb_limit_used_{limit}",
            f"{what} admitted within the window that ends now.",
            labels=_LABELS,
        ),
        GaugeMetricFamily(
            f"mockwb_limit_remaining_{limit}",
            f"{what} that the window would still admit now.",
            labels=_LABELS,
        ),
    )
