"""Plays a scenario in virtual time, from its workloads to what came of it.

`mockwb simulate` and sweeps call it. The result is the `Run` that `mockwb run` has as well, so that
thresholds, tables and reports are the same for both.
"""

from random import Random

from mockwb.clock import VirtualClock
from mockwb.config.model import ServerConfig
from mockwb.gate.authentication import user_of_key
from mockwb.scenario.account_reader import Window
from mockwb.scenario.model import Scenario
from mockwb.scenario.place import WELL_FORMED_KEY
from mockwb.scenario.runner import Ending, Run
from mockwb.scenario.virtual_client import FINISH_GRACE_SECONDS
from mockwb.scenario.workload import Surroundings
from mockwb.simulate.client import SimulatedClient
from mockwb.simulate.draws import Durations
from mockwb.simulate.engine import Engine
from mockwb.simulate.served_run import ServedRun
from mockwb.simulate.server import SimulatedServer
from mockwb.target import Caller

URL = "simulated"
"""What reports have in place of a server's address."""
_LOOKS = 200
"""How often, over a scenario's time, it is noted which limits are at work."""
_ADDRESS = "127.0.0.1"


def simulate(scenario: Scenario, config: ServerConfig) -> Run:
    """Live all workloads to their end, or to the timeout.

    StartError for a workload that cannot be simulated. An interrupt (Ctrl-C) ends the simulation
    where it is; what came until then is told.
    """
    network = scenario.simulate
    clock = VirtualClock()
    random = Random(f"{scenario.seed}/network")
    server = SimulatedServer(config, clock, Durations(network.server_time, network.sigma, random))
    clients = _clients(scenario, clock, server)
    one_way = Durations(network.latency / 2, network.sigma, random)
    engine = Engine(clients, server, one_way, clock)
    watch = _Watch(engine, server, scenario.timeout / _LOOKS)
    ending: Ending = "done"
    try:
        if not engine.play(scenario.timeout):
            ending = "timeout"
            engine.stop()
            engine.play(scenario.timeout + FINISH_GRACE_SECONDS)
    except KeyboardInterrupt:
        ending = "interrupted"
    now = clock.now()
    watch.look()
    account = server.account(now, clock.wall() - now)
    return Run(
        ending,
        [client.client.result(now) for client in clients],
        account,
        watch.windows(),
        clock.wall() - now,
        now,
        [behaved for run in server.runs for behaved in run.behaved()],
    )


def _clients(
    scenario: Scenario, clock: VirtualClock, server: SimulatedServer
) -> list[SimulatedClient]:
    """Every client of every workload, in the order of the file."""
    keys = server.config.auth.keys
    key = keys[0].key if keys else WELL_FORMED_KEY
    user = (keys[0].user if keys else None) or user_of_key(key)
    caller = Caller(user, _ADDRESS)
    around = Surroundings(
        URL, key, clock, f"sim{scenario.seed}", scenario.seed, started_at=clock.wall()
    )
    clients = []
    for workload in scenario.workloads:
        for index in range(workload.count):
            client = workload.client(around, index)
            name = client.run.name
            served = ServedRun(name.entity or user, name.project, name.run, caller)
            server.runs.append(served)
            clients.append(
                SimulatedClient(client, served, workload.start_delay(index, around.seed))
            )
    return clients


class _Watch:
    """Looks now and then which limits are at work: their windows empty by themselves."""

    def __init__(self, engine: Engine, server: SimulatedServer, every: float) -> None:
        self._engine = engine
        self._server = server
        self._every = every
        self._seen: dict[tuple[str, str, float], Window] = {}
        engine.at(every, self._look_again, None)

    def look(self) -> None:
        """Note the windows that are in use."""
        for usage in self._server.limiter.usage():
            if not usage.used:
                continue
            window = Window(
                scope=usage.scope,
                key=usage.key,
                limit=usage.limit,
                amount=usage.amount,
                window_seconds=usage.window,
            )
            self._seen[window.name, window.key, window.window_seconds] = window

    def windows(self) -> list[Window]:
        """All that were seen."""
        return list(self._seen.values())

    def _look_again(self, _: object, now: float) -> None:
        self.look()
        self._engine.at(now + self._every, self._look_again, None)
