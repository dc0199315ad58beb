"""`wandb agent`, without a wire and without a clock: it joins a sweep and does as it is told.

Whoever drives it calls due(), puts the requests on the wire and hands the answers back; its runs
are part of it. What a run is, is its maker's business. Source: wandb SDK 0.31, wandb_agent.py.
"""

import json
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from random import Random
from typing import Any, Protocol

from mockwb.sdkmodel.answer_headers import Headers
from mockwb.sdkmodel.calls import Calls
from mockwb.sdkmodel.delivery import Outcome
from mockwb.sdkmodel.graphql_answer import data
from mockwb.sdkmodel.public_operations import ProjectName
from mockwb.sdkmodel.public_script import PATIENCE_SECONDS
from mockwb.sdkmodel.requests import Request
from mockwb.sdkmodel.settings import SdkSettings
from mockwb.sdkmodel.sweep_operations import SweepOperations
from mockwb.sdkmodel.tally import Tally
from mockwb.sdkmodel.wireless import Wireless

POLL_SECONDS = 5.0
"""An agent looks after its runs, and asks for commands, this often."""
_HEARTBEAT_PATIENCE = 60.0
_FLAPPING_SECONDS, _FLAPPING_FAILURES = 60.0, 3
_INITIAL_FAILURES = 5
_NOT_FOUND = 404


class AgentRun(Wireless, Protocol):
    """A run that an agent started, as a process of its own, which is over when that has ended."""

    @property
    def exit_code(self) -> int | None:
        """Of the process; None if it was killed, or is under way."""

    def kill(self) -> None:
        """Be gone, without another word."""


MakeRun = Callable[[str, Mapping[str, Any]], AgentRun]
"""(run ID, config) -> a run that has not begun."""


