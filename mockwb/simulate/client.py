"""One client of a simulation: the modelled run, its server side, and when it has to be woken."""

from mockwb.scenario.public_client import PublicClient
from mockwb.scenario.virtual_client import VirtualClient
from mockwb.simulate.served_reader import ServedReader
from mockwb.simulate.served_run import ServedRun


class SimulatedClient:
    """What `engine` keeps for each client."""

    __slots__ = ("client", "done_at", "run", "served", "started", "starts_at", "wakes")

    def __init__(
        self,
        client: VirtualClient | PublicClient,
        served: ServedRun | ServedReader,
        starts_at: float,
    ) -> None:
        """Start `client` at `starts_at` seconds of the simulation."""
        self.client = client
        self.run = client.run if isinstance(client, VirtualClient) else client.script
        """Of the client, what takes in answers."""
        self.served = served
        self.starts_at = starts_at
        self.started = False
        self.done_at: float | None = None
        self.wakes: list[float] = []
        """When it will be woken, the soonest last: each is an event of its own."""
