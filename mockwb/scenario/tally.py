"""Sets what the clients know they did against what the server says it got, run by run.

One `Tally` per workload and one for all; `figures` and the account table read them.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from mockwb.account import Account, DeliveryLag, RunAccount
from mockwb.client_account import Behaviour, ClientAccount, together
from mockwb.guidance import Finding
from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.content_check import ContentCheck

Counts = dict[str, int]


class Volume(msgspec.Struct, kw_only=True):
    """Rows or values: what was sent and what became of it."""

    sent: int = 0
    """Logged by the clients."""
    stored: int = 0
    """Held by the server, each once."""
    missing: int = 0
    """Sent and not stored, summed over runs, so that one run's surplus hides no other's loss."""
    duplicated: int = 0
    """Stored beyond what was sent, summed over runs."""

    def add(self, sent: int, stored: int) -> None:
        """Count one run."""
        self.sent += sent
        self.stored += stored
        self.missing += max(0, sent - stored)
        self.duplicated += max(0, stored - sent)


class Tally(msgspec.Struct, kw_only=True):
    """The account of some clients and their runs."""

    clients: int = 0
    clients_failed: int = 0
    errors: list[str] = []
    """Why clients failed, each reason once, in order of appearance."""
    run_states: Counts = {}
    """State as W&B shows it -> runs; a run the server never heard of is `unknown`."""
    rows: Volume = msgspec.field(default_factory=Volume)
    rows_resent: int = 0
    """Rows that arrived again unchanged; stored once all the same."""
    rows_changed: int = 0
    """Rows that arrived again with other content."""
    values: Volume = msgspec.field(default_factory=Volume)
    pages: int = 0
    """Of runs or history that readers got."""
    requests: dict[str, Counts] = {}
    """Endpoint -> HTTP status -> requests, as the server answered them."""
    operations: Counts = {}
    """GraphQL operation -> requests."""
    network_errors: int = 0
    """Attempts without any answer, where clients can tell (the SDK does not say)."""
    refused: Counts = {}
    """`scope.limit` -> requests answered with 429 because of it."""
    bytes_in: int = 0
    bytes_refused: int = 0
    bytes_streamed: int = 0
    """Of accepted file_stream requests."""
    gap_lines: int = 0
    """Lines that the server still misses between lines it has."""
    deliveries: Counts = {}
    """Verdict on what was sent -> runs, of those that the server knows."""
    bytes_wasted: int = 0
    """Body bytes of file_stream requests that were refused, failed, or brought nothing new."""
    lags: list[DeliveryLag] = []
    """Per run with rows: seconds from a row's own timestamp to its storage."""
    content_compared: int = 0
    """Runs whose stored rows were compared, value by value, with what was logged."""
    content_different: int = 0
    """Of these, runs where they are not the same."""
    guidance: int | None = 0
    """Ranges of W&B's guidance that were left, counted in each place that left one; None if nobody
    watched, as in simulations of very many rows."""
    throttled_seconds: list[float] = []
    """Per run: time between the first 429 of a request and the next accepted one."""
    finish_seconds: list[float] = []
    """Per finished client: from the last log() to the end of finish()."""
    files: int = 0
    """Files that clients handed over for upload, where clients can tell."""
    files_failed: int = 0
    """Of these, those that never got through."""
    file_bytes: int = 0
    """Of those that did."""
    upload_seconds: list[float] = []
    """For each that did, from its hand-over to the end of its upload."""
    lowest_remaining: int | None = None
    """Lowest RateLimit-Remaining answered, 0..1000; None if no limit applied."""
    behaviour: Behaviour | None = msgspec.field(default_factory=Behaviour)
    """What the server saw of retries, over all clients of these runs and all endpoints; None if it
    could not say."""

    def add(self, client: ClientResult, runs: Sequence[RunAccount]) -> None:
        """Count one client and its runs; the one of its name is missing if it is not there."""
        self._add_client(client)
        if not runs and client.run:
            runs = [RunAccount(entity=client.entity, project=client.project, run=client.run)]
        for run in runs:
            if client.rows is None:  # what the server saw of them, refused requests included
                self.rows.add(max(run.delivery.rows_sent, run.rows_stored), run.rows_stored)
                self.values.add(run.values_stored, run.values_stored)
            else:
                self.rows.add(client.rows, run.rows_stored)
                self.values.add(client.values, run.values_stored)
            _count(self.run_states, run.state or "unknown")
            self._add_run(run)

    def add_unnamed(self, client: ClientResult) -> None:
        """Count the requests of a client without a run, which the server cannot tell apart."""
        self.add_requests(
            {
                endpoint: {status: n for status, n in statuses.items() if status != "error"}
                for endpoint, statuses in client.requests.items()
            }
        )

    def add_requests(self, requests: dict[str, Counts]) -> None:
        """Count requests by endpoint and status."""
        for endpoint, statuses in requests.items():
            known = self.requests.setdefault(endpoint, {})
            for status, count in statuses.items():
                _count(known, status, count)

    def answered(self, endpoint: str | None = None, status: str | None = None) -> int:
        """Requests to `endpoint` answered with `status`; None stands for any."""
        return sum(
            count
            for name, statuses in self.requests.items()
            if endpoint in (None, name)
            for code, count in statuses.items()
            if status in (None, code)
        )

    def _add_client(self, client: ClientResult) -> None:
        self.clients += 1
        if client.failure is not None:
            self.clients_failed += 1
            if client.failure not in self.errors:
                self.errors.append(client.failure)
        self.files += client.files
        self.files_failed += client.files_failed
        self.file_bytes += client.file_bytes
        self.upload_seconds += client.upload_seconds
        if client.finish_seconds is not None:
            self.finish_seconds.append(client.finish_seconds)
        if not client.run and client.marker is None:
            self.throttled_seconds.append(client.throttled_seconds)
        self.pages += client.pages
        self.network_errors += sum(kind.get("error", 0) for kind in client.requests.values())
        self._lower(client.lowest_remaining)

    def _add_run(self, run: RunAccount) -> None:
        self.add_requests(run.requests)
        for operation, count in run.operations.items():
            _count(self.operations, operation, count)
        for limit, count in run.refused.items():
            _count(self.refused, limit, count)
        self.rows_resent += run.rows_resent
        self.rows_changed += run.rows_changed
        self.bytes_in += run.bytes_in
        self.bytes_refused += run.bytes_refused
        self.bytes_streamed += run.bytes_streamed
        self.gap_lines += sum(after - first for _, first, after in run.gaps)
        if run.state:
            _count(self.deliveries, run.delivery.verdict)
        self.bytes_wasted += run.delivery.bytes_wasted
        if run.delivery.lag is not None:
            self.lags.append(run.delivery.lag)
        self.guidance = (self.guidance or 0) + len(run.guidance)
        self.throttled_seconds.append(run.throttled_seconds)
        self._lower(run.lowest_remaining)

    def _lower(self, remaining: int | None) -> None:
        if remaining is not None:
            lowest = self.lowest_remaining
            self.lowest_remaining = remaining if lowest is None else min(lowest, remaining)


