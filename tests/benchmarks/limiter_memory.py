"""Memory of many active keys, all full: `python -m tests.benchmarks.limiter_memory`.

Each case is measured in a process of its own: what the process grows by, not what Python counts.
"""

import gc
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from mockwb.clock import VirtualClock
from mockwb.limits.limiter import Limiter
from mockwb.limits.rules import LimitRules
from mockwb.limits.windows.window import Window
from mockwb.target import Caller, Cost, Surface, Target
from mockwb.yaml_file import convert

KEYS = 50_000
CASES = (["60000/1m"], ["500/1s"], ["60000/1m", "500/1s"])
"""`project.requests`; the last fills each window more than the two would let through together."""
_START = 1_000_000.0
_ENTRIES = 1000
"""Into so many a window divides its limit: one charge for each is the same to it as all of them."""


@dataclass(frozen=True)
class Growth:
    """What a Limiter takes when all of `keys` are full."""

    keys: int
    resident: int
    """Bytes by which the process grew."""

    @property
    def per_key(self) -> float:
        return self.resident / self.keys


def growth_in_own_process(rates: list[str], keys: int) -> Growth:
    """`growth` without what this process has allocated and freed before."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=spawn) as pool:
        return pool.submit(growth, rates, keys).result()


def growth(rates: list[str], keys: int) -> Growth:
    """Fill every window of so many projects, and see that each refuses.

    RuntimeError if one does not.
    """
    clock = VirtualClock(_START)
    limiter = Limiter(convert({"project": {"requests": rates}}, LimitRules), clock)
    caller, one = Caller("someone"), Cost(1)
    gc.collect()
    before = _resident()
    for number in range(keys):
        limiter.admit(_target(number), caller, one)
    # Asking the limiter for every request would take minutes; the windows are those it asks.
    for quota in limiter._quotas.all():
        _fill(quota.window)
    clock.set(_START + min(quota.window.length for quota in limiter._quotas.all()) / 2)
    for number in range(keys):
        decision = limiter.admit(_target(number), caller, one)
        if decision is None or decision.admitted:
            raise RuntimeError(f"project {number} is not full: {decision}")
    gc.collect()
    return Growth(keys, _resident() - before)


def _fill(window: Window) -> None:
    """Charge the limit at even intervals until nothing is left of it, in half the length."""
    cost = max(1, window.limit // _ENTRIES)
    step = window.length / 2 / _ENTRIES
    now = _START
    while window.take(now, cost):
        now += step
    window.take(now, window.limit - window.used)


def _target(number: int) -> Target:
    return Target(Surface.FILE_STREAM, "team", f"project-{number}", "run")


def _resident() -> int:
    """Bytes of memory that the process occupies."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def table_of(growths: dict[str, Growth]) -> Table:
    """One row per case."""
    table = Table(title="resident memory, all keys full")
    for column in ("project.requests", "keys", "MB", "bytes per key"):
        table.add_column(column, justify="left" if column == "project.requests" else "right")
    for name, grown in growths.items():
        row = (f"{grown.keys:,}", f"{grown.resident / 1e6:,.0f}", f"{grown.per_key:,.0f}")
        table.add_row(name, *row)
    return table


@click.command()
@click.option("--keys", default=KEYS, show_default=True)
def main(keys: int) -> None:
    """Measure each case and print the table."""
    growths = {", ".join(rates): growth_in_own_process(rates, keys) for rates in CASES}
    Console().print(table_of(growths))


if __name__ == "__main__":
    main()
