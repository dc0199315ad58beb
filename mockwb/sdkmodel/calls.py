"""The GraphQL operations and uploads that a run has under way, side by side."""

import math
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from mockwb.sdkmodel.answer_headers import Headers
from mockwb.sdkmodel.delivery import Delivery, Outcome
from mockwb.sdkmodel.requests import Request
from mockwb.sdkmodel.settings import SdkSettings
from mockwb.sdkmodel.status import Client
from mockwb.sdkmodel.tally import Tally

Ended = Callable[[float, Outcome], None]
"""Called with the time and the outcome when a call has ended; may begin new ones."""


class _Call(NamedTuple):
    delivery: Delivery
    ended: Ended
    needed: bool


class Calls:
    """Deliveries under way, by their requests."""

    __slots__ = ("_random", "_settings", "_tally", "under_way")

    def __init__(self, settings: SdkSettings, random: Random, tally: Tally) -> None:
        self._settings = settings
        self._random = random
        self._tally = tally
        self.under_way: dict[Request, _Call] = {}
        """Whatever has begun and not ended."""

    @property
    def needed(self) -> bool:
        """Something is under way that finish() waits for."""
        return any(call.needed for call in self.under_way.values())

    def begin(
        self,
        now: float,
        request: Request,
        ended: Ended,
        *,
        client: Client = Client.GRAPHQL,
        deadline: float = math.inf,
        needed: bool = True,
    ) -> None:
        """Deliver a request from `now` on, at most until `deadline`."""
        transfer = client is Client.FILE_TRANSFER
        settings = self._settings
        policy = settings.file_transfer_policy if transfer else settings.graphql_policy
        delivery = Delivery(
            request,
            now,
            client=client,
            policy=policy,
            random=self._random,
            tally=self._tally,
            deadline=deadline,
        )
        self.under_way[request] = _Call(delivery, ended, needed)

    def due(self, now: float) -> list[Request]:
        """The requests to put on the wire now."""
        requests = []
        for call in list(self.under_way.values()):
            request = call.delivery.due(now)
            if request is not None:
                requests.append(request)
            self._conclude(now, call)
        return requests

    def wake_at(self) -> float:
        """When due() has something to do; infinity if only an answer brings it on."""
        return min((call.delivery.wake_at() for call in self.under_way.values()), default=math.inf)

    def answered(
        self, now: float, request: Request, status: int, headers: Headers, body: bytes, wall: float
    ) -> None:
        """Take in an answer; one that nobody waits for any more is passed over."""
        if call := self.under_way.get(request):
            call.delivery.answered(now, status, headers, body, wall)
            self._conclude(now, call)

    def failed(self, now: float, request: Request, error: str) -> None:
        """A request got no answer."""
        if call := self.under_way.get(request):
            call.delivery.failed(now, error)
            self._conclude(now, call)

    def drop(self) -> None:
        """Forget everything under way."""
        self.under_way.clear()

    def _conclude(self, now: float, call: _Call) -> None:
        outcome = call.delivery.outcome
        if outcome is not None and call.delivery.request in self.under_way:
            del self.under_way[call.delivery.request]
            call.ended(now, outcome)
