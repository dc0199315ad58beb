"""Which answers the SDK accepts, tries again, or gives up on; each of its clients differs a little.

Source: wandb SDK, core/internal/api and core/internal/filetransfer (retry policies of 0.31).
"""

from enum import Enum


class Client(Enum):
    """The SDK's HTTP clients, as far as they judge answers differently."""

    FILE_STREAM = "file_stream"
    GRAPHQL = "graphql"
    UPSERT_BUCKET = "upsert_bucket"
    FILE_TRANSFER = "file_transfer"


class Verdict(Enum):
    """What an answer means to its sender."""

    OK = "ok"
    RETRY = "retry"
    FATAL = "fatal"


_FINAL_4XX = frozenset({400, 401, 403, 404, 409, 410, 413, 422})
_NOT_IMPLEMENTED = 501


def judge(client: Client, status: int) -> Verdict:
    """The verdict on an HTTP status. Network errors and timeouts are always retried."""
    if 200 <= status < 300 or (status == 300 and client is Client.FILE_STREAM):
        return Verdict.OK
    if status >= 500:
        return Verdict.FATAL if status == _NOT_IMPLEMENTED else Verdict.RETRY
    if status < 400:
        return Verdict.FATAL
    if client is Client.FILE_TRANSFER:
        return Verdict.RETRY if status == 429 else Verdict.FATAL
    if status == 409 and client is Client.UPSERT_BUCKET:
        return Verdict.RETRY
    return Verdict.FATAL if status in _FINAL_4XX else Verdict.RETRY