class Tallies(msgspec.Struct, kw_only=True):
    """Everybody's account."""

    workloads: dict[str, Tally]
    """By the workload's name, in the scenario's order."""
    total: Tally
    """All workloads, and the requests that named no run."""
    watched: bool = True
    """Whether a server watched what was logged; not so in simulations of very many rows."""
    compared: bool = True
    """Whether what is stored was held against what was logged; not so in simulations."""

    def add_guidance(self, findings: Iterable[Finding] | None) -> None:
        """Count those that concern no single run; None says that nobody watched."""
        if findings is None:
            for counted in (*self.workloads.values(), self.total):
                counted.guidance = None
        else:
            others = sum(finding.run is None for finding in findings)
            self.total.guidance = (self.total.guidance or 0) + others


def tally(
    names: Sequence[str],
    clients: Iterable[ClientResult],
    account: Account,
    behaved: Iterable[ClientAccount] | None = (),
    findings: Iterable[Finding] | None = None,
    content: Mapping[str, ContentCheck] | None = None,
) -> Tallies:
    """Count `clients` by workload; `names` are all workloads, also those without a client.

    `account` and `behaved` are the server's side of their runs, the latter None if it could not
    say; `findings` those of its guidance,
    of which what concerns no single run counts in the total only, None if nobody watched; `content`
    is by workload.
    """
    runs = _Runs(account.runs)
    workloads = {name: Tally() for name in names}
    total = Tally()
    behaviours: dict[str, list[Behaviour]] = {name: [] for name in names}
    by_run: dict[tuple[str | None, str | None, str | None], list[ClientAccount]] = {}
    for one in behaved or ():
        by_run.setdefault((one.entity, one.project, one.run), []).append(one)
    for client in clients:
        own = runs.of(client)
        if not client.run and client.marker is None:
            workloads[client.workload].add_unnamed(client)
        workloads[client.workload].add(client, own)
        total.add(client, own)
        paths = [(run.entity, run.project, run.run) for run in own]
        for path in paths or [(client.entity, client.project, client.run)]:
            behaviours[client.workload] += by_run.get(path, [])
    for name, workload in workloads.items():
        workload.behaviour = None if behaved is None else together(behaviours[name])
    every = (one for each in behaviours.values() for one in each)
    total.behaviour = None if behaved is None else together(every)
    total.add_requests(account.other_requests)
    for limit, count in account.other_refused.items():
        _count(total.refused, limit, count)
    for name, check in (content or {}).items():
        for counted in (workloads[name], total):
            counted.content_compared += check.runs
            counted.content_different += len(check.different)
    watched = findings is not None or behaved is None  # a server that is gone did watch
    tallies = Tallies(
        workloads=workloads, total=total, watched=watched, compared=content is not None
    )
    tallies.add_guidance(findings)
    return tallies


class _Runs:
    """The server's runs, by what clients know of them."""

    def __init__(self, runs: Iterable[RunAccount]) -> None:
        self._by_path: dict[tuple[str, str, str], RunAccount] = {}
        self._by_host: dict[str, list[RunAccount]] = {}
        for run in runs:
            self._by_path[run.entity, run.project, run.run] = run
            self._by_host.setdefault(run.host, []).append(run)

    def of(self, client: ClientResult) -> list[RunAccount]:
        if client.marker is not None:
            return self._by_host.get(client.marker, [])
        run = self._by_path.get((client.entity, client.project, client.run))
        return [] if run is None else [run]


def _count(counts: Counts, key: str, amount: int = 1) -> None:
    counts[key] = counts.get(key, 0) + amount
