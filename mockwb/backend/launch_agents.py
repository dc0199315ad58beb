"""Launch agents: processes that take runs out of queues and start them."""

from enum import StrEnum
from typing import Any

import msgspec

from mockwb.backend.display_names import display_name
from mockwb.backend.errors import InvalidError, NotFoundError
from mockwb.backend.node_ids import node_id
from mockwb.backend.store import Store
from mockwb.clock import Clock

_TABLE = "launch-agent"


class AgentStatus(StrEnum):
    """What an agent says it does, as W&B spells it."""

    POLLING = "POLLING"
    RUNNING = "RUNNING"
    KILLED = "KILLED"


class LaunchAgent(msgspec.Struct, frozen=True, kw_only=True):
    """One agent."""

    number: int
    name: str
    """The id of its own run in the queues' project, too."""
    entity: str
    project: str
    """Of its queues."""
    run_queues: list[str]
    """Ids of the queues it polls."""
    hostname: str
    agent_config: str | None = None
    """JSON text."""
    version: str | None = None
    agent_status: AgentStatus = AgentStatus.POLLING
    stop_polling: bool = False
    """Whether it shall shut down; it looks with each poll."""
    created_at: float
    heartbeat_at: float
    """Seconds since the Unix epoch: when it last asked for work or told its status."""

    @property
    def id(self) -> str:
        """Opaque id."""
        return node_id("LaunchAgent", self.number)


class LaunchAgents:
    """All of them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Keep them in `store`."""
        self._store = store
        self._clock = clock

    async def create(self, entity: str, project: str, **fields: Any) -> LaunchAgent:
        """A new agent with a made-up name, and the other `fields` of `LaunchAgent`."""
        number = await self._store.next_number("launch-agent")
        now = self._clock.wall()
        agent = LaunchAgent(
            number=number,
            name=display_name(f"agent-{number}", number),
            entity=entity,
            project=project,
            created_at=now,
            heartbeat_at=now,
            **fields,
        )
        await self._store.put(_TABLE, agent.id, agent)
        return agent

    async def find(self, agent_id: str) -> LaunchAgent | None:
        """The agent with that id, or None."""
        agent: LaunchAgent | None = await self._store.get(_TABLE, agent_id)
        return agent

    async def get(self, agent_id: str) -> LaunchAgent:
        """The agent with that id; NotFoundError without it."""
        agent = await self.find(agent_id)
        if agent is None:
            raise NotFoundError(f"launch agent {agent_id} not found")
        return agent

    async def report(self, agent: LaunchAgent, status: str | None = None) -> LaunchAgent:
        """The agent shows that it lives; InvalidError for a status that is none."""
        told = agent.agent_status if status is None else _status(status)
        changed = msgspec.structs.replace(agent, agent_status=told, heartbeat_at=self._clock.wall())
        await self._put(changed)
        return changed

    async def ask_to_stop(self, agent: LaunchAgent, *, stop: bool = True) -> None:
        """Have the agent shut down when it next looks."""
        await self._put(msgspec.structs.replace(agent, stop_polling=stop))

    async def of_project(self, entity: str, project: str) -> list[LaunchAgent]:
        """The agents of a project's queues, oldest first."""
        agents: list[LaunchAgent] = await self._store.records(_TABLE)
        return [agent for agent in agents if (agent.entity, agent.project) == (entity, project)]

    async def _put(self, agent: LaunchAgent) -> None:
        await self._store.put(_TABLE, agent.id, agent)


def _status(text: str) -> AgentStatus:
    try:
        return AgentStatus(text)
    except ValueError:
        known = ", ".join(AgentStatus)
        raise InvalidError(f"agent status must be one of {known}, got {text!r}") from None
