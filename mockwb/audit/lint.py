"""What an audit found, as lines that read like a linter's. Used by `mockwb audit`."""

from collections.abc import Iterator

from mockwb.account import OVERWRITTEN, RunAccount, lines_named
from mockwb.audit.script_run import Audited
from mockwb.backend.instants import format_instant
from mockwb.guidance import Finding
from mockwb.units import format_duration

_MOST = 5
"""Call sites, keys and groups that are named."""


def violations(audited: Audited) -> list[str]:
    """One line for each range that was left, and for each run that was not delivered whole."""
    lines = [_found(finding) for finding in audited.guidance.findings]
    lines += [line for run in audited.account.runs for line in _undelivered(run)]
    return sorted(lines)


def _found(finding: Finding) -> str:
    where = "/".join(filter(None, (finding.entity, finding.project, finding.run)))
    place = where or f"user {finding.user}"
    key = f" ({finding.key})" if finding.key else ""
    peak, limit = finding.amounts()
    measured = f"{peak} since {format_instant(finding.since)}, guidance is {limit}"
    return f"{place}: {finding.range}{key}: {measured}; {finding.advice}"


def _undelivered(run: RunAccount) -> Iterator[str]:
    delivery = run.delivery
    name = f"{run.entity}/{run.project}/{run.run}"
    if run.rows_changed:
        yield f"{name}: delivery: {run.rows_changed:,} rows {OVERWRITTEN}"
    logged = "UpsertBucket" in run.operations or "file_stream" in run.requests
    if delivery.verdict.startswith("complete") or not logged:  # or it was only read
        return
    why = [f"{file}: {lines_named(first, end)} missing" for file, first, end in delivery.missing]
    if delivery.end_unknown:
        why.append(delivery.how_it_ended())
    yield f"{name}: delivery: {delivery.verdict}: {', '.join(why)}"


def figures(audited: Audited) -> Iterator[str]:
    """What was logged, by whom, and the biggest of it."""
    for run in audited.account.runs:
        lag = run.delivery.lag
        late = f", {format_duration(round(lag.p95, 1))} late at p95" if lag is not None else ""
        stored = f"{run.rows_stored:,} rows, {run.values_stored:,} values{late}"
        name = f"{run.entity}/{run.project}/{run.run}"
        yield f"{name}: {stored}; delivery {run.delivery.verdict}"
    for project in audited.guidance.projects:
        name = f"{project.entity}/{project.project}"
        groups = [f"{group.key} ({group.amount:,})" for group in project.largest_groups[:_MOST]]
        if groups:
            yield f"{name}: most metrics begin with: {', '.join(groups)}"
        values = [f"{value.key} ({value.amount:,} B)" for value in project.largest_values[:_MOST]]
        if values:
            yield f"{name}: largest values: {', '.join(values)}"
    for site, count in list(audited.calls.items())[:_MOST]:
        yield f"{site}: {count:,} calls of log()"
