"""`MockServer`: a whole mockwb inside a test's process, with everything that it knows at hand."""

import asyncio
from types import TracebackType
from typing import Any, Self

from mockwb.config.load import load_config
from mockwb.gate.authentication import user_of_key
from mockwb.testing.requests import SeenRequests
from mockwb.testing.server_thread import ServerThread
from mockwb.testing.witness import MockWitness

_KEY = "5eed" * 10
"""Any well-formed key is good where none is configured."""


class MockServer(MockWitness):
    """A server on a free port, for `with` or `async with`; it can be started once."""

    def __init__(self, *, plan: str | None = None, **settings: Any) -> None:
        """Settings as the configuration has them, such as `limits={"project": {...}}`.

        `plan` is the name of a plan, or a YAML file. FileError names a setting that is wrong.
        """
        overlay = {"port": 0, **settings}
        self._config = load_config(plan=plan, overlay=overlay, overlay_source="MockServer")
        self._requests = SeenRequests()
        self._serving: ServerThread | None = None
        self.api_key, self.entity = self._a_key()

    @property
    def env(self) -> dict[str, str]:
        """What a process needs in its environment to log to this server."""
        return {"WANDB_BASE_URL": self.url, "WANDB_API_KEY": self.api_key}

    def start(self) -> Self:
        """Return once requests are welcome; RuntimeError if it was started before."""
        if self._serving is not None:
            raise RuntimeError("a MockServer can be started once: make a new one")
        self._serving = ServerThread(self._config, [self._requests])
        self._serving.start()
        return self

    def stop(self) -> None:
        """Let requests under way end, and free everything; what it knew is gone."""
        if self._serving is not None:
            self._serving.stop()

    def _a_key(self) -> tuple[str, str]:
        """A good API key and whose it is: the first one configured, or one made up.

        That is always the same: faults by chance depend on whose requests they are.
        """
        for user in self._config.people.users:
            if user.key is not None:
                return user.key, user.name
        for known in self._config.auth.keys:
            return known.key, known.user or user_of_key(known.key)
        return _KEY, user_of_key(_KEY)

    @property
    def _thread(self) -> ServerThread:
        if self._serving is None:
            raise RuntimeError("the server is not started: use it as `with MockServer() as server`")
        return self._serving

    @property
    def _seen(self) -> SeenRequests:
        return self._requests

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.start)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.stop)
