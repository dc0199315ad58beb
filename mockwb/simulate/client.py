"""One client of a simulation: the modelled run, its server side, and when it has to be woken."""

from mockwb.scenario.agent_client import AgentClient
from mockwb.scenario.public_client import PublicClient
from mockwb.scenario.virtual_client import VirtualClient
from mockwb.sdkmodel.public_script import PublicScript
from mockwb.sdkmodel.run import VirtualRun
from mockwb.sdkmodel.sweep_agent import SweepAgent
from mockwb.simulate.served_api import ServedApi
from mockwb.simulate.served_run import ServedRun


def _speaker(
    client: VirtualClient | PublicClient | AgentClient,
) -> VirtualRun | PublicScript | SweepAgent:
    if isinstance(client, VirtualClient):
        return client.run
    return client.script if isinstance(client, PublicClient) else client.agent


class SimulatedClient:
    """What `engine` keeps for each client."""

    __slots__ = (
        "by_events",
        "client",
        "done_at",
        "flights",
        "run",
        "served",
        "started",
        "starts_at",
        "wakes",
    )

    def __init__(
        self,
        client: VirtualClient | PublicClient | AgentClient,
        served: ServedRun | ServedApi,
        starts_at: float,
    ) -> None:
        """Start `client` at `starts_at` seconds of the simulation."""
        self.client = client
        self.run = _speaker(client)
        """Of the client, what takes in answers."""
        self.served = served
        self.starts_at = starts_at
        self.started = False
        self.flights = 0
        """Its requests under way."""
        self.by_events = not isinstance(client, VirtualClient)
        """Whether other clients may look at it at any time."""
        self.done_at: float | None = None
        self.wakes: list[float] = []
        """When it will be woken, the soonest last: each is an event of its own."""