class SweepAgent:
    """One agent and its runs, one after the other."""

    def __init__(
        self,
        where: ProjectName,
        sweep: str,
        *,
        host: str,
        api_key: str,
        random: Random,
        make_run: MakeRun,
    ) -> None:
        """Join the sweep whose ID is `sweep`, on the machine called `host`."""
        self.tally = Tally()
        """Of the agent's own requests."""
        self.error: str | None = None
        """Why the agent gave up."""
        self._operations = SweepOperations(where, api_key)
        self._sweep = sweep
        self._host = host
        self._make_run = make_run
        self._calls = Calls(SdkSettings(), random, self.tally)
        self._senders: dict[Request, AgentRun | None] = {}
        """Requests on the wire: the run that sent it; None for the agent's own."""
        self._id = ""
        self._runs: dict[str, AgentRun] = {}
        """Under way, or ended since the last look."""
        self._started_at = math.inf
        self._wall_offset = 0.0
        self._look_at = math.inf
        self._finished = self._failed = 0
        self._deleted = False
        self._stopping = False
        self.done_at: float | None = None
        """When the agent ended, and its runs with it."""

    def start(self, now: float, wall: float) -> None:
        """Begin at `now`, which is `wall` seconds since the epoch."""
        self._started_at = now
        self._wall_offset = wall - now
        self._ask(now, self._operations.viewer(), self._known)

    def stop(self) -> None:
        """Take no more runs; those under way come to an end soon."""
        self._stopping = True
        for run in self._runs.values():
            run.stop()

    def over(self, now: float) -> bool:
        """Whether the agent and all its runs have ended."""
        runs_over = all(run.over(now) for run in self._runs.values())
        return runs_over if self._stopping else self.done_at is not None

    def due(self, now: float) -> list[Request]:
        """The requests to put on the wire now, those of runs included."""
        if now >= self._look_at and not self._stopping:
            self._look_at = math.inf
            self._look(now)
        requests = []
        if not self._stopping:
            requests = self._calls.due(now)
            self._senders.update(dict.fromkeys(requests))
        for run in list(self._runs.values()):
            for request in run.due(now) if not run.over(now) else ():
                self._senders[request] = run
                requests.append(request)
        return requests

    def wake_at(self) -> float:
        """When due() has something to do; infinity if only an answer helps."""
        own = math.inf if self._stopping else min(self._look_at, self._calls.wake_at())
        # A run that is over has nothing to do; the agent sees that at its next look.
        return min([own, *(run.wake_at() for run in self._runs.values())])

    def answered(
        self, now: float, request: Request, status: int, headers: Headers, body: bytes
    ) -> None:
        """Take in the answer to a request that due() gave."""
        run = self._senders.pop(request, None)
        if run is None:
            self._calls.answered(now, request, status, headers, body, now + self._wall_offset)
        elif not run.over(now):
            run.answered(now, request, status, headers, body)

    def failed(self, now: float, request: Request, error: str) -> None:
        """A request that due() gave got no answer."""
        run = self._senders.pop(request, None)
        if run is None:
            self._calls.failed(now, request, error)
        elif not run.over(now):
            run.failed(now, request, error)

    def _ask(
        self,
        now: float,
        request: Request,
        then: Callable[[float, dict[str, Any]], None],
    ) -> None:
        """Ask something without which the agent cannot go on."""

        def ended(at: float, outcome: Outcome) -> None:
            try:
                then(at, data(outcome))
            except ValueError as error:
                self._give_up(at, str(error))
            except (LookupError, TypeError) as error:
                self._give_up(at, f"the answer is not what was asked for: {error!r}")

        self._calls.begin(now, request, ended, deadline=now + PATIENCE_SECONDS)

    def _known(self, now: float, _: dict[str, Any]) -> None:
        self._ask(now, self._operations.sweep_with_runs(self._sweep), self._read)

    def _read(self, now: float, answer: dict[str, Any]) -> None:
        if not (answer.get("project") or {}).get("sweep"):
            self._give_up(now, f"no sweep {self._sweep}")
            return
        self._ask(now, self._operations.create_agent(self._sweep, self._host), self._joined)

    def _joined(self, now: float, answer: dict[str, Any]) -> None:
        self._id = answer["createAgent"]["agent"]["id"]
        self._look_at = now + POLL_SECONDS

    def _look(self, now: float) -> None:
        """See to the runs; then ask for commands."""
        over = [name for name, run in self._runs.items() if run.over(now)]
        for name in over:
            if (self._runs[name].exit_code or 0) > 0:
                self._failed += 1
                if self._hopeless(now):
                    return
            self._finished += 1
            del self._runs[name]
        if self._deleted:
            if not self._runs:
                self._end(now)
                return
            self._look_at = now + POLL_SECONDS
        elif over:  # the SDK then begins a new session
            self._ask(now, self._operations.viewer(), lambda at, _: self._beat(at))
        else:
            self._beat(now)

    def _hopeless(self, now: float) -> bool:
        """Whether so many runs failed that the agent gives up."""
        flapping = now < self._started_at + _FLAPPING_SECONDS
        if flapping and self._failed >= _FLAPPING_FAILURES:
            self._give_up(now, f"{self._failed} failed runs in the first {_FLAPPING_SECONDS:.0f} s")
        elif self._failed >= max(self._finished, _INITIAL_FAILURES):
            self._give_up(now, f"{self._failed} failed runs in a row")
        return self.done_at is not None

    def _beat(self, now: float) -> None:
        request = self._operations.heartbeat(self._id, self._runs)
        self._calls.begin(now, request, self._told, deadline=now + _HEARTBEAT_PATIENCE)

    def _told(self, now: float, outcome: Outcome) -> None:
        """Obey. An answer that is none is no command."""
        if self._stopping:
            return
        if outcome.status == _NOT_FOUND:
            self._deleted = True
            if not self._runs:
                self._give_up(now, "the sweep was deleted")
                return
        commands: list[dict[str, Any]] = []
        with suppress(ValueError, TypeError, KeyError):
            commands = json.loads(data(outcome)["agentHeartbeat"]["commands"])
        self._look_at = now + POLL_SECONDS
        for command in commands:
            with suppress(LookupError, TypeError, AttributeError):  # logged and passed over
                self._obey(now, command)

    def _obey(self, now: float, command: Mapping[str, Any]) -> None:
        match command.get("type"):
            case "run" | "resume":
                config = {name: each["value"] for name, each in command["args"].items()}
                run = self._runs[command["run_id"]] = self._make_run(command["run_id"], config)
                run.start(now, now + self._wall_offset)
            case "stop":
                if command["run_id"] in self._runs:
                    self._runs[command["run_id"]].kill()
            case "exit":
                self._end(now)

    def _give_up(self, now: float, error: str) -> None:
        self.error = error
        self._end(now)

    def _end(self, now: float) -> None:
        self.done_at = now
        self._look_at = math.inf
        self._calls.drop()
        for run in self._runs.values():
            run.kill()
