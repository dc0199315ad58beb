"""Asks the server over HTTP, as anybody could, what it saw and what it allows.

`/_mockwb/account` has the runs, `/_mockwb/clients` how their clients behaved, and
`/_mockwb/limits` the windows that are in use, `/_mockwb/guidance` which recommendations were left,
and `/_mockwb/content` what runs' rows hold.
"""

from collections.abc import Iterable
from typing import TypeVar

import aiohttp
import msgspec

from mockwb.account import Account, RunAccount
from mockwb.client_account import ClientAccount, ClientAccounts
from mockwb.content import Content, Contents
from mockwb.guidance import Finding, Guidance
from mockwb.scenario.errors import ServerGoneError, StartError

T = TypeVar("T")

ADMIN_TOKEN = "MOCKWB_CONTROL__ADMIN_TOKEN"
"""Environment variable with the admin token of a server that somebody else started."""

_UNCOUNTED = ("control", "health")
"""Endpoints that no client of a workload calls: reading the account is not part of it."""

_NAMED = 20
"""Projects that are asked for by name; of more, the names of the runs have to do."""


_ASKED_TOGETHER = 50
"""Runs in one query: a line of HTTP has a limit of some thousand characters."""


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """One limit that was seen at work."""

    scope: str
    key: str
    """What it limits: `entity/project`, `entity/project/run`, a user name, an address."""
    limit: str
    amount: int
    window_seconds: float

    @property
    def name(self) -> str:
        """As accounts call it, such as `project.requests`."""
        return f"{self.scope}.{self.limit}"


