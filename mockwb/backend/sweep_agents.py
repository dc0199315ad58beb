"""Agents of sweeps: who asked for runs, and when they were last heard of."""

import msgspec

from mockwb.backend.errors import NotFoundError
from mockwb.backend.node_ids import node_id, node_parts
from mockwb.backend.store import Store
from mockwb.backend.sweep import Sweep, SweepKey
from mockwb.backend.sweep_upsert import short_id
from mockwb.clock import Clock


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """One agent: a process that carries out runs of one sweep."""

    sweep: SweepKey
    name: str
    """Short id."""
    user: str
    """User name of the API key that it came with; its runs are theirs."""
    host: str
    created_at: float
    """Seconds since the Unix epoch, like the other instant."""
    heartbeat_at: float
    live: tuple[str, ...] = ()
    """Runs that it said are under way."""
    metrics: str = "{}"
    """JSON text, as it sent them."""
    dismissed: bool = False
    """Whether it was told to exit."""

    @property
    def id(self) -> str:
        """Opaque id."""
        return node_id("Agent", "v1", self.name, self.sweep.name, *self.sweep[1::-1])

    def state_at(self, now: float, crash_after: float) -> str:
        """RUNNING, FINISHED or CRASHED, at `now` (seconds since the Unix epoch)."""
        if self.dismissed:
            return "FINISHED"
        return "CRASHED" if now - self.heartbeat_at > crash_after else "RUNNING"


class SweepAgents:
    """All agents of one server."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Keep them in `store`."""
        self._store = store
        self._clock = clock

    async def register(self, user: str, sweep: Sweep, host: str) -> Agent:
        """A new agent; one that joins an ended sweep is sent home by its first heartbeat."""
        number = await self._store.next_number(f"sweep-agent/{'/'.join(sweep.key)}")
        now = self._clock.wall()
        agent = Agent(
            sweep=sweep.key,
            name=short_id("agent", *sweep.key, number),
            user=user,
            host=host,
            created_at=now,
            heartbeat_at=now,
        )
        await self.put(agent)
        return agent

    async def put(self, agent: Agent) -> None:
        """Store a new or changed agent."""
        await self._store.put(_table(agent.sweep), agent.name, agent)

    async def get(self, text: str) -> Agent:
        """The agent with this id; NotFoundError without it."""
        place = place_of_agent(text)
        agent = None if place is None else await self.find(place[0], place[1])
        if agent is None:
            raise NotFoundError(f"could not find agent {text}")
        return agent

    async def find(self, sweep: SweepKey, text: str) -> Agent | None:
        """An agent of a sweep by id or name; None without it."""
        place = place_of_agent(text)
        name = place[1] if place is not None else text
        agent: Agent | None = await self._store.get(_table(sweep), name)
        return agent

    async def of_sweep(self, sweep: SweepKey) -> list[Agent]:
        """The agents of a sweep, oldest first."""
        return await self._store.records(_table(sweep))


def place_of_agent(text: str) -> tuple[SweepKey, str] | None:
    """The sweep and the name behind an agent's id; None if it is none."""
    parts = node_parts("Agent", text)
    if parts is None or len(parts) != 5:
        return None
    _version, name, sweep, project, entity = parts
    return SweepKey(entity, project, sweep), name


def _table(key: SweepKey) -> str:
    return f"sweep-agent/{'/'.join(key)}"
