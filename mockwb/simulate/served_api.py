"""The server's side of clients of `wandb.Api`, which are no runs; `server` asks here for these."""

from zlib import crc32

import msgspec

from mockwb.record import RequestRecord
from mockwb.sdkmodel.public_operations import USER_AGENT
from mockwb.sdkmodel.requests import GraphQLCall, Request
from mockwb.target import Caller, Target


class ServedApi:
    """Answers what one sort of client asks. Only what its model looks at is in the answers."""

    __slots__ = ("caller",)

    def __init__(self, caller: Caller) -> None:
        """`caller` is who asks."""
        self.caller = caller

    def record(self, request: Request, now: float) -> RequestRecord:
        """Of a request that arrives at `now`."""
        call = request.content
        assert isinstance(call, GraphQLCall)
        return RequestRecord(
            target=self.target(call),
            started_at=now,
            method=request.method,
            path=request.url,
            caller=self.caller,
            user_agent=USER_AGENT,
            fingerprint=crc32(call.encode()),
            bytes_in=request.size,
        )

    def target(self, call: GraphQLCall) -> Target:
        """What an operation is about."""
        raise NotImplementedError

    def answer(self, call: GraphQLCall) -> tuple[bytes, int]:
        """The body, and how many items it lists: what query time is reckoned by."""
        raise NotImplementedError

    def saw(self, record: RequestRecord) -> None:
        """Count a request about a run; others the server counts itself."""


def answer_body(data: object) -> bytes:
    """An answer's body."""
    return msgspec.json.encode({"data": data})
