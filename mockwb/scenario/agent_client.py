"""A sweep's agent as a client of a workload; its runs are clients of their own."""

from mockwb.scenario.client_result import ClientResult
from mockwb.sdkmodel.answer_headers import Headers
from mockwb.sdkmodel.public_operations import ProjectName
from mockwb.sdkmodel.requests import Request
from mockwb.sdkmodel.sweep_agent import SweepAgent


class AgentClient:
    """Kind `sweep` drives it over HTTP, `simulate` in virtual time."""

    def __init__(
        self, workload: str, path: ProjectName, agent: SweepAgent, no_sweep: str | None = None
    ) -> None:
        """`no_sweep` says why there is nothing to join, if that is so."""
        self.path = path
        self.agent = agent
        self._workload = workload
        self._no_sweep = no_sweep
        self._started = False

    def start(self, now: float, wall: float) -> None:
        """Begin at `now`, which is `wall` seconds since the epoch."""
        self._started = True
        if self._no_sweep is None:
            self.agent.start(now, wall)

    def stop(self) -> None:
        """The scenario is over: take no more runs."""
        self.agent.stop()

    def over(self, now: float) -> bool:
        """Whether the agent and its runs have ended."""
        return self._no_sweep is not None or self.agent.over(now)

    def due(self, now: float) -> list[Request]:
        """The requests to put on the wire now."""
        return self.agent.due(now)

    def wake_at(self) -> float:
        """When due() has something to do; infinity if only an answer helps."""
        return self.agent.wake_at()

    def answered(
        self, now: float, request: Request, status: int, headers: Headers, body: bytes
    ) -> None:
        """Take in the answer to a request."""
        self.agent.answered(now, request, status, headers, body)

    def failed(self, now: float, request: Request, error: str) -> None:
        """A request got no answer."""
        self.agent.failed(now, request, error)

    def result(self, now: float) -> ClientResult:
        """What became of the agent itself."""
        error, tally = self._error(), self.agent.tally
        return ClientResult(
            workload=self._workload,
            entity=self.path.entity,
            project=self.path.project,
            run="",
            exit_code=None if error else 0,
            error=error,
            requests={str(surface): counts for surface, counts in tally.requests.items()},
            retries=tally.retries,
            throttled_seconds=tally.throttled_seconds,
            lowest_remaining=tally.lowest_remaining,
        )

    def _error(self) -> str | None:
        if not self._started:
            return "stopped before its start"
        if self._no_sweep is not None:
            return f"no sweep: {self._no_sweep}"
        return self.agent.error and f"agent: {self.agent.error}"
