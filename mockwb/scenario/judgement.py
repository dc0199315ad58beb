"""Turns what came of a scenario into the account, the thresholds' outcomes and the exit code."""

from dataclasses import dataclass

from mockwb.scenario.exit_code import ExitCode
from mockwb.scenario.model import Scenario
from mockwb.scenario.runner import Run
from mockwb.scenario.tally import Tallies, tally
from mockwb.scenario.thresholds import Outcome
from mockwb.scenario.verdict import verdict


@dataclass(frozen=True)
class Judgement:
    """A run, judged."""

    tallies: Tallies
    outcomes: list[Outcome]
    """One per threshold, in the scenario's order."""
    verdict: str
    """One line."""
    exit_code: ExitCode


def judge(scenario: Scenario, run: Run) -> Judgement:
    """Count, compare, conclude."""
    names = [workload.name for workload in scenario.workloads]
    tallies = tally(names, run.clients, run.account, run.behaved, run.guidance, run.content)
    outcomes = [threshold.judge(tallies) for threshold in scenario.thresholds]
    if run.ending == "interrupted":
        code = ExitCode.INTERRUPTED
    else:
        complete = run.ending not in ("aborted", "broken")
        held = complete and all(outcome.holds for outcome in outcomes)
        code = ExitCode.HELD if held else ExitCode.FAILED
    return Judgement(tallies, outcomes, verdict(scenario, run, tallies), code)
