"""How close mockwb's file_stream comes to the floor: `python -m tests.benchmarks.file_stream`.

Absolute figures depend on the machine and on what else it does; the ratio is the figure.
"""

import click
from rich.console import Console
from rich.table import Table

from tests.benchmarks.cases import CASES
from tests.benchmarks.comparison import Comparison, Effort, compare


@click.command()
@click.option("--rounds", default=Effort.rounds, show_default=True)
@click.option("--seconds", default=Effort.seconds, show_default=True, help="Per server and round.")
@click.option("--connections", default=Effort.connections, show_default=True)
@click.option("--runs", default=Effort.runs, show_default=True)
@click.option("--case", "only", type=click.Choice([case.name for case in CASES]))
def main(rounds: int, seconds: float, connections: int, runs: int, only: str | None) -> None:
    """Measure each case and print the table."""
    effort = Effort(rounds, seconds, connections, runs)
    cases = [case for case in CASES if only in (None, case.name)]
    console = Console()
    # A log file has no width of its own; the table should not suffer for that.
    console.width = max(console.width, 120)
    console.print(table_of([compare(case, effort) for case in cases]))


def table_of(comparisons: list[Comparison]) -> Table:
    """One row per case: medians over the rounds."""
    table = Table(title="file_stream: mockwb against the floor")
    for column in ("case", "floor req/s", "mockwb req/s", "ratio", "cpu ratio"):
        table.add_column(column, justify="left" if column == "case" else "right", no_wrap=True)
    for column in ("floor p99 ms", "mockwb p99 ms", "driver busy"):
        table.add_column(column, justify="right", no_wrap=True)
    for comparison in comparisons:
        rates = comparison.median_of(lambda one: one.requests_per_second)
        tails = comparison.median_of(lambda one: one.p99)
        busy = max(comparison.median_of(lambda one: one.driver_busy))
        cpu_ratio = comparison.cpu_ratio
        table.add_row(
            comparison.case,
            *(f"{rate:,.0f}" for rate in rates),
            f"{comparison.ratio:.2f}",
            "" if cpu_ratio is None else f"{cpu_ratio:.2f}",
            *(f"{tail * 1000:.2f}" for tail in tails),
            f"{busy:.0%}",
        )
    return table


if __name__ == "__main__":
    main()
