"""The server's side of a simulation: faults, then limits, then what is stored and answered.

Limits, faults and accounts are the server's own code; what is answered is the little that the SDK
model reads. `engine` asks for each attempt that arrives.
"""

import msgspec

from mockwb.account import Account
from mockwb.client_account import ClientAccount
from mockwb.clock import VirtualClock
from mockwb.config.load import rules_of
from mockwb.config.model import ServerConfig
from mockwb.faults.faults import Faults
from mockwb.faults.subject import Subject
from mockwb.gate.gate import refusal_text
from mockwb.guidance import Finding
from mockwb.limits.decision import Decision
from mockwb.limits.limiter import Limiter
from mockwb.limits.scopes import SCOPES
from mockwb.observe.run_tally import add_faults, by_endpoint
from mockwb.record import ActedFault, Ingested, RefusedBy, RequestRecord
from mockwb.sdkmodel.answer_headers import RateHeaders
from mockwb.sdkmodel.file_stream_body import FileStreamBody
from mockwb.sdkmodel.requests import GraphQLCall
from mockwb.sdkmodel.run import VirtualRun
from mockwb.simulate.afflictions import afflicted
from mockwb.simulate.draws import Durations
from mockwb.simulate.flight import Answer, Fate, Flight
from mockwb.simulate.graphql_answers import answer_to, listed_items
from mockwb.simulate.guidance import SimulatedGuidance
from mockwb.simulate.served_api import ServedApi
from mockwb.simulate.served_run import SDK_VERSION, ServedRun
from mockwb.simulate.so_far import SoFar
from mockwb.simulate.streamed import note, store
from mockwb.target import Cost, Surface

_NO_HEADERS = RateHeaders()
_TEXT = [str(number) for number in range(1001)]
"""Remaining as headers have it."""
(_QUERY_TIME,) = (scope for scope in SCOPES if scope.limit == "query_time")
_GOING_ON = b'{"exitcode":null,"limits":{},"stopped":false}'
_STOPPED = b'{"exitcode":null,"limits":{},"stopped":true}'
_UNLIMITED = Answer(200, _NO_HEADERS, _GOING_ON)


