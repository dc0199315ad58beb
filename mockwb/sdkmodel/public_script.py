"""A script that uses `wandb.Api`, one call after the other, without a wire and without a clock.

Whoever drives it calls due(), puts the requests on the wire and hands the answers back. Requests
go through wandb-core as a run's do, and are tried again in the same way; but the caller waits no
longer than 19 seconds for one, and then the script dies of the exception.
"""

import math
from collections.abc import Generator, Mapping
from random import Random
from typing import Any

from mockwb.sdkmodel.answer_headers import Headers
from mockwb.sdkmodel.calls import Calls
from mockwb.sdkmodel.delivery import Outcome
from mockwb.sdkmodel.graphql_answer import data
from mockwb.sdkmodel.requests import Request
from mockwb.sdkmodel.settings import SdkSettings
from mockwb.sdkmodel.tally import Tally

PATIENCE_SECONDS = 19.0
"""How long a call of `wandb.Api` waits for its answer, retries included."""

Steps = Generator[Request | None, Mapping[str, Any], None]
"""Yields requests, which come back as the data of their answers, and None to keep its pace."""


class PublicScript:
    """What all such scripts have in common; a subclass says in `_script` what it does."""

    def __init__(self, *, every: float, random: Random) -> None:
        """The script keeps its pace by beginning rounds `every` seconds apart, or more."""
        self.tally = Tally()
        self.pages = 0
        """Read so far."""
        self.done_at: float | None = None
        self.error: str | None = None
        """What the script died of."""
        self.status: int | None = None
        """Of the answer that it died of, if there was one."""
        self._every = every
        self._calls = Calls(SdkSettings(), random, self.tally)
        self._steps = self._script()
        self._wall_offset = 0.0
        self._resume_at = math.inf
        """When the next round begins, while the script waits for it."""
        self._next_round_at = -math.inf

    @property
    def done(self) -> bool:
        """The script has ended, or died."""
        return self.done_at is not None

    def start(self, now: float, wall: float) -> None:
        """Begin at `now`, which is `wall` seconds since the epoch."""
        self._wall_offset = wall - now
        self._advance(now, None)

    def due(self, now: float) -> list[Request]:
        """The requests to put on the wire now."""
        if now >= self._resume_at:
            self._resume_at = math.inf
            self._advance(now, {})
        return self._calls.due(now)

    def wake_at(self) -> float:
        """When due() has something to do; infinity if only an answer helps."""
        return min(self._resume_at, self._calls.wake_at())

    def answered(
        self, now: float, request: Request, status: int, headers: Headers, body: bytes
    ) -> None:
        """Take in the answer to a request that due() gave."""
        self._calls.answered(now, request, status, headers, body, now + self._wall_offset)

    def failed(self, now: float, request: Request, error: str) -> None:
        """A request that due() gave got no answer."""
        self._calls.failed(now, request, error)

    def _script(self) -> Steps:
        """What the script does."""
        raise NotImplementedError

    def _advance(self, now: float, answer: Mapping[str, Any] | None) -> None:
        """Let the script go on until it asks or waits; None begins it."""
        try:
            step = next(self._steps) if answer is None else self._steps.send(answer)
        except StopIteration:
            self.done_at = now
            return
        except (LookupError, TypeError, AttributeError) as error:
            self._die(now, f"the answer is not what was asked for: {error!r}")
            return
        if step is None:
            self._resume_at = max(now, self._next_round_at)
            self._next_round_at = self._resume_at + self._every
        else:
            self._calls.begin(now, step, self._ended, deadline=now + PATIENCE_SECONDS)

    def _ended(self, now: float, outcome: Outcome) -> None:
        try:
            answer = data(outcome)
        except ValueError as error:
            self.status = outcome.status
            self._die(now, str(error))
            return
        self._advance(now, answer)

    def _die(self, now: float, error: str) -> None:
        self.error = error
        self.done_at = now
