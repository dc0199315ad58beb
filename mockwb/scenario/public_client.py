"""A script that uses `wandb.Api`, as a client: of kind `public_api`, or what makes a sweep."""

from mockwb.scenario.client_result import ClientResult
from mockwb.sdkmodel.answer_headers import Headers
from mockwb.sdkmodel.public_operations import ProjectName
from mockwb.sdkmodel.public_script import PublicScript
from mockwb.sdkmodel.requests import Request


class PublicClient:
    """A client that has no run of its own."""

    def __init__(self, workload: str, path: ProjectName, script: PublicScript) -> None:
        """`script` reads or changes what is at `path`, for `workload`."""
        self.path = path
        self.script = script
        self._workload = workload
        self._started = self._stopped = False

    def start(self, now: float, wall: float) -> None:
        """Begin at `now`, which is `wall` seconds since the epoch."""
        self._started = True
        self.script.start(now, wall)

    def stop(self) -> None:
        """The scenario is over: so is the script."""
        self._stopped = True

    def over(self, now: float) -> bool:
        """Whether it has ended, was stopped, or died."""
        return self._stopped or self.script.done

    def due(self, now: float) -> list[Request]:
        """The requests to put on the wire now."""
        return self.script.due(now)

    def wake_at(self) -> float:
        """When due() has something to do; infinity if only an answer helps."""
        return self.script.wake_at()

    def answered(
        self, now: float, request: Request, status: int, headers: Headers, body: bytes
    ) -> None:
        """Take in the answer to a request."""
        self.script.answered(now, request, status, headers, body)

    def failed(self, now: float, request: Request, error: str) -> None:
        """A request got no answer."""
        self.script.failed(now, request, error)

    def result(self, now: float) -> ClientResult:
        """What became of it."""
        script, tally = self.script, self.script.tally
        return ClientResult(
            workload=self._workload,
            entity=self.path.entity,
            project=self.path.project,
            run="",
            pages=script.pages,
            exit_code=int(script.error is not None) if script.done else None,
            error=self._error(),
            requests={str(surface): counts for surface, counts in tally.requests.items()},
            retries=tally.retries,
            throttled_seconds=tally.throttled_seconds,
            lowest_remaining=tally.lowest_remaining,
        )

    def _error(self) -> str | None:
        if self.script.done:
            return self.script.error
        return "stopped before its end" if self._started else "stopped before its start"
