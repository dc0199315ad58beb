"""Events `restart` and `kill`: nobody listens for a while; then what was stored is there, or gone.

They need a server of the scenario's own: nobody kills somebody else's with `--url`.
"""

from mockwb.scenario.timeline.event import Event
from mockwb.units import Duration


class Restart(Event, frozen=True, kw_only=True, tag="restart"):
    """Break all connections and refuse new ones for a while; everything stored is kept.

    That is how a W&B server with its database behind it looks to clients while it restarts.
    """

    down: Duration = Duration(10)
    """How long nobody listens."""

    @property
    def text(self) -> str:
        """For how long."""
        return f"server restarts, down for {self.down}"


class Kill(Event, frozen=True, kw_only=True, tag="kill"):
    """As `restart`, but the server that comes back is new: mockwb keeps its world in memory.

    Runs, rows, limits' windows, changed limits and the account of all requests are lost.
    """

    down: Duration = Duration(10)
    """How long nobody listens."""

    @property
    def text(self) -> str:
        """For how long."""
        return f"server killed, down for {self.down}; all it stored is lost"
