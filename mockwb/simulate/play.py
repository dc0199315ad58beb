"""Plays a scenario in virtual time, from its workloads to what came of it.

`mockwb simulate` and sweeps call it. The result is the `Run` that `mockwb run` has as well, so that
thresholds, tables and reports are the same for both.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from mockwb.clock import VirtualClock
from mockwb.config.model import ServerConfig
from mockwb.gate.authentication import user_of_key
from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.early_end import EarlyEnd
from mockwb.scenario.kinds.sdk import SdkWorkload
from mockwb.scenario.kinds.sweep import SweepWorkload
from mockwb.scenario.model import Scenario
from mockwb.scenario.place import WELL_FORMED_KEY
from mockwb.scenario.public_client import PublicClient
from mockwb.scenario.runner import Ending, Run
from mockwb.scenario.virtual_client import FINISH_GRACE_SECONDS, VirtualClient
from mockwb.scenario.workload import Surroundings
from mockwb.simulate.client import SimulatedClient
from mockwb.simulate.draws import Durations
from mockwb.simulate.engine import Engine
from mockwb.simulate.guidance import MOST_ROWS
from mockwb.simulate.served_reader import ServedReader
from mockwb.simulate.served_run import ServedRun
from mockwb.simulate.server import SimulatedServer
from mockwb.simulate.sweeps import ServedSweep, Sweeps
from mockwb.simulate.timeline import SimulatedTimeline
from mockwb.simulate.watch import Onlooker, Watch
from mockwb.target import Caller

URL = "simulated"
"""What reports have in place of a server's address."""
_ADDRESS = "127.0.0.1"


def simulate(scenario: Scenario, config: ServerConfig, onlooker: Onlooker | None = None) -> Run:
    """Live all workloads to their end, to the timeout, or to a threshold that ends the scenario.

    StartError for a workload that cannot be simulated. An interrupt (Ctrl-C) ends the simulation
    where it is; what came until then is told. `onlooker` is shown samples meanwhile.
    """
    network, clock = scenario.simulate, VirtualClock()
    random = Random(f"{scenario.seed}/network")
    rows = sum(workload.rows_expected for workload in scenario.workloads)
    times = Durations(network.server_time, network.sigma, random)
    server = SimulatedServer(config, clock, times, watched=rows <= MOST_ROWS)
    prefix = f"sim{scenario.seed}"
    starts = Durations(network.sdk_start, network.sigma, random)
    around, caller = _surroundings(scenario, clock, prefix, config)
    sweeps = Sweeps(around, caller, server.runs)
    clients = _clients(scenario, server, around, caller, sweeps, starts)
    engine = Engine(clients, server, Durations(network.latency / 2, network.sigma, random), clock)
    sweeps.begin = engine.begin
    watch = Watch(engine, server, clients, EarlyEnd(scenario, prefix), onlooker)
    timeline = SimulatedTimeline(scenario.timeline, engine, server)
    ending: Ending = "done"
    with _rare_collections():
        try:
            if not engine.play(scenario.timeout):
                ending = "timeout" if watch.failed is None else "aborted"
                engine.stop()
                engine.play(clock.now() + FINISH_GRACE_SECONDS)
        except KeyboardInterrupt:
            ending = "interrupted"
    now = clock.now()
    watch.end(now)
    return Run(
        ending,
        _results(clients, now),
        server.account(now, engine.to_wall),
        watch.windows,
        engine.to_wall,
        now,
        server.behaved(),
        series=watch.samples,
        timeline=timeline.happened,
        aborted_by=None if watch.failed is None else str(watch.failed),
        guidance=server.findings(),
    )


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Nearly all objects of a simulation stay: looking through them often finds no garbage."""
    thresholds = gc.get_threshold()
    gc.set_threshold(100_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


def _surroundings(
    scenario: Scenario, clock: VirtualClock, prefix: str, config: ServerConfig
) -> tuple[Surroundings, Caller]:
    """What workloads are given, and who their clients are."""
    keys = config.auth.keys
    key = keys[0].key if keys else WELL_FORMED_KEY
    caller = Caller((keys[0].user if keys else None) or user_of_key(key), _ADDRESS)
    around = Surroundings(URL, key, clock, prefix, scenario.seed, started_at=clock.wall())
    return around, caller


def _results(clients: list[SimulatedClient], now: float) -> list[ClientResult]:
    """Of all clients; its runs speak for a sweep, unless who made it or an agent gave up."""
    results = ((client, client.client.result(now)) for client in clients)
    return [
        result
        for client, result in results
        if not isinstance(client.served, ServedSweep) or result.error is not None
    ]


def _clients(
    scenario: Scenario,
    server: SimulatedServer,
    around: Surroundings,
    caller: Caller,
    sweeps: Sweeps,
    starts: Durations,
) -> list[SimulatedClient]:
    """Every client of every workload, in the order of the file."""
    clients = []
    for workload in scenario.workloads:
        if isinstance(workload, SweepWorkload):
            clients += sweeps.clients(workload)
            continue
        for index in range(workload.count):
            client = workload.client(around, index)
            served = _served(client, caller, server)
            delay = workload.start_delay(index, around.seed)
            if isinstance(workload, SdkWorkload):
                delay += starts.draw()
            clients.append(SimulatedClient(client, served, delay))
    return clients


def _served(
    client: VirtualClient | PublicClient, caller: Caller, server: SimulatedServer
) -> ServedRun | ServedReader:
    """The server's side of a client."""
    if isinstance(client, PublicClient):
        return ServedReader(client.path.entity, client.path.project, caller, server.runs)
    name = client.run.name
    run = ServedRun(name.entity or caller.user or "", name.project, name.run, caller)
    server.runs.append(run)
    return run
