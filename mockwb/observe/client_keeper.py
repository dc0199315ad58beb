"""Keeps how each client behaved; served by `/_mockwb/clients`."""

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from mockwb.client_account import ClientAccount, ClientAccounts
from mockwb.observe.client_tally import ClientTally
from mockwb.observe.globs import matcher
from mockwb.record import RequestRecord
from mockwb.target import Surface

SdkVersion = Callable[[str, str, str], Awaitable[str]]
"""(entity, project, run) -> version of the SDK as the run's config says it; "" if it does not."""

_Key = tuple[Surface, str | None, str | None, str | None, str | None, str, str, str]
"""(endpoint, entity, project, run, user, address if there is no user, user agent, writer)."""

_WATCHED = frozenset({Surface.FILE_STREAM, Surface.GRAPHQL, Surface.STORAGE})
_SDK = re.compile(r"W&B \w+ Client (\d\S*)")
"""User agents of the SDK's Python code carry its version; wandb-core's does not."""
_OF_THE_SDK = re.compile(r"wandb-core\b|python-requests/")
"""User agents of the SDK without a version: its core, and uploads of its Python era."""


class ClientKeeper:
    """An onlooker that counts per client and endpoint, for at most `max_clients` of them."""

    def __init__(
        self,
        max_clients: int,
        *,
        sdk_version: SdkVersion,
        on_premature: Callable[[str | None], object],
    ) -> None:
        """Forget one not heard of for long when more than `max_clients` (at least 1) come.

        `on_premature` is called with the project of every premature retry. The SDK's version is
        asked for only when an account is.
        """
        self._max_clients = max(1, max_clients)
        self._sdk_version = sdk_version
        self._on_premature = on_premature
        self._clients: OrderedDict[_Key, ClientTally] = OrderedDict()
        self._forgotten = 0

    def saw(self, record: RequestRecord) -> None:
        """Count `record` with its client."""
        target, caller = record.target, record.caller
        if target.surface not in _WATCHED:
            return
        user = caller.user
        key = (
            target.surface,
            target.entity,
            target.project,
            target.run,
            user,
            "" if user is not None else caller.ip,
            record.user_agent,
            record.writer,
        )
        tally = self._clients.get(key)
        if tally is None:
            tally = self._begin(key)
        else:
            tally.heard_of = True
        if tally.add(record):
            self._on_premature(target.project_path)

    async def query(self, projects: Sequence[str] = (), runs: Sequence[str] = ()) -> ClientAccounts:
        """The clients whose project and run match.

        `projects` are globs over `entity/project`, `runs` globs over run names; a client matches
        when one of each does, and an empty sequence lets everything through, also clients that
        name no project or no run.
        """
        project_matches, run_matches = matcher(projects), matcher(runs)

        def asked_for(key: _Key) -> object:
            _, entity, project, run, *_ = key
            if projects and (project is None or not project_matches(f"{entity}/{project}")):
                return False
            return not runs or (run is not None and run_matches(run))

        return ClientAccounts(
            clients=[
                await self._account(key, tally)
                for key, tally in list(self._clients.items())
                if asked_for(key)
            ],
            forgotten_clients=self._forgotten,
        )

    async def _account(self, key: _Key, tally: ClientTally) -> ClientAccount:
        surface, entity, project, run, user, ip, user_agent, writer = key
        known = _SDK.search(user_agent)
        version = known[1] if known else ""
        if _OF_THE_SDK.match(user_agent) and entity and project and run:
            version = await self._sdk_version(entity, project, run)
        return ClientAccount(
            endpoint=surface.value,
            user=user,
            ip=ip or None,
            entity=entity,
            project=project,
            run=run,
            writer=writer or None,
            user_agent=user_agent,
            sdk_version=version or None,
            **msgspec.structs.asdict(tally.behaviour()),
        )

    def _begin(self, key: _Key) -> ClientTally:
        if len(self._clients) >= self._max_clients:
            self._forget_one()
        tally = self._clients[key] = ClientTally()
        return tally

    def _forget_one(self) -> None:
        """Forget the client first in line; one heard of since it got there goes to the end.

        Moving it at every request would cost as much as all the counting.
        """
        while True:
            key, tally = self._clients.popitem(last=False)
            if not tally.heard_of:
                self._forgotten += 1
                return
            tally.heard_of = False
            self._clients[key] = tally
