"""One client of a virtual workload, without a wire: a modelled run and the script around it.

`kinds.virtual` drives it over HTTP, `simulate` in virtual time. Whoever drives it calls `due`, puts
the requests on the wire, hands the answers to `run`, and comes back at `wake_at`.
"""

import math

from mockwb.scenario.client_result import ClientResult
from mockwb.sdkmodel.answer_headers import Headers
from mockwb.sdkmodel.lines import PlannedRows
from mockwb.sdkmodel.requests import Request
from mockwb.sdkmodel.run import VirtualRun

STOP_POLL_SECONDS = 15.0
"""The SDK's user process asks this often whether the server wants the run stopped."""

STOPPED_EXIT_CODE = 255
"""A stop arrives as KeyboardInterrupt; the SDK's exit hook makes this of it."""

FINISH_GRACE_SECONDS = 5.0
"""How long finish() may take once the scenario was stopped."""


class VirtualClient:
    """A run that logs what it was given, and finishes after the last row."""

    __slots__ = (
        "_cut_off_at",
        "_exit_code",
        "_finish_called_at",
        "_last_at",
        "_rows",
        "_started_at",
        "_stop_noticed_at",
        "_stopping",
        "_workload",
        "run",
    )

    def __init__(
        self, workload: str, run: VirtualRun, rows: PlannedRows, exit_code: int = 0
    ) -> None:
        """Live `run`, whose history is `rows`, as a client of `workload`.

        `exit_code` is what the script ends with if nobody stops it.
        """
        self.run = run
        self._workload = workload
        self._rows = rows
        self._exit_code = exit_code
        self._started_at = self._stop_noticed_at = self._cut_off_at = math.inf
        self._finish_called_at: float | None = None
        self._last_at = math.inf
        """When the last row arrives, once that is known."""
        self._stopping = False

    def start(self, now: float, wall: float) -> None:
        """Begin init at `now`, which is `wall` seconds since the epoch."""
        self._started_at = now
        self.run.start(now, wall)

    def stop(self) -> None:
        """The scenario is over: log no more and finish, within the grace."""
        self._stopping = True

    def over(self, now: float) -> bool:
        """Whether finish() is through, or was cut off."""
        return self.run.done_at is not None or now >= self._cut_off_at

    def due(self, now: float) -> list[Request]:
        """Do everything that is due now; the requests to put on the wire."""
        if self._stopping or self.run.stopped:
            self._notice_stop(now)
        if self._finish_called_at is None and now >= self._finish_at():
            self._finish_called_at = now
            stopped = now >= self._stop_noticed_at
            self.run.finish(now, STOPPED_EXIT_CODE if stopped else self._exit_code)
        return self.run.due(now)

    def wake_at(self) -> float:
        """When `due` has something to do; infinity if only an answer helps."""
        if self._stopping or self.run.stopped:
            return self._stops_at()
        wake_at = self.run.wake_at()
        if self._finish_called_at is None and (finish_at := self._finish_at()) < wake_at:
            return finish_at
        return wake_at

    def answered(
        self, now: float, request: Request, status: int, headers: Headers, body: bytes
    ) -> None:
        """Take in the answer to a request that due() gave."""
        self.run.answered(now, request, status, headers, body)

    def failed(self, now: float, request: Request, error: str) -> None:
        """A request that due() gave got no answer."""
        self.run.failed(now, request, error)

    def result(self, now: float) -> ClientResult:
        """What became of the client, as of `now`."""
        run, tally = self.run, self.run.tally
        return ClientResult(
            workload=self._workload,
            entity=run.name.entity or "",
            project=run.name.project,
            run=run.name.run,
            rows=run.rows(now),
            values=run.values(now),
            finish_seconds=self._finish_seconds(),
            exit_code=run.exit_code,
            error=self._error(),
            requests={str(surface): counts for surface, counts in tally.requests.items()},
            retries=tally.retries,
            throttled_seconds=tally.throttled_seconds,
            files=tally.files_handed,
            files_failed=tally.files_handed - len(tally.upload_seconds),
            file_bytes=tally.file_bytes,
            upload_seconds=tally.upload_seconds,
            lowest_remaining=tally.lowest_remaining,
        )

    def _error(self) -> str | None:
        if self._started_at == math.inf:
            return "stopped before its start"
        return self.run.error if self.run.done else "stopped before finish() was through"

    def _finish_seconds(self) -> float | None:
        """From the last row to the end of finish()."""
        done_at, called_at = self.run.done_at, self._finish_called_at
        if done_at is None or called_at is None or not self.run.exists:
            return None
        return done_at - min(called_at, self._rows.last_arrival())

    def _notice_stop(self, now: float) -> None:
        """Somebody wants an end: the server, which the script hears of late, or the scenario."""
        if self.run.stopped and self._stop_noticed_at == math.inf:
            since_poll = (now - self._started_at) % STOP_POLL_SECONDS
            self._stop_noticed_at = now + STOP_POLL_SECONDS - since_poll
        if self._stopping and self._cut_off_at == math.inf:
            self._cut_off_at = now + FINISH_GRACE_SECONDS

    def _stops_at(self) -> float:
        """As `wake_at`, when the scenario or the server wants an end."""
        if self.run.stopped and self._stop_noticed_at == math.inf:
            return -math.inf
        finish_at = math.inf if self._finish_called_at is not None else self._finish_at()
        return min(self.run.wake_at(), finish_at, self._cut_off_at)

    def _finish_at(self) -> float:
        """When the user's script calls finish(); infinity while init is under way."""
        if self._stopping:
            return -math.inf
        last_at = self._last_at
        if last_at == math.inf:
            last_at = self._last_at = self._rows.last_arrival()
        return last_at if last_at < self._stop_noticed_at else self._stop_noticed_at
