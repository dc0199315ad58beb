"""What a decision costs: `python -m tests.benchmarks.limiter_cost`.

Processor time of `Limiter.admit`, and its ratio to a dict look-up and counter increment in the same
run: microseconds depend on the machine, ratios hardly.
"""

from collections.abc import Callable
from time import process_time

import click
from rich.console import Console
from rich.table import Table

from mockwb.clock import RealClock
from mockwb.limits.limiter import Limiter
from mockwb.limits.rules import LimitRules
from mockwb.target import Caller, Cost, Surface, Target
from mockwb.yaml_file import convert

CASES: dict[str, dict[str, object]] = {
    "one window": {"project": {"requests": "60000/1m"}},
    "one window, full": {"project": {"requests": "60/1h"}},
    "four windows": {
        "project": {"requests": ["1000000/1s", "60000000/1m"], "bytes": ["100GB/1s", "1000GB/1m"]}
    },
    "four windows, full": {
        "project": {"requests": ["60/1h", "600/2h"], "bytes": ["1GB/1h", "10GB/2h"]}
    },
    "four windows, two scopes": {
        "project": {"requests": "1000000/1s", "bytes": ["100GB/1s", "1000GB/1m"]},
        "run": {"requests": "1000000/1s"},
    },
}
_KEYS = [f"team/project{number}" for number in range(500)]


def cost_of(work: Callable[[int], None], rounds: int, count: int = 20_000) -> float:
    """Seconds per turn of `work` in the best round; the others were disturbed."""
    took = []
    for _ in range(rounds):
        began = process_time()
        work(count)
        took.append(process_time() - began)
    return min(took) / count


def counting(count: int) -> None:
    """A dict look-up and a counter increment, so often."""
    counters = dict.fromkeys(_KEYS, 0)
    for _ in range(count // len(_KEYS)):
        for key in _KEYS:
            counters[key] += 1


def deciding(case: str) -> Callable[[int], None]:
    """Decisions under the limits of `case`."""
    limiter = Limiter(convert(CASES[case], LimitRules), RealClock())
    target = Target(Surface.FILE_STREAM, "team", "vision", "run1")
    caller, cost = Caller("someone"), Cost(1, 2000)

    def decide(count: int) -> None:
        admit = limiter.admit
        for _ in range(count):
            admit(target, caller, cost)

    return decide


@click.command()
@click.option("--rounds", default=9, show_default=True, help="The best counts.")
def main(rounds: int) -> None:
    """Measure every case and print a table."""
    unit = cost_of(counting, rounds)
    table = Table(title=f"a decision; look-up and increment: {unit * 1e9:.0f} ns")
    for column in ("limits", "microseconds", "ratio"):
        table.add_column(column, justify="left" if column == "limits" else "right")
    for case in CASES:
        seconds = cost_of(deciding(case), rounds)
        table.add_row(case, f"{seconds * 1e6:.2f}", f"{seconds / unit:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
