"""How fast scenarios are simulated: `python -m tests.benchmarks.simulate --clients 10000`.

Clients log a row per second for as long as asked, with the SDK's own settings. They run on one
core, in a process of their own, whose CPU time and peak memory are the figures. W&B's guidance,
which takes time for every row, is not watched, as in all simulations of more than a million rows.
"""

import gc
import resource
import sys
import time
from dataclasses import dataclass

import click

from mockwb.config.load import load_config
from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.scenario.model import Scenario
from mockwb.scenario.ramp import Ramp
from mockwb.scenario.workload import ProjectPath
from mockwb.simulate.play import simulate
from mockwb.units import Duration


@dataclass(frozen=True)
class Figures:
    """What one simulation took."""

    requests: int
    refused: int
    rows: int
    seconds: float
    """CPU time."""
    peak: int
    """Bytes of memory, of the whole process so far."""

    @property
    def each(self) -> float:
        """Seconds per request."""
        return self.seconds / self.requests


def scenario(clients: int, seconds: float, projects: int) -> Scenario:
    """Clients that start within a minute and log a row per second, spread over projects."""
    return Scenario(
        name="speed",
        timeout=Duration(seconds),
        workloads=[
            VirtualWorkload(
                name="fleet",
                project=ProjectPath("team", "speed"),
                projects=projects,
                count=clients,
                rows=max(1, int(seconds * 0.98)),
                metrics=10,
                ramp=Ramp.over(min(60, seconds / 10)),
            )
        ],
    )


def measure(clients: int, seconds: float, plan: str, projects: int) -> Figures:
    """Simulate in this process; garbage of what came before is collected first."""
    load = scenario(clients, seconds, projects)
    config = load_config(plan=plan, overlay={"guidance": {"enabled": False}})
    gc.collect()
    began = time.process_time()
    run = simulate(load, config)
    took = time.process_time() - began
    statuses = [status for one in run.account.runs for status in one.requests.values()]
    statuses += run.account.other_requests.values()
    scale = 1 if sys.platform == "darwin" else 1024
    return Figures(
        requests=sum(sum(by_status.values()) for by_status in statuses),
        refused=sum(by_status.get("429", 0) for by_status in statuses),
        rows=sum(one.rows_stored for one in run.account.runs),
        seconds=took,
        peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale,
    )


@click.command()
@click.option("--clients", default=1000, show_default=True, help="Virtual clients.")
@click.option("--seconds", default=3600.0, show_default=True, help="Virtual time of logging.")
@click.option("--plan", default="unlimited", show_default=True, help="Limits in force.")
@click.option("--projects", default=1, show_default=True, help="The clients are spread over.")
def main(clients: int, seconds: float, plan: str, projects: int) -> None:
    """Print what a simulation of that size takes."""
    figures = measure(clients, seconds, plan, projects)
    click.echo(
        f"{clients:,} clients for {seconds:,.0f} s, plan {plan}, {projects} projects: "
        f"{figures.requests:,} requests ({figures.refused:,} refused), {figures.rows:,} rows in "
        f"{figures.seconds:.1f} s of CPU: {1 / figures.each:,.0f} requests/s, "
        f"{figures.each * 1e6:.1f} us each; peak {figures.peak / 1e6:,.0f} MB"
    )


if __name__ == "__main__":
    main()
