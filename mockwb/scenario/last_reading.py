"""What the server says when all is over, or said last if it answers no more. `runner` calls it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mockwb.account import Account
from mockwb.client_account import ClientAccount
from mockwb.clock import Clock
from mockwb.guidance import Finding
from mockwb.scenario.account_reader import AccountReader
from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.content_check import ContentCheck, check_content
from mockwb.scenario.errors import ServerGoneError
from mockwb.scenario.workload import Workload

_AGAIN = 1.0
"""Seconds between two attempts."""


@dataclass(frozen=True)
class LastReading:
    """The server's side of a scenario."""

    account: Account
    behaved: Sequence[ClientAccount] | None = None
    """How clients behaved; None if it could not be asked."""
    guidance: Sequence[Finding] | None = None
    """None likewise."""
    content: dict[str, ContentCheck] = field(default_factory=dict)
    gone: str | None = None
    """Why this is not the server's last word; None if it is."""


async def read_last(
    reader: AccountReader,
    workloads: Sequence[Workload],
    clients: Sequence[ClientResult],
    clock: Clock,
    patience: float,
) -> LastReading:
    """Ask for everything; of a server that does not answer for `patience` seconds, what is known.

    Rows that were stored after the account that is known are missing then.
    """
    try:
        account = await _account(reader, clock, patience)
        behaved = await reader.read_clients()
        findings = await reader.read_guidance(account)
        content = await check_content(workloads, clients, account, reader)
    except ServerGoneError as error:
        return LastReading(reader.last, gone=str(error))
    return LastReading(account, behaved, findings, content)


async def _account(reader: AccountReader, clock: Clock, patience: float) -> Account:
    give_up_at = clock.now() + patience
    while True:
        try:
            return await reader.read()
        except ServerGoneError:
            if clock.now() >= give_up_at:
                raise
        await clock.sleep(_AGAIN)
