"""Which limit stood in the way, in words, and what could be done about it. Used by `verdict`."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mockwb.scenario.account_reader import Window
from mockwb.scenario.figures import REFUSED
from mockwb.scenario.kinds.public_api import PublicApiWorkload
from mockwb.scenario.kinds.sdk import SdkWorkload
from mockwb.scenario.logging_workload import LoggingWorkload
from mockwb.scenario.model import Scenario
from mockwb.scenario.tally import Tallies
from mockwb.scenario.workload import Workload
from mockwb.target import FROZEN, LIMITED, Surface
from mockwb.units import format_duration, format_size

_SHORT = 4 * LoggingWorkload.default_interval
"""Seconds of logging below which a run hardly does more than start and finish."""


@dataclass(frozen=True)
class Case:
    """One limit that refused requests of a scenario."""

    scenario: Scenario
    tallies: Tallies
    name: str
    """`scope.limit`."""
    project: str
    """The project that it hit hardest."""
    window: Window | None
    """The one that allows least in the long run; None if none was seen at work."""

    @property
    def workloads(self) -> list[Workload]:
        """Those that log to the project."""
        workloads: list[Workload] = list(self.scenario.workloads)
        return [w for w in workloads if self.project in map(str, w.project_paths)]

    @property
    def clients(self) -> int:
        """Clients of these workloads in the project."""
        return sum(self.clients_of(workload) for workload in self.workloads)

    @property
    def projects(self) -> int:
        """How many projects these workloads are split over already."""
        return max(len(workload.project_paths) for workload in self.workloads)

    def clients_of(self, workload: Workload) -> int:
        """Those of `workload` in the project, or one more."""
        return math.ceil(workload.count / len(workload.project_paths))

    @property
    def allowed(self) -> float:
        """What the window allows per second."""
        assert self.window is not None
        return self.window.amount / self.window.window_seconds


def hardest_hit(scenario: Scenario, tallies: Tallies, windows: Iterable[Window]) -> Case | None:
    """The limit that refused most; None if none refused anything."""
    refused = tallies.total.refused
    if not refused:
        return None
    name = max(refused, key=lambda limit: refused[limit])
    by_project: dict[str, float] = {}
    for workload in scenario.workloads:
        count = tallies.workloads[workload.name].refused.get(name, 0)
        projects = workload.project_paths
        for path in map(str, projects):
            by_project[path] = by_project.get(path, 0.0) + count / len(projects)
    project = max(by_project, key=lambda project: by_project[project])
    meant = [w for w in windows if w.name == name and _concerns(w, project)]
    window = min(meant, key=lambda w: w.amount / w.window_seconds, default=None)
    return Case(scenario, tallies, name, project, window)


def limit_text(case: Case) -> str:
    """The limit as a noun: how much per how long, and of what."""
    window, scope = case.window, case.name.partition(".")[0]
    if case.name == FROZEN:
        return "a freeze of the server"
    if window is None:
        of = f" of {case.project}" if scope == "project" else ""
        return f"the limit {case.name}{of}"
    amount = amount_text(window)
    owner = {
        "project": window.key,
        "run": f"each run of {case.project}",
        "user": f"user {window.key}",
        "ip": f"address {window.key} without a valid key",
    }[scope]
    return f"the limit of {amount} per {format_duration(window.window_seconds)} on {owner}"


def amount_text(window: Window) -> str:
    """What a window allows in its length, such as `60 requests` or `10MB`."""
    return _AMOUNTS[window.name](window.amount)


def refused_share(case: Case) -> str:
    """How much of what the limit applies to it refused, such as `25% of file_stream requests`."""
    total, surface = case.tallies.total, LIMITED.get(case.name)
    share = case.tallies.total.refused[case.name] / max(1, total.answered(surface))
    return f"{share:.0%} of {f'{surface} ' if surface else ''}requests"


def advice(case: Case) -> str:
    """How to stay below the limit; empty where nothing can be said."""
    if case.window is None:
        return ""
    if not case.window.amount:
        return "nothing passes a limit of 0: raise it"
    return _ADVICE[case.name](case)


def _concerns(window: Window, project: str) -> bool:
    """Whether a window is one that requests of `project` can run into."""
    if window.scope in ("project", "run"):
        return window.key == project or window.key.startswith(f"{project}/")
    return True


def _on_project_requests(case: Case) -> str:
    """The demand is that of the project's clients while logging."""
    workloads, clients, allowed = case.workloads, case.clients, case.allowed
    demand = sum(case.clients_of(w) * w.request_rate for w in workloads)
    if not all(w.request_rate for w in workloads if w.count):
        return "raise it, lengthen the transmit interval, or split the runs over more projects"
    together = math.ceil(clients / allowed)  # seconds in which every run may send one request
    if demand > allowed:
        # Every run sends its first request at once, whatever the interval.
        bursts = max(w.starting_seconds for w in workloads) < together
        slower = (
            f"raise the transmit interval to about {together} s"
            f"{' and spread the starts as far' * bursts}"
        )
        old = [w.version for w in workloads if isinstance(w, SdkWorkload) and w.is_legacy]
        if old:
            usual = format_duration(LoggingWorkload.default_interval)
            slower = f"upgrade wandb {old[0]}, as later releases ask every {usual}, or {slower}"
        return (
            f"{'1 run asks' if clients == 1 else f'{clients:,} runs ask'} {demand:.3g} times per "
            f"second{_busiest(case, demand)} where {allowed:.3g} may: {slower}"
            f"{_or_split(case, demand)}"
        )
    spread = together
    if all(w.logging_seconds - w.starting_seconds < _SHORT for w in workloads):
        # Short runs are all start and finish: then what they send in all has to fit.
        spread = max(together, _seconds_for_accepted(case, Surface.FILE_STREAM))
    return (
        "on average the runs stay below it, but they start or finish together: spread them over "
        f"{format_duration(spread)} or more"
    )


