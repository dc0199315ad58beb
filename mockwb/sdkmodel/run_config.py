"""The config of one run: sent with init, again when it has settled, and at the end."""

import math
from collections.abc import Mapping
from typing import Any

from mockwb.sdkmodel import operations, run_files
from mockwb.sdkmodel.calls import Calls
from mockwb.sdkmodel.delivery import Outcome
from mockwb.sdkmodel.operations import RunName
from mockwb.sdkmodel.requests import RequestMaker
from mockwb.sdkmodel.status import Client

_DEBOUNCE_SECONDS = 5.0
"""Changes gather this long before they are sent."""


class RunConfig:
    """What the config says, and how far the server knows it. Idle until begin()."""

    __slots__ = ("_calls", "_maker", "_name", "_user", "due_at", "text", "under_way")

    def __init__(self, user: Mapping[str, Any], *, calls: Calls, maker: RequestMaker) -> None:
        """Begin with the `user`'s own part."""
        self.text = run_files.config_json(user)
        """As UpsertBucket carries it."""
        self.due_at = math.inf
        """When it is to be sent."""
        self.under_way = False
        """Sent, and not answered yet."""
        self._user = user
        self._calls = calls
        self._maker = maker
        self._name: RunName | None = None

    def begin(self, now: float, name: RunName, environment: Mapping[str, Any]) -> None:
        """The run exists under that name; what it runs on is known."""
        self._name = name
        self.text = run_files.config_json(self._user, environment)
        self.due_at = now + _DEBOUNCE_SECONDS

    def send(self, now: float) -> None:
        """Tell the server the whole of it; begin() has to come first."""
        assert self._name is not None
        self.due_at = math.inf
        self.under_way = True
        request = operations.upsert_bucket(self._maker, self._name, self.text)
        self._calls.begin(now, request, self._sent, client=Client.UPSERT_BUCKET)

    def _sent(self, now: float, outcome: Outcome) -> None:
        """Whatever came of it: the SDK logs a failure and goes on."""
        self.under_way = False