class _WindowNow(Window, frozen=True, kw_only=True):
    remaining: int
    """Of its amount."""

    @property
    def remaining_scaled(self) -> int:
        """As RateLimit-Remaining says it: 0..1000, and 0 only when nothing is left."""
        return (1000 * self.remaining // self.amount or 1) if self.remaining > 0 else 0


class _Windows(msgspec.Struct):
    windows: list[_WindowNow]


class AccountReader:
    """Asks one server for the runs of one scenario."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        projects: Iterable[str],
        run_prefix: str,
        admin_token: str | None = None,
        *,
        marked: bool = False,
    ) -> None:
        """Ask `base_url` for the runs in `projects` (`entity/project`) named `run_prefix`-...

        `admin_token` is the server's own, if it has one. `marked` asks for runs of any project and
        name too that say they run on a machine called `run_prefix`-...
        """
        self._session = session
        self._headers = {} if admin_token is None else {"Authorization": f"Bearer {admin_token}"}
        self._base_url = base_url
        self._projects = frozenset(projects)
        named = sorted(self._projects) if len(self._projects) <= _NAMED else []
        self._query = [*(("project", project) for project in named), ("run", f"{run_prefix}-*")]
        self._mark = [("host", f"{run_prefix}-*")] if marked else None
        self._marked: dict[str, RunAccount] = {}
        """Runs found by their machine's name only: `entity/project/run` -> run."""
        self._run_prefix = run_prefix
        self._before = Account()
        self._found_before: frozenset[tuple[str | None, ...]] = frozenset()
        """Findings of guidance that others had brought about."""
        self._windows: dict[tuple[str, str, float], Window] = {}
        """Limits seen at work so far: (name, key, length) -> window."""
        self.last = Account()
        """The last reading; nobody may change it."""
        self.remaining: dict[str, int] = {}
        """At the last reading: limit in use, such as `project.requests` -> least that any of its
        windows had left, 0..1000. Windows of users and addresses are everybody's on the server."""

    async def check(self) -> None:
        """See that a mockwb server answers, and note what it has seen so far; StartError."""
        try:
            self._before = await self._get("/_mockwb/account", Account, self._query)
            known = await self._get("/_mockwb/guidance", Guidance, [])
        except _UnreadableError as error:
            raise StartError(f"no mockwb server at {self._base_url}: {error}") from error
        self._found_before = frozenset(_place(finding) for finding in known.findings)

    async def read(self) -> Account:
        """The scenario's runs, and the requests without a run since `check`; ServerGoneError.

        Windows empty by themselves, so each reading notes those that are in use.
        """
        try:
            account = await self._get("/_mockwb/account", Account, self._query)
            if self._mark is not None:
                found = await self._get("/_mockwb/account", Account, self._mark)
                known = {_path(run) for run in account.runs}
                self._marked = {_path(r): r for r in found.runs if _path(r) not in known}
                account.runs += self._marked.values()
            in_use = await self._get("/_mockwb/limits", _Windows, [])
        except _UnreadableError as error:
            raise ServerGoneError(f"the server stopped answering: {error}") from error
        self.remaining = {}
        for window in in_use.windows:
            if window.scope not in ("project", "run") or self._ours(window.key):
                self._note(window)
        account.other_requests = _since(self._before.other_requests, account.other_requests)
        account.other_refused = _grown(self._before.other_refused, account.other_refused)
        account.forgotten_runs -= self._before.forgotten_runs
        self.last = account
        return account

    async def read_clients(self) -> list[ClientAccount]:
        """How the clients of the scenario's runs behaved; ServerGoneError."""
        try:
            clients = (await self._get("/_mockwb/clients", ClientAccounts, self._query)).clients
            marked = list(self._marked.values())
            for start in range(0, len(marked), _ASKED_TOGETHER):
                runs = marked[start : start + _ASKED_TOGETHER]
                projects = sorted({f"{run.entity}/{run.project}" for run in runs})
                query = [("project", project) for project in projects]
                query += [("run", run.run) for run in runs]
                found = await self._get("/_mockwb/clients", ClientAccounts, query)
                clients += [one for one in found.clients if _path(one) in self._marked]
        except _UnreadableError as error:
            raise ServerGoneError(f"the server stopped answering: {error}") from error
        return clients

    async def read_guidance(self, account: Account) -> list[Finding]:
        """The ranges of W&B's guidance that the runs of `account` left; ServerGoneError.

        Those of their projects and of users of the public API too, unless left before `check`.
        """
        try:
            found = (await self._get("/_mockwb/guidance", Guidance, [])).findings
        except _UnreadableError as error:
            raise ServerGoneError(f"the server stopped answering: {error}") from error
        runs = {(run.entity, run.project, run.run) for run in account.runs}
        projects = {(run.entity, run.project) for run in account.runs}

        def ours(finding: Finding) -> bool:
            if finding.run is not None:
                return (finding.entity, finding.project, finding.run) in runs
            if finding.project is not None and (finding.entity, finding.project) not in projects:
                return False
            return _place(finding) not in self._found_before

        return [finding for finding in found if ours(finding)]

    async def read_contents(self, runs: Iterable[tuple[str, str]]) -> list[Content]:
        """What is stored of at most 20 `runs`, (`entity/project`, name) each; ServerGoneError."""
        asked = set(runs)
        query = [("project", project) for project in sorted({project for project, _ in asked})]
        query += [("run", run) for run in sorted({run for _, run in asked})]
        try:
            found = (await self._get("/_mockwb/content", Contents, query)).runs if asked else []
        except _UnreadableError as error:
            raise ServerGoneError(f"the server stopped answering: {error}") from error
        return [one for one in found if (f"{one.entity}/{one.project}", one.run) in asked]

    def windows_of(self, clients: Iterable[ClientAccount]) -> list[Window]:
        """The limits seen at work on the scenario's projects and runs, and on `clients`."""
        callers = {client.user for client in clients} | {client.ip for client in clients}
        return [
            window
            for window in self._windows.values()
            if window.scope in ("project", "run") or window.key in callers
        ]

    def _note(self, now: _WindowNow) -> None:
        self._windows[now.name, now.key, now.window_seconds] = Window(
            scope=now.scope,
            key=now.key,
            limit=now.limit,
            amount=now.amount,
            window_seconds=now.window_seconds,
        )
        left = now.remaining_scaled
        self.remaining[now.name] = min(left, self.remaining.get(now.name, left))

    def _ours(self, key: str) -> bool:
        """Whether a project, or a run, is the scenario's."""
        project, _, run = key.rpartition("/")
        ours = project in self._projects and run.startswith(f"{self._run_prefix}-")
        if ours or key in self._projects or key in self._marked:
            return True
        return any(path.startswith(f"{key}/") for path in self._marked)

    async def _get(self, path: str, kind: type[T], query: list[tuple[str, str]]) -> T:
        try:
            async with self._session.get(
                self._base_url + path, params=query, headers=self._headers
            ) as response:
                body = await response.read()
        except aiohttp.ClientConnectorError as error:
            raise _UnreadableError(f"cannot connect to {error.host}:{error.port}") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _UnreadableError(str(error) or type(error).__name__) from error
        if response.status == 401:
            raise _UnreadableError(f"{path} wants the server's admin token ({ADMIN_TOKEN})")
        if response.status != 200:
            raise _UnreadableError(f"HTTP {response.status} for {path}")
        try:
            return msgspec.json.decode(body, type=kind)
        except msgspec.DecodeError as error:
            raise _UnreadableError(f"{path}: {error}") from error


def _path(one: RunAccount | ClientAccount) -> str:
    return f"{one.entity}/{one.project}/{one.run}"


def _place(finding: Finding) -> tuple[str | None, ...]:
    return finding.range, finding.entity, finding.project, finding.run, finding.user


class _UnreadableError(Exception):
    """Why there is no answer to be had."""


def _since(
    before: dict[str, dict[str, int]], now: dict[str, dict[str, int]]
) -> dict[str, dict[str, int]]:
    """What came on top of `before`, endpoints that only watch left out."""
    since: dict[str, dict[str, int]] = {}
    for endpoint, statuses in now.items():
        grown = _grown(before.get(endpoint, {}), statuses)
        if grown and endpoint not in _UNCOUNTED:
            since[endpoint] = grown
    return since


def _grown(before: dict[str, int], now: dict[str, int]) -> dict[str, int]:
    return {key: n - before.get(key, 0) for key, n in now.items() if n > before.get(key, 0)}