class SimulatedServer:
    """A server without a wire."""

    def __init__(
        self, config: ServerConfig, clock: VirtualClock, times: Durations, *, watched: bool = False
    ) -> None:
        """Serve as `config` says, and take as long over a request as `times` say.

        `watched` has what is logged held against W&B's guidance.
        """
        self.config = config
        self.limiter = Limiter(config.limits, clock)
        self.faults = Faults(clock, config.fault_seed, rules_of(config))
        self.runs: list[ServedRun] = []
        """All that may come."""
        self.so_far = SoFar()
        """Sums over all requests."""
        self.epoch = 1
        """How often it has been started."""
        self.guidance = SimulatedGuidance(config, clock) if watched else None
        self._clock = clock
        self._times = times
        self.down_until = 0.0
        """Nobody listens before."""
        self._other: dict[tuple[str, int], int] = {}
        self._other_refused: dict[str, int] = {}
        self._other_faults: dict[str, int] = {}

    def refuse(self, until: float) -> None:
        """Break all connections, and take no new ones until then."""
        self.down_until = max(self.down_until, until)
        self.epoch += 1

    def forget(self) -> None:
        """Be a new server: all that was stored, counted and changed is gone."""
        self.limiter = Limiter(self.config.limits, self._clock)
        self.faults.replace([])
        self.so_far = SoFar()
        self._other, self._other_refused, self._other_faults = {}, {}, {}
        for run in self.runs:
            run.forget()
        if self.guidance is not None:
            self.guidance.forget()

    def start_faults(self) -> None:
        """Put those faults in force that the configuration has."""
        self.faults.replace(rules_of(self.config))

    def take(self, flight: Flight, now: float) -> float:
        """An attempt arrives: let faults strike it; the seconds for which they hold it up."""
        run, request = flight.client.served, flight.request
        record = run.record(request, now)
        flight.arrive(record, None)
        return self._strike(flight, record) if self.faults.active else 0.0

    def lose(self, flight: Flight) -> None:
        """An attempt whose client goes away before it is handled."""
        self._see(flight, 0, flight.gives_up_at)

    def handle(self, flight: Flight, now: float) -> Fate:
        """Decide, store and answer; what becomes of the attempt."""
        effect, took = flight.effect, self._times.draw()
        if effect is None:
            answer = self._answer(flight, now, stopped=False)
            self._see(flight, answer.status, now + took)
            return took, answer
        if effect.refuse is not None:
            self.refuse(now + effect.refuse)
        fate, status = afflicted(
            flight, effect, lambda: self._answer(flight, now, stopped=effect.stopped), took
        )
        self._see(flight, status, min(now + fate[0], flight.gives_up_at))
        return fate

    def account(self, now: float, to_wall: float) -> Account:
        """What the server says about all runs."""
        crash_after = self.config.runs.crash_after
        accounts = (run.account(now, to_wall, crash_after) for run in self.runs)
        known = [account for account in accounts if account is not None]
        if self.guidance is not None:
            for one in known:
                one.guidance = self.guidance.of_run(one.entity, one.project, one.run)
        return Account(
            runs=known,
            other_requests=by_endpoint(self._other),
            other_refused=self._other_refused,
            other_faults=self._other_faults,
        )

    def behaved(self) -> list[ClientAccount]:
        """How the clients of all runs behaved."""
        return [behaved for run in self.runs for behaved in run.behaved()]

    def findings(self) -> list[Finding] | None:
        """The ranges of W&B's guidance that were left; None if nobody watches."""
        return None if self.guidance is None else self.guidance.findings()

    def _strike(self, flight: Flight, record: RequestRecord) -> float:
        user = record.caller.user or ""
        agent = record.user_agent
        struck = self.faults.decide(Subject(record.target, user, agent, SDK_VERSION))
        if struck is None:
            return 0.0
        effect = struck.effect
        record.faults = tuple(ActedFault(*by) for by in struck.by)
        flight.arrive(record, effect)
        return effect.delay + (record.bytes_in / effect.bytes_in if effect.bytes_in else 0.0)

    def _see(self, flight: Flight, status: int, ended_at: float) -> None:
        """Count an attempt that has ended, as the server's onlookers do."""
        record = flight.record
        record.status = status
        record.duration = ended_at - record.started_at
        text, so_far, served = str(status), self.so_far, flight.client.served
        if self.guidance is not None:
            self.guidance.saw(record, flight.request)
        so_far.answered[text] = so_far.answered.get(text, 0) + 1
        if record.target.run is not None:
            so_far.bytes_in += record.bytes_in
            served.saw(record)
            body = flight.request.content
            if isinstance(body, FileStreamBody) and isinstance(served, ServedRun):
                rows = body.history
                sent_to = body.history_offset + rows.lines if rows else 0
                so_far.streamed(served, sent_to, record.ingested.rows if record.ingested else 0)
            return
        key = (record.target.surface, status)
        self._other[key] = self._other.get(key, 0) + 1
        if record.refused_by is not None:
            limit = f"{record.refused_by.scope}.{record.refused_by.limit}"
            self._other_refused[limit] = self._other_refused.get(limit, 0) + 1
        add_faults(self._other_faults, record)

    def _admit(self, record: RequestRecord, cost: Cost) -> tuple[RateHeaders, Answer | None]:
        """The headers of the answer, and the answer itself if a limit refuses."""
        decision = self.limiter.admit(record.target, record.caller, cost)
        if decision is None:
            return _NO_HEADERS, None
        headers = _told(record, decision)
        if decision.admitted:
            return headers, None
        if decision.too_large:
            return headers, Answer(413, headers, b"request is larger than the limit")
        record.refused_by = RefusedBy(decision.scope, decision.limit)
        return headers, Answer(429, headers, refusal_text(decision).encode())

    def _answer(self, flight: Flight, now: float, *, stopped: bool) -> Answer:
        """What a request that may be handled comes to; `stopped` tells the run to end."""
        surface = flight.request.surface
        if surface is Surface.FILE_STREAM:
            return self._stream(flight, now, stopped=stopped)
        if surface is Surface.GRAPHQL:
            return self._graphql(flight, now)
        return self._upload(flight)

    def _stream(self, flight: Flight, now: float, *, stopped: bool) -> Answer:
        body, record, run = flight.request.content, flight.record, flight.client.served
        assert isinstance(body, FileStreamBody)
        assert isinstance(run, ServedRun)
        note(record, body)
        headers, refusal = self._admit(record, Cost(1, record.bytes_in))
        if refusal is not None:
            return refusal
        if not run.exists:
            return Answer(404, headers, b"run not found")
        run.heard_at = now
        record.ingested = store(run, body)
        if record.ingested is not None and record.ingested.rows:
            self._note_lags(flight, run, body.history_offset, record.ingested, now)
        if headers is _NO_HEADERS and not stopped:
            return _UNLIMITED
        return Answer(200, headers, _STOPPED if stopped else _GOING_ON)

    @staticmethod
    def _note_lags(
        flight: Flight, run: ServedRun, first: int, ingested: Ingested, now: float
    ) -> None:
        """How late its new rows are, which are the last ones of its chunk."""
        client = flight.client.run
        if isinstance(client, VirtualRun):
            stop = first + ingested.rows + ingested.rows_resent
            oldest = now - client.logged_at(stop - ingested.rows)
            newest = now - client.logged_at(stop - 1)
            run.lags.add(ingested.rows, max(0.0, newest), max(0.0, oldest))

    def _graphql(self, flight: Flight, now: float) -> Answer:
        call, record, run = flight.request.content, flight.record, flight.client.served
        assert isinstance(call, GraphQLCall)
        rules = self.limiter.rules
        named = record.target.project is not None
        costs = rules.query_costs if named and _QUERY_TIME.limited(rules) else None
        made = isinstance(run, ServedApi) or run.exists
        inserts = call.operation == "UpsertBucket" and not made
        query_ms = 0 if costs is None else costs.before(call.operation)
        cost = Cost(1, record.bytes_in, int(inserts), query_ms)
        headers, refusal = self._admit(record, cost)
        if refusal is not None:
            error = {"errors": [{"message": refusal.body.decode()}]}
            return refusal._replace(body=msgspec.json.encode(error))
        if isinstance(run, ServedApi):
            body, listed = run.answer(call)
        else:
            body, listed = answer_to(call, run, now), listed_items(call)
        if costs is not None:
            more = costs.after(call.operation, listed, 0.0)
            charged = self.limiter.charge(record.target, record.caller, Cost(0, query_ms=more))
            left = record.ratelimit_remaining
            if more and charged is not None and (left is None or charged.remaining < left):
                headers = _told(record, charged)
        return Answer(200, headers, body)

    def _upload(self, flight: Flight) -> Answer:
        record, run = flight.record, flight.client.served
        assert isinstance(run, ServedRun)
        if not run.exists:
            return Answer(404, _NO_HEADERS, b"run not found")
        headers, refusal = self._admit(record, Cost(1, record.bytes_in))
        return refusal or Answer(200, headers, b"")


def _told(record: RequestRecord, decision: Decision) -> RateHeaders:
    """The headers of a decision, noted in the record too."""
    record.ratelimit_remaining = decision.remaining
    record.ratelimit_reset = decision.reset
    record.retry_after = decision.retry_after
    wait = decision.retry_after
    retry_after = () if wait is None else (str(wait),)
    return RateHeaders(_TEXT[decision.remaining], str(decision.reset), retry_after)
