"""One run as the simulated server has it: its lines, its state, and what is counted about it.

The counting is the server's own: `RunTally` for its account, `ClientTally` for its client.
"""

from zlib import crc32

import msgspec

from mockwb.account import RunAccount
from mockwb.backend.run import RunProgress, RunState
from mockwb.client_account import ClientAccount
from mockwb.observe.client_tally import ClientTally
from mockwb.observe.run_tally import RunTally
from mockwb.record import RequestRecord
from mockwb.sdkmodel.file_stream_body import CONSOLE, EVENTS, HISTORY
from mockwb.sdkmodel.requests import USER_AGENT, GraphQLCall, Request
from mockwb.simulate.lags import Lags
from mockwb.simulate.stored_lines import StoredLines
from mockwb.target import Caller, Surface, Target

SDK_VERSION = "0.31.0"
"""Of the SDK that the model is of."""


HOST = "virtual"
"""What modelled runs call their machine."""


class ServedRun:
    """A run that may not exist yet."""

    __slots__ = (
        "caller",
        "clients",
        "console",
        "entity",
        "events",
        "exists",
        "heard_at",
        "history",
        "lags",
        "name",
        "project",
        "rows_sent",
        "state",
        "tally",
        "target",
        "uploader",
        "waiting",
    )

    def __init__(self, entity: str, project: str, name: str, caller: Caller) -> None:
        """A run of that name, to be made by `caller`."""
        self.entity = entity
        self.project = project
        self.name = name
        self.caller = caller
        self.uploader = Caller(None, caller.ip)
        """Who uploads: URLs carry a token, and no key."""
        self.target = Target(Surface.FILE_STREAM, entity, project, name)
        self.forget()

    def forget(self) -> None:
        """The server lost everything that it had stored and counted."""
        self.tally: RunTally | None = None
        self.clients: dict[Surface, ClientTally] = {}
        self.exists = self.waiting = False
        self.rows_sent = 0
        self.state = RunState.RUNNING
        self.heard_at = 0.0
        self.history = StoredLines()
        self.lags = Lags()
        self.events = StoredLines()
        self.console = StoredLines()

    def complete(self, exit_code: int) -> None:
        """The finish mark came."""
        self.state = RunProgress(state=self.state).completed(exit_code)

    def upload_url(self, name: str) -> str:
        """Where to PUT a file of the run."""
        return f"http://simulated/storage/runs/{self.entity}/{self.project}/{self.name}/{name}"

    def record(self, request: Request, now: float) -> RequestRecord:
        """Of a request that arrives at `now`."""
        content, fingerprint = request.content, 0
        if request.surface is Surface.FILE_STREAM:
            target, caller = self.target, self.caller
        elif isinstance(content, GraphQLCall):
            fingerprint, caller = crc32(content.encode()), self.caller
            target = Target(Surface.GRAPHQL, operation=content.operation)
            if content.variables is not None and "project" in content.variables:
                target.entity, target.project, target.run = self.entity, self.project, self.name
        else:
            target = Target(Surface.STORAGE, self.entity, self.project, self.name)
            caller = self.uploader
        return RequestRecord(
            target=target,
            started_at=now,
            method=request.method,
            path=request.url,
            caller=caller,
            user_agent=USER_AGENT,
            fingerprint=fingerprint,
            bytes_in=request.size,
        )

    def saw(self, record: RequestRecord) -> None:
        """Count a request of this run."""
        if self.tally is None:
            self.tally = RunTally(record.started_at)
        self.tally.add(record)
        surface = record.target.surface
        client = self.clients.get(surface)
        if client is None:
            client = self.clients[surface] = ClientTally()
        client.add(record)

    def throttled_until(self, now: float) -> float:
        """Seconds for which it was held back so far."""
        return 0.0 if self.tally is None else self.tally.throttled_until(now)

    def was_read(self, record: RequestRecord) -> None:
        """Count somebody else's request about this run, which says nothing of its client."""
        if self.tally is not None:
            self.tally.add(record)

    def account(self, now: float, to_wall: float, crash_after: float) -> RunAccount | None:
        """The server's side of the run; None if it never heard of it."""
        if self.tally is None:
            return None
        if self.tally.delivery is not None:
            self.tally.delivery.lags = self.lags.quantiles()
        state = ""
        if self.exists:
            progress = RunProgress(state=self.state, heartbeat_at=self.heard_at)
            state = str(progress.state_at(now, crash_after))
        return self.tally.account(
            (self.entity, self.project, self.name),
            state=state,
            gaps=self.gaps(),
            host=HOST,
            now=now,
            to_wall=to_wall,
        )

    def gaps(self) -> list[tuple[str, int, int]]:
        """(file, first missing line, one past the last)."""
        files = ((HISTORY, self.history), (EVENTS, self.events), (CONSOLE, self.console))
        return [(name, *gap) for name, lines in files for gap in lines.gaps]

    def behaved(self) -> list[ClientAccount]:
        """How its client behaved, by endpoint; uploads carry no key."""
        return [
            ClientAccount(
                endpoint=surface.value,
                user=None if surface is Surface.STORAGE else self.caller.user,
                ip=self.caller.ip if surface is Surface.STORAGE else None,
                entity=self.entity,
                project=self.project,
                run=self.name,
                user_agent=USER_AGENT,
                sdk_version=SDK_VERSION,
                **msgspec.structs.asdict(client.behaviour()),
            )
            for surface, client in self.clients.items()
        ]
