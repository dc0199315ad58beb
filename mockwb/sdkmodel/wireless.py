"""What every model of a client is to whoever drives it: HTTP, virtual time, or an agent."""

from typing import Protocol

from mockwb.sdkmodel.answer_headers import Headers
from mockwb.sdkmodel.requests import Request


class Wireless(Protocol):
    """A client without a wire. After start() it obeys wake_at(), until it is over."""

    def start(self, now: float, wall: float) -> None:
        """Begin at `now`, which is `wall` seconds since the epoch."""

    def stop(self) -> None:
        """Come to an end soon."""

    def over(self, now: float) -> bool:
        """Whether there is nothing more to do."""

    def due(self, now: float) -> list[Request]:
        """The requests to put on the wire now."""

    def wake_at(self) -> float:
        """When due() has something to do; infinity if only an answer helps."""

    def answered(
        self, now: float, request: Request, status: int, headers: Headers, body: bytes
    ) -> None:
        """Take in the answer to a request."""

    def failed(self, now: float, request: Request, error: str) -> None:
        """A request got no answer."""
