"""One attempt of one request on its way; `engine` sends it, `server` answers it."""

import math
from typing import NamedTuple

from mockwb.faults.effect import Effect
from mockwb.record import RequestRecord
from mockwb.sdkmodel.answer_headers import RateHeaders
from mockwb.sdkmodel.requests import Request
from mockwb.simulate.client import SimulatedClient


class Answer(NamedTuple):
    """What comes back."""

    status: int
    headers: RateHeaders
    body: bytes


Fate = tuple[float, Answer | None]
"""What the server makes of an attempt: the seconds until its end of it (infinity if it never says
anything), and its answer; None breaks the connection."""


class Flight:
    """An attempt under way."""

    __slots__ = (
        "answer",
        "client",
        "effect",
        "epoch",
        "gives_up_at",
        "record",
        "request",
        "sent_at",
    )

    def __init__(self, client: SimulatedClient, request: Request, sent_at: float) -> None:
        """`client` put `request` on the wire at `sent_at`."""
        self.client = client
        self.request = request
        self.sent_at = sent_at
        timeout = request.timeout
        self.gives_up_at = math.inf if timeout is None else sent_at + timeout
        """When its client waits no longer."""
        self.answer: Answer | None = None
        self.epoch = 0
        """How often the server had been started when it took the request."""

    def arrive(self, record: RequestRecord, effect: Effect | None) -> None:
        """The server has it: its `record`, and what faults do to it."""
        self.record = record
        self.effect = effect
