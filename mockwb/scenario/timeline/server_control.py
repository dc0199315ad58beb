"""Has a running server do what an event says, over its control API. `player` calls it."""

import aiohttp

from mockwb.config.plain import plain
from mockwb.scenario.errors import ScenarioError, ServerGoneError
from mockwb.scenario.timeline.events import TimelineEvent
from mockwb.scenario.timeline.faults import StartFault, StartProfile, StopFault
from mockwb.scenario.timeline.freeze import Freeze, Thaw
from mockwb.scenario.timeline.limits import ChangeLimits


class UnreachableError(ServerGoneError):
    """Nobody answers: a fault may have closed the port."""


class RefusedEventError(ScenarioError):
    """The server does not do what an event says; the message has the server's words."""

    def __init__(self, status: int, message: str) -> None:
        """It answered with `status`."""
        super().__init__(message)
        self.status = status


class ServerControl:
    """The control API of one server."""

    def __init__(
        self, session: aiohttp.ClientSession, base_url: str, admin_token: str | None
    ) -> None:
        """`admin_token` is the server's own, if it has one."""
        self._session = session
        self._headers = {} if admin_token is None else {"Authorization": f"Bearer {admin_token}"}
        self._base_url = base_url

    async def act(self, event: TimelineEvent) -> None:
        """Do it; UnreachableError, RefusedEventError. Not for events that need the process."""
        match event:
            case ChangeLimits():
                if event.plan is not None:
                    await self.call("PUT", "limits/plan", {"plan": event.plan})
                if event.limits is not None:
                    await self.call("PATCH", "limits/rules", event.limits.to_config())
            case StartFault():
                await self.call("POST", "faults", plain(event.fault))
            case StartProfile():
                await self.call("PUT", "faults/profile", {"profile": event.profile})
            case StopFault():
                query = {} if event.name is None else {"name": event.name}
                await self.call("DELETE", "faults", query=query)
            case Freeze():
                order = {"seconds": event.duration, "reset": event.reset}
                given = {name: value for name, value in order.items() if value is not None}
                await self.call("PUT", "freeze", given)
            case Thaw():
                await self.call("DELETE", "freeze")
            case _:
                raise NotImplementedError(f"nothing to call for {type(event).__name__}")

    async def call(
        self, method: str, path: str, body: object = None, query: dict[str, str] | None = None
    ) -> bytes:
        """What `/_mockwb/PATH` answers; UnreachableError, RefusedEventError."""
        url = f"{self._base_url}/_mockwb/{path}"
        try:
            async with self._session.request(
                method, url, json=body, params=query, headers=self._headers
            ) as response:
                if response.status >= 400:
                    raise RefusedEventError(response.status, await response.text())
                return await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UnreachableError(str(error) or type(error).__name__) from error
