"""One line that a person can act on, worked out from the figures of an account."""

import math

from mockwb.scenario.account_reader import Window
from mockwb.scenario.figures import REFUSED, quantile
from mockwb.scenario.model import Scenario
from mockwb.scenario.runner import Run
from mockwb.scenario.tally import Tallies, Tally
from mockwb.target import Surface
from mockwb.units import format_duration, format_size


def verdict(scenario: Scenario, run: Run, tallies: Tallies) -> str:
    """What was delivered, what the limits did to it, and what to change."""
    parts = [*_ending(scenario, run), _delivery(tallies.total), *_failures(tallies.total)]
    parts.extend(_too_large(tallies.total))
    parts.extend(_limits(scenario, run, tallies))
    return "; ".join(parts)


def _ending(scenario: Scenario, run: Run) -> list[str]:
    if run.ending == "timeout":
        return [f"gave up after {scenario.timeout}"]
    return ["interrupted"] if run.ending == "interrupted" else []


def _delivery(total: Tally) -> str:
    rows = total.rows
    if not rows.sent:
        return "no row was logged"
    if rows.missing:
        return f"{rows.missing:,} of {rows.sent:,} rows are missing"
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
    refused = tallies.total.refused
    if not refused:
        return [] if _too_large(tallies.total) else [_headroom(tallies.total)]
    name = max(refused, key=lambda limit: refused[limit])
    project = _hardest_hit(scenario, tallies, name)
    window = next((w for w in run.windows if (w.name, w.key) == (name, project)), None)
    text = f"{_limit_text(name, project, window)} {_effect(tallies.total)}"
    advice = _advice(scenario, tallies, project, window) if window else ""
    return [f"{text}: {advice}" if advice else text]


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


def _hardest_hit(scenario: Scenario, tallies: Tallies, name: str) -> str:
    """The project with the most refusals by limit `name`."""
    by_project: dict[str, int] = {}
    for workload in scenario.workloads:
        count = tallies.workloads[workload.name].refused.get(name, 0)
        by_project[str(workload.project)] = by_project.get(str(workload.project), 0) + count
    return max(by_project, key=lambda project: by_project[project])


def _limit_text(name: str, project: str, window: Window | None) -> str:
    if window is None:
        return f"the limit {name} of {project}"
    amount = format_size(window.amount) if window.limit == "bytes" else f"{window.amount}"
    return f"the limit of {amount}{'' if window.limit == 'bytes' else ' requests'} per " + (
        f"{format_duration(window.window_seconds)} on {project}"
    )


def _effect(total: Tally) -> str:
    stream = Surface.FILE_STREAM.value
    share = total.answered(stream, REFUSED) / max(1, total.answered(stream))
    text = f"refused {share:.0%} of file_stream requests"
    waited = quantile(total.throttled_seconds, 1) or 0.0
    finish = quantile(total.finish_seconds, 1)
    text += f", held single runs back for up to {_seconds(waited)}"
    return text if finish is None else f"{text} and let finish() take up to {_seconds(finish)}"


def _advice(scenario: Scenario, tallies: Tallies, project: str, window: Window) -> str:
    """How to stay below the limit; the demand is that of the project's clients while logging."""
    if not window.amount:
        return "nothing passes a limit of 0: raise it"
    if window.limit == "bytes":
        return _advice_on_bytes(scenario, tallies, project, window)
    workloads = [w for w in scenario.workloads if str(w.project) == project]
    clients = sum(w.count for w in workloads)
    allowed = window.amount / window.window_seconds
    demand = sum(w.count / max(w.transmit_interval, w.every) for w in workloads)
    together = math.ceil(clients / allowed)  # seconds in which every run may send one request
    if demand > allowed:
        # Every run sends its first request at once, whatever the interval.
        bursts = max(w.start_spread for w in workloads) < together
        return (
            f"{clients:,} runs ask {demand:.3g} times per second where {allowed:.3g} may: raise "
            f"the transmit interval to about {together} s{' and spread the starts as far' * bursts}"
            f" or split the runs over {math.ceil(demand / allowed)} projects"
        )
    stream = Surface.FILE_STREAM.value
    accepted = sum(
        tallies.workloads[w.name].answered(stream)
        - tallies.workloads[w.name].answered(stream, REFUSED)
        for w in workloads
    )
    # Short runs are all start and finish: then what they send in all has to fit.
    spread = max(together, math.ceil(accepted / allowed))
    return (
        f"on average the runs stay below it, but they start or finish together: spread them over "
        f"{format_duration(spread)} or more"
    )


def _advice_on_bytes(scenario: Scenario, tallies: Tallies, project: str, window: Window) -> str:
    workloads = [w for w in scenario.workloads if str(w.project) == project]
    seen = [tallies.workloads[w.name] for w in workloads]
    stored = sum(tally.rows.stored for tally in seen)
    if not stored:
        return "not one row passed: raise it or send less at a time"
    # What is missing would have come at the size of what is there.
    sent = max(1.0, sum(tally.rows.sent for tally in seen) / stored)
    size = sent * sum(tally.bytes_streamed for tally in seen)
    logging = max(w.start_spread + w.rows * w.every for w in workloads)
    allowed = window.amount / window.window_seconds
    demand = size / max(logging, 1.0)
    if demand > allowed:
        times = f"{demand / allowed:.2g}" if demand < 10 * allowed else f"{demand / allowed:,.0f}"
        return (
            f"the runs log {format_size(round(demand))} per second where "
            f"{format_size(round(allowed))} may: log {times} times less or split "
            f"the runs over {math.ceil(demand / allowed):,} projects"
        )
    return (
        "on average the runs stay below it, but their requests come together: spread the starts "
        "or shorten the transmit interval, so that single requests are smaller"
    )


def _seconds(seconds: float) -> str:
    return format_duration(round(seconds, 1) if seconds < 10 else round(seconds))
