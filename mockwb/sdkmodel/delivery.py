"""One request from its first attempt until it is accepted or given up.

Every request of a virtual run goes through here: retries, backoff, pacing, deadlines, counting.
"""

import math
from random import Random
from typing import NamedTuple

from mockwb.sdkmodel.answer_headers import Headers, read
from mockwb.sdkmodel.backoff import parse_retry_after, retry_wait
from mockwb.sdkmodel.pacing import HeaderPacing
from mockwb.sdkmodel.requests import Request
from mockwb.sdkmodel.settings import RetryPolicy
from mockwb.sdkmodel.status import Client, Verdict, judge
from mockwb.sdkmodel.tally import Tally

_ECHOED = 1024
"""Bytes of an answer that an error message repeats."""


class Outcome(NamedTuple):
    """How a delivery ended."""

    ok: bool
    status: int | None = None
    """Of the last answer; None if there was none."""
    body: bytes = b""
    error: str = ""


class Delivery:
    """A request and how far it got. At most one attempt is on the wire at a time."""

    __slots__ = (
        "_attempt_by",
        "_client",
        "_deadline",
        "_first_429",
        "_fresh",
        "_pacing",
        "_policy",
        "_random",
        "_retries",
        "_tally",
        "_trouble",
        "outcome",
        "request",
        "send_at",
    )

    def __init__(
        self,
        request: Request,
        now: float,
        *,
        client: Client,
        policy: RetryPolicy,
        random: Random,
        tally: Tally,
        pacing: HeaderPacing | None = None,
        deadline: float = math.inf,
    ) -> None:
        """Deliver from `now` on; at `deadline` it is given up, whatever it is doing."""
        self.request = request
        self.outcome: Outcome | None = None
        """None until it ended."""
        self._client = client
        self._policy = policy
        self._random = random
        self._tally = tally
        self._pacing = pacing
        self._deadline = deadline
        self._retries = 0
        self.send_at = now
        """When the next attempt goes out, or begins to wait for pacing; infinity while one is on
        the wire."""
        self._fresh = True
        """The next attempt has not begun, not even to wait for pacing."""
        self._attempt_by = math.inf
        self._first_429: float | None = None
        self._trouble: str | tuple[int, bytes] = ""
        """What was wrong with the last attempt: a text, or status and body of the answer."""

    def wake_at(self) -> float:
        """When due() has something to do; infinity if only an answer brings it on."""
        if self.outcome is not None:
            return math.inf
        return min(self.send_at, self._deadline)

    def due(self, now: float) -> Request | None:
        """The request, if it has to go out now; may also end the delivery at its deadline."""
        if self.outcome is not None:
            return None
        if now >= self._deadline:
            tried = f"Timed out while retrying: {self.last_error}"
            error = tried if self.last_error else "Timed out before any answer"
            self.outcome = Outcome(False, error=error)
            return None
        if now < self.send_at:
            return None
        if self._fresh:
            self._fresh = False
            self._attempt_by = now + (self._policy.timeout or math.inf)
            if not self._wait_for_pacing(now):
                return None
        return self._send(now)

    def _wait_for_pacing(self, now: float) -> bool:
        """Take a token; False if the attempt cannot go out at once."""
        wait = self._pacing.take(now, self._attempt_by - now) if self._pacing else 0.0
        if wait is None:
            self._trouble = "rate limit would exceed the request's timeout"
            self._retry(now, None)
            return False
        self.send_at = now + wait
        return wait <= 0

    def _send(self, now: float) -> Request:
        timeout = min(self._deadline, self._attempt_by) - now
        self.request.timeout = None if timeout == math.inf else timeout
        self.send_at = math.inf
        self._tally.bytes_sent += self.request.size
        return self.request

    def answered(self, now: float, status: int, headers: Headers, body: bytes, wall: float) -> None:
        """Take in an answer that arrived at `now`, which is `wall` seconds since the epoch."""
        if self.outcome is not None:
            return
        self._tally.count(self.request.surface, str(status))
        retry_after = self._read(now, headers, wall)
        verdict = judge(self._client, status)
        if status == 429 and self._first_429 is None:
            self._first_429 = now
        if verdict is Verdict.OK:
            if self._first_429 is not None:
                self._tally.throttled_seconds += now - self._first_429
            self.outcome = Outcome(True, status, body)
            return
        self._trouble = status, body
        if verdict is Verdict.FATAL:
            self.outcome = Outcome(False, status, body, self.last_error)
        else:
            self._retry(now, retry_after)

    @property
    def last_error(self) -> str:
        """What was wrong with the last attempt; empty if nothing was."""
        if isinstance(self._trouble, str):
            return self._trouble
        status, body = self._trouble
        return f"HTTP {status}: {body[:_ECHOED].decode(errors='replace')}"

    def failed(self, now: float, error: str) -> None:
        """The attempt got no answer: a network error or its timeout."""
        if self.outcome is not None:
            return
        self._tally.count(self.request.surface, "error")
        self._trouble = error
        self._retry(now, None)

    def _read(self, now: float, headers: Headers, wall: float) -> float | None:
        """Learn from the headers; seconds that Retry-After asks for."""
        remaining, reset, retry_after = read(headers)
        if remaining is not None:
            self._tally.see_remaining(remaining)
            if self._pacing is not None:
                self._pacing.learn(now, remaining, reset)
        return parse_retry_after(retry_after, wall) if retry_after else None

    def _retry(self, now: float, retry_after: float | None) -> None:
        if self._retries >= self._policy.max_retries:
            error = f"gave up after {self._retries} retries: {self.last_error}"
            self.outcome = Outcome(False, error=error)
            return
        wait = retry_wait(self._policy, self._retries, retry_after, self._random)
        self._retries += 1
        self._tally.retries += 1
        self._tally.backoff_seconds += wait
        self.send_at = now + wait
        self._fresh = True
