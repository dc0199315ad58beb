"""One line that a person can act on, worked out from the figures of an account."""

from mockwb.scenario.figures import quantile
from mockwb.scenario.limit_advice import advice, hardest_hit, limit_text, refused_share
from mockwb.scenario.model import Scenario
from mockwb.scenario.runner import Run
from mockwb.scenario.tally import Tallies, Tally
from mockwb.target import LIMITED, Surface
from mockwb.units import format_duration


def verdict(scenario: Scenario, run: Run, tallies: Tallies) -> str:
    """What was delivered, what the limits did to it, and what to change."""
    parts = [*_ending(scenario, run), _delivery(tallies.total), *_failures(tallies.total)]
    parts.extend(_too_large(tallies.total))
    parts.extend(_limits(scenario, run, tallies))
    return "; ".join(parts)


def _ending(scenario: Scenario, run: Run) -> list[str]:
    if run.ending == "timeout":
        return [f"gave up after {scenario.timeout}"]
    if run.aborted_by is not None:
        return [f"ended after {_seconds(run.seconds)}, as {run.aborted_by} failed"]
    return ["interrupted"] if run.ending == "interrupted" else []


def _delivery(total: Tally) -> str:
    rows = total.rows
    if not rows.sent:
        return "no row was logged"
    if rows.missing:
        return f"{rows.missing:,} of {rows.sent:,} rows are missing"
    if total.content_different:
        return (
            f"{total.content_different:,} of {total.content_compared:,} runs that were compared "
            "row by row are not stored as they were logged"
        )
    if rows.duplicated or total.rows_changed:
        twice = rows.duplicated + total.rows_changed
        return f"all {rows.sent:,} rows delivered, but {twice:,} more than once or changed"
    return f"all {rows.sent:,} rows delivered"


def _failures(total: Tally) -> list[str]:
    if not total.clients_failed:
        return []
    reason = f" (first: {total.errors[0]})" if total.errors else ""
    return [f"{total.clients_failed:,} of {total.clients:,} clients failed{reason}"]


def _limits(scenario: Scenario, run: Run, tallies: Tallies) -> list[str]:
    """What was refused, and the advice against it."""
    case = hardest_hit(scenario, tallies, run.windows)
    if case is None:
        return [] if _too_large(tallies.total) else [_headroom(tallies.total)]
    text = f"{limit_text(case)} refused {refused_share(case)}"
    text += _effect(case.name, tallies.total)
    advised = advice(case)
    return [f"{text}: {advised}" if advised else text]


def _too_large(total: Tally) -> list[str]:
    count = total.answered(Surface.FILE_STREAM.value, "413")
    if not count:
        return []
    return [
        f"file_stream requests larger than the server takes (answered 413): {count:,}; raise the "
        "limit, or shorten the transmit interval, so that single requests are smaller"
    ]


def _headroom(total: Tally) -> str:
    if total.lowest_remaining is None:
        return "no limit applied"
    used = 1 - total.lowest_remaining / 1000
    return f"nothing was refused: at most {used:.0%} of the tightest limit was in use"


def _effect(limit: str, total: Tally) -> str:
    """What it cost in time; runs are held back by refusals on file_stream alone."""
    effects = []
    if LIMITED.get(limit, Surface.FILE_STREAM) is Surface.FILE_STREAM:
        waited = quantile(total.throttled_seconds, 1) or 0.0
        effects.append(f"held single runs back for up to {_seconds(waited)}")
    finish = quantile(total.finish_seconds, 1)
    if finish is not None:
        let = "let finish() take" if effects else "finish() took"
        effects.append(f"{let} up to {_seconds(finish)}")
    return ", " + " and ".join(effects) if effects else ""


def _seconds(seconds: float) -> str:
    return format_duration(round(seconds, 1) if seconds < 10 else round(seconds))
