"""What Prometheus sees: an onlooker that counts, and a collector that shows the counts.

`saw` runs on every request, so it adds to plain integers; families and samples are made only when
somebody scrapes. Each instance has its own registry: many servers fit into one process.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import (
    CollectorRegistry,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from mockwb import __version__
from mockwb.observe.delivery_families import DeliveryFamilies
from mockwb.observe.label_cap import LabelCap
from mockwb.observe.quota_families import quota_families
from mockwb.observe.tallies import EndpointTally, IngestTally
from mockwb.record import RequestRecord
from mockwb.target import Surface, WindowUsage

_MAX_OPERATIONS = 200
"""GraphQL operations with a label of their own; SDKs know about a hundred."""

_MAX_FAULTS = 200
"""Faults with a label of their own."""

_INGEST_COUNTERS = (
    ("bytes", "mockwb_ingested_bytes", "Body bytes of accepted file stream requests."),
    ("lines", "mockwb_ingested_lines", "New lines of streamed files, history included."),
    ("rows", "mockwb_ingested_rows", "History rows stored that were not there before."),
    ("values", "mockwb_ingested_values", "Metric values in new history rows."),
    ("rows_resent", "mockwb_resent_rows", "History rows sent again unchanged; stored once."),
    ("rows_changed", "mockwb_changed_rows", "History rows sent again with other content."),
    ("gaps", "mockwb_gaps", "Gaps in line offsets that requests left open."),
)
"""(field of IngestTally, name without _total, help)."""


_MOST_KNOWN = 10_000
"""Projects, statuses and endpoints that are known again; when there are more, all are forgotten."""


class _Count:
    """Requests of one endpoint, status and project, and what they are counted in besides."""

    __slots__ = ("endpoint", "ingest", "project", "requests")

    def __init__(self, project: str, endpoint: EndpointTally) -> None:
        self.requests = 0
        self.project = project
        """Its label."""
        self.endpoint = endpoint
        self.ingest: IngestTally | None = None


class Metrics(Collector):
    """Counts requests, and renders the counts for Prometheus."""

    def __init__(
        self,
        max_projects: int,
        limit_usage: Callable[[], Iterable[WindowUsage]],
        findings: Callable[[], Iterable[tuple[str, str | None, int]]] = list,
    ) -> None:
        """Give at most `max_projects` a label.

        The usage of limits, and findings by range and project, are asked for at each scrape.
        """
        self._projects = LabelCap(max_projects)
        self._operations = LabelCap(_MAX_OPERATIONS)
        self._limit_usage = limit_usage
        self._findings = findings
        self._run_states: Mapping[str, int] = {}
        self._delivery = DeliveryFamilies()
        self._requests: dict[tuple[Surface, int, str], _Count] = {}
        self._counts: dict[tuple[Surface, int, str | None, str | None], _Count] = {}
        """Those by entity and project, whose label need not be looked up again."""
        self._refused: defaultdict[tuple[str, str, str], int] = defaultdict(int)
        self._faults: defaultdict[tuple[str, str, Surface], int] = defaultdict(int)
        self._fault_names = LabelCap(_MAX_FAULTS)
        self._premature: defaultdict[str, int] = defaultdict(int)
        self._graphql: defaultdict[str, int] = defaultdict(int)
        self._endpoints: defaultdict[Surface, EndpointTally] = defaultdict(EndpointTally)
        self._ingest: defaultdict[str, IngestTally] = defaultdict(IngestTally)
        self.registry = CollectorRegistry()
        self.registry.register(self)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)

    def saw(self, record: RequestRecord) -> None:
        """Count one finished request."""
        target = record.target
        surface = target.surface
        count = self._counts.get((surface, record.status, target.entity, target.project))
        if count is None:
            count = self._count_of(record)
        project = count.project
        count.requests += 1
        endpoint = count.endpoint
        endpoint.duration.observe(record.duration)
        endpoint.size.observe(record.bytes_in)
        endpoint.bytes_out += record.bytes_out
        if surface is Surface.FILE_STREAM:
            self._delivery.saw(record, project)
        if record.ingested is not None:
            if count.ingest is None:
                count.ingest = self._ingest[project]
            count.ingest.add(record.ingested, record.bytes_in)
        if record.refused_by is not None:
            refused_by = record.refused_by
            self._refused[refused_by.scope, refused_by.limit, project] += 1
        for name, kind in record.faults:
            self._faults[self._fault_names.claim(name), kind, surface] += 1
        if surface is Surface.GRAPHQL:
            self._graphql[self._operations.claim(target.operation)] += 1

    def note_premature_retry(self, project: str | None) -> None:
        """Count a retry that came before its time; `project` is `entity/project`."""
        self._premature[self._projects.claim(project)] += 1

    def note_verdicts(self, verdicts: Mapping[str, int]) -> None:
        """Show `verdicts`, verdict on a run's delivery -> runs, from now on."""
        self._delivery.note_verdicts(verdicts)

    def note_run_states(self, states: Mapping[str, int]) -> None:
        """Show `states`, state -> runs, from now on; they change without requests."""
        self._run_states = dict(states)

    def render(self, accept: str) -> tuple[bytes, str]:
        """The exposition and its content type, in the format that the `accept` header asks for."""
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type

    def collect(self) -> Iterator[Metric]:
        """All families; called by the registry at each scrape."""
        yield from self._request_families()
        yield from self._endpoint_families()
        yield from self._ingest_families()
        yield from quota_families(self._limit_usage(), self._projects)
        yield self._guidance_family()
        yield self._run_family()
        yield from self._delivery.collect()
        build = GaugeMetricFamily(
            "mockwb_build_info", "Always 1; the version is the label.", labels=("version",)
        )
        build.add_metric((__version__,), 1)
        yield build

    def _count_of(self, record: RequestRecord) -> _Count:
        target, status = record.target, record.status
        project = self._projects.claim(target.project_path)
        key = (target.surface, status, project)
        count = self._requests.get(key)
        if count is None:
            count = self._requests[key] = _Count(project, self._endpoints[target.surface])
        if len(self._counts) >= _MOST_KNOWN:
            self._counts.clear()
        self._counts[target.surface, status, target.entity, target.project] = count
        return count

    def _request_families(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "mockwb_requests",
            "Finished requests; code 0 is a client that went away before an answer.",
            labels=("endpoint", "code", "project"),
        )
        for (surface, status, project), counted in self._requests.items():
            requests.add_metric((surface.value, str(status), project), counted.requests)
        yield requests
        refused = CounterMetricFamily(
            "mockwb_requests_refused",
            "Requests answered with 429, by the limit that decided.",
            labels=("scope", "limit", "project"),
        )
        for labels, count in self._refused.items():
            refused.add_metric(labels, count)
        yield refused
        faults = CounterMetricFamily(
            "mockwb_faults",
            "Requests that a fault befell, by the fault.",
            labels=("fault", "kind", "endpoint"),
        )
        for (name, kind, surface), count in self._faults.items():
            faults.add_metric((name, kind, surface.value), count)
        yield faults
        premature = CounterMetricFamily(
            "mockwb_premature_retries",
            "Retries before Retry-After or RateLimit-Reset of the refusal had passed.",
            labels=("project",),
        )
        for project, count in self._premature.items():
            premature.add_metric((project,), count)
        yield premature
        operations = CounterMetricFamily(
            "mockwb_graphql_operations", "GraphQL requests by operation.", labels=("operation",)
        )
        for operation, count in self._graphql.items():
            operations.add_metric((operation,), count)
        yield operations

    def _endpoint_families(self) -> Iterator[Metric]:
        duration = HistogramMetricFamily(
            "mockwb_request_duration_seconds",
            "Time from a request's first byte to its answer.",
            labels=("endpoint",),
        )
        size = HistogramMetricFamily(
            "mockwb_request_size_bytes",
            "Request body bytes as they came over the wire.",
            labels=("endpoint",),
        )
        answered = CounterMetricFamily(
            "mockwb_response_bytes", "Response body bytes.", labels=("endpoint",)
        )
        for surface, tally in self._endpoints.items():
            labels = (surface.value,)
            duration.add_metric(labels, tally.duration.cumulative(), tally.duration.sum)
            size.add_metric(labels, tally.size.cumulative(), tally.size.sum)
            answered.add_metric(labels, tally.bytes_out)
        yield from (duration, size, answered)

    def _ingest_families(self) -> Iterator[Metric]:
        for field, name, text in _INGEST_COUNTERS:
            family = CounterMetricFamily(name, text, labels=("project",))
            for project, tally in self._ingest.items():
                family.add_metric((project,), getattr(tally, field))
            yield family

    def _guidance_family(self) -> Metric:
        counts: defaultdict[tuple[str, str], int] = defaultdict(int)
        for name, project, count in self._findings():
            counts[name, self._projects.claim(project)] += count
        findings = GaugeMetricFamily(
            "mockwb_guidance_findings",
            "Projects, runs and users beyond a range of W&B's guidance.",
            labels=("range", "project"),
        )
        for labels, count in counts.items():
            findings.add_metric(labels, count)
        return findings

    def _run_family(self) -> Metric:
        runs = GaugeMetricFamily("mockwb_runs", "Runs by state.", labels=("state",))
        for state, count in self._run_states.items():
            runs.add_metric((state,), count)
        return runs