def _or_split(case: Case, demand: float) -> str:
    """Over how many projects the runs fit; nothing if they are too few for it."""
    projects = math.ceil(demand / case.allowed) * case.projects
    if projects > sum(workload.count for workload in case.workloads):
        return ""
    return f" or split the runs over {projects:,} projects"


def _busiest(case: Case, demand: float) -> str:
    """Who asks most, if several workloads share a project."""
    if len(case.workloads) < 2:
        return ""
    rates = {w.name: case.clients_of(w) * w.request_rate for w in case.workloads}
    name = max(rates, key=lambda name: rates[name])
    return f", {name} {rates[name] / demand:.0%} of them,"


def _on_project_bytes(case: Case) -> str:
    seen = [case.tallies.workloads[w.name] for w in case.workloads]
    stored = sum(tally.rows.stored for tally in seen)
    if not stored:
        return "not one row passed: raise it or send less at a time"
    # What is missing would have come at the size of what is there.
    sent = max(1.0, sum(tally.rows.sent for tally in seen) / stored)
    size = sent * sum(tally.bytes_streamed for tally in seen)
    logging = max(w.logging_seconds for w in case.workloads)
    demand, allowed = size / case.projects / max(logging, 1.0), case.allowed
    assert case.window is not None
    if logging < min(case.window.window_seconds, size / case.projects / allowed):
        return (
            f"{format_size(round(size / case.projects))} come within moments, and the limit lets "
            f"them through in {format_duration(math.ceil(size / case.projects / allowed))} at "
            "best: send one run after the other, or split the runs over more projects"
        )
    if demand > allowed:
        times = f"{demand / allowed:.2g}" if demand < 10 * allowed else f"{demand / allowed:,.0f}"
        return (
            f"the runs log {format_size(round(demand))} per second where "
            f"{format_size(round(allowed))} may: log {times} times less{_or_split(case, demand)}"
        )
    return (
        "on average the runs stay below it, but their requests come together: spread the starts "
        "or shorten the transmit interval, so that single requests are smaller"
    )


