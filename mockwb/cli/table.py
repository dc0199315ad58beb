"""Tables on standard output: drawn for a terminal, plain aligned columns for a pipe or a file."""

import sys
from collections.abc import Collection, Sequence
from typing import Literal

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[str] = ()
) -> None:
    """Print `rows` under `columns`, of which those named in `right` are numbers."""
    to_the_right = [name in right for name in columns]
    if sys.stdout.isatty():
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
        for name, right_side in zip(columns, to_the_right, strict=True):
            justify: Literal["left", "right"] = "right" if right_side else "left"
            table.add_column(name, justify=justify, no_wrap=right_side, overflow="fold")
        for row in rows:
            table.add_row(*map(Text, row))
        Console(highlight=False).print(table)
        return
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    for row in [columns, *rows]:
        cells = [
            cell.rjust(width) if right_side else cell.ljust(width)
            for cell, width, right_side in zip(row, widths, to_the_right, strict=True)
        ]
        click.echo("  ".join(cells).rstrip())
