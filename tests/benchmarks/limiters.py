"""mockwb's limits against two other libraries': `python -m tests.benchmarks.limiters`.

Same traffic in one run, in virtual time. Decisions per second of processor time depend on the
machine; the ratios are the figures.
"""

import click
from rich.console import Console
from rich.table import Table

from tests.benchmarks.contestants import BARE, WITH_FIGURES, Contestant
from tests.benchmarks.limiter_cells import CELLS, Cell, Pace, bytes_per_key, race

_TITLES = {
    BARE: "may it pass: decisions per second",
    WITH_FIGURES: "with what is left and until when: decisions per second",
}


@click.command()
@click.option("--rounds", default=5, show_default=True, help="The best counts.")
@click.option("--seconds", default=0.25, show_default=True, help="Per limiter, cell and round.")
def main(rounds: int, seconds: float) -> None:
    """Measure every cell and print the tables."""
    console = Console()
    # A log file has no width of its own; the table should not suffer for that.
    console.width = max(console.width, 120)
    for contestants, title in _TITLES.items():
        table = table_of(title, contestants)
        for cell in CELLS:
            table.add_row(*row_of(cell, race(cell, contestants, rounds, seconds)))
        console.print(table)
    console.print(memory_table())


def table_of(title: str, contestants: tuple[type[Contestant], ...]) -> Table:
    """Without rows yet."""
    table = Table(title=title)
    ours, *others = (contestant.name for contestant in contestants)
    for column in ("limit", "window"):
        table.add_column(column, no_wrap=True)
    for column in (ours, *others, *(f"{ours} / {other}" for other in others), "admitted"):
        table.add_column(column, justify="right", no_wrap=True)
    return table


def row_of(cell: Cell, paces: list[Pace]) -> list[str]:
    """The figures of one cell; ratios are how many times faster mockwb is."""
    ours, *others = paces
    return [
        cell.name,
        cell.fill,
        *(f"{pace.per_second:,.0f}" for pace in paces),
        *(f"{ours.per_second / other.per_second:,.1f}" for other in others),
        ", ".join(f"{pace.share_admitted:.0%}" for pace in paces),
    ]


def memory_table() -> Table:
    """Bytes per key of full windows."""
    table = Table(title="bytes per key, window full")
    table.add_column("limit")
    for contestant in BARE:
        table.add_column(contestant.name, justify="right")
    for cell in CELLS:
        if cell.load > 1:
            weights = (bytes_per_key(cell, contestant) for contestant in BARE)
            table.add_row(cell.name, *(f"{weight:,.0f}" for weight in weights))
    return table


if __name__ == "__main__":
    main()