def _on_run_requests(case: Case) -> str:
    demand = max(w.request_rate for w in case.workloads)
    if demand > case.allowed:
        return (
            f"a run asks {demand:.3g} times per second where {case.allowed:.3g} may: raise the "
            f"transmit interval to about {math.ceil(1 / case.allowed)} s"
        )
    return (
        "on average a run stays below it, but the requests of its start and its end come close "
        "together: finish() waits for their turn"
    )


def _on_run_creations(case: Case) -> str:
    spread = math.ceil(case.clients / case.allowed)
    return (
        f"{case.clients:,} runs are created: spread the starts over {format_duration(spread)} or "
        "more, or resume runs instead of creating new ones"
    )


def _on_user_requests(case: Case) -> str:
    readers = [w for w in case.scenario.workloads if isinstance(w, PublicApiWorkload)]
    demand = sum(w.count / w.every for w in readers if w.every)
    if demand > case.allowed:
        pause = math.ceil(sum(w.count for w in readers) / case.allowed)
        return (
            f"{sum(w.count for w in readers):,} readers ask up to {demand:.3g} times per second "
            f"where {case.allowed:.3g} may: leave {pause} s or more between the pages of each, and "
            "give them a key of another user than the runs have"
        )
    spread = _seconds_for_accepted(case, Surface.GRAPHQL)
    return (
        f"all clients share this user: spread them over {format_duration(spread)} or more, or "
        "give them API keys of several users"
    )


def _on_ip_requests(_: Case) -> str:
    return "these requests carry no API key that the server takes: see to the key"


def _on_query_time(_: Case) -> str:
    return "ask for less at once (smaller pages, fewer runs), ask less often or spread the starts"


def _on_storage_requests(case: Case) -> str:
    spread = _seconds_for_accepted(case, Surface.STORAGE)
    return (
        f"save fewer and larger files, or spread the uploads over {format_duration(spread)} or more"
    )


def _on_storage_bytes(_: Case) -> str:
    return "save smaller files, save less often or spread the uploads"


def _seconds_for_accepted(case: Case, surface: Surface) -> int:
    """Whole seconds in which the limit lets through all that was accepted on `surface`."""
    if case.name.startswith("project."):
        tallies, places = [case.tallies.workloads[w.name] for w in case.workloads], case.projects
    else:
        tallies, places = [case.tallies.total], 1
    accepted = sum(t.answered(surface) - t.answered(surface, REFUSED) for t in tallies)
    return math.ceil(accepted / places / case.allowed)


_ADVICE: dict[str, Callable[[Case], str]] = {
    "project.requests": _on_project_requests,
    "project.bytes": _on_project_bytes,
    "run.requests": _on_run_requests,
    "project.run_creations": _on_run_creations,
    "project.query_time": _on_query_time,
    "user.requests": _on_user_requests,
    "ip.requests": _on_ip_requests,
    "project.storage_requests": _on_storage_requests,
    "project.storage_bytes": _on_storage_bytes,
}

_AMOUNTS: dict[str, Callable[[int], str]] = {
    "project.requests": lambda amount: f"{amount} requests",
    "project.bytes": format_size,
    "run.requests": lambda amount: f"{amount} request{'s' * (amount != 1)}",
    "project.run_creations": lambda amount: f"{amount} new runs",
    "project.query_time": lambda amount: f"{format_duration(amount / 1000)} of query time",
    "user.requests": lambda amount: f"{amount} GraphQL requests",
    "ip.requests": lambda amount: f"{amount} GraphQL requests",
    "project.storage_requests": lambda amount: f"{amount} file requests",
    "project.storage_bytes": lambda amount: f"{format_size(amount)} of files",
}
