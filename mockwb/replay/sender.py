"""Sends a recording to a server, in its order and at a chosen pace.

A request waits for all those that had been answered before it began when it was recorded; what
was under way at the same time is so again.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

import aiohttp
from yarl import URL

from mockwb.clock import Clock
from mockwb.observe.redaction import REDACTED
from mockwb.replay.recording import Recorded, Recording
from mockwb.replay.translation import Translation
from mockwb.target import Surface

_PATIENCE = 300.0
"""Seconds for one answer."""
_OF_THE_CONNECTION = frozenset(
    {
        *("host", "connection", "content-length", "content-encoding", "transfer-encoding"),
        *("accept-encoding", "authorization", "expect"),
    }
)
"""Headers that are made anew: bodies were unpacked, keys left out."""
NO_ADDRESS = "no address for the file in this server's answers"


class ReplayError(Exception):
    """Nothing could be sent; the message says why."""


@dataclass(slots=True)
class Outcome:
    """What came of it."""

    sent: int = 0
    same: int = 0
    """Requests with the recorded status."""
    seconds: float = 0.0
    differing: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    """(endpoint, recorded status, new status) -> requests; 0 is no answer."""
    examples: dict[tuple[str, int, int], str] = field(default_factory=dict)
    """The first one of each, and the start of the answer."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Why requests were not sent -> how many."""


async def replay(
    recording: Recording, url: str, api_key: str, speed: float | None, clock: Clock
) -> Outcome:
    """Send everything to the server at `url`; `speed` None does not wait between requests.

    ReplayError if there is no server.
    """
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("Accept", "Content-Type", "User-Agent"),
        timeout=aiohttp.ClientTimeout(total=_PATIENCE),
    ) as session:
        sender = _Sender(session, url.rstrip("/"), api_key, clock)
        sender.outcome.skipped.update(recording.skipped)
        started = clock.now()
        await sender.send_all(recording.requests, speed)
        sender.outcome.seconds = clock.now() - started
        return sender.outcome


class _Sender:
    """One replay under way."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, api_key: str, clock: Clock
    ) -> None:
        self.outcome = Outcome()
        self._session = session
        self._url = url
        self._authorization = aiohttp.encode_basic_auth("api", api_key)
        self._clock = clock
        self._translation = Translation()
        self._unreachable: str | None = None
        """Why there is no server, as long as none has answered."""

    async def send_all(self, requests: list[Recorded], speed: float | None) -> None:
        """Send `requests`, which are ordered by their beginning; ReplayError without a server."""
        under_way: dict[asyncio.Task[None], float] = {}
        start = self._clock.now()
        async with asyncio.TaskGroup() as group:
            for request in requests:
                before = [task for task, end in under_way.items() if end <= request.time]
                if before:
                    await asyncio.wait(before)
                if self._unreachable is not None:
                    break
                under_way = {task: end for task, end in under_way.items() if not task.done()}
                if speed is not None:
                    due = start + (request.time - requests[0].time) / speed
                    await self._clock.sleep(due - self._clock.now())
                task = group.create_task(self._send(request))
                under_way[task] = request.time + request.duration
        if self._unreachable is not None:
            raise ReplayError(self._unreachable)

    async def _send(self, request: Recorded) -> None:
        url, authorised = self._address(request)
        if url is None:
            self.outcome.skipped[NO_ADDRESS] += 1
            return
        is_graphql = request.endpoint is Surface.GRAPHQL
        body = self._translation.graphql(request.body) if is_graphql else request.body
        headers = [
            (name, value)
            for name, value in request.headers
            if name.lower() not in _OF_THE_CONNECTION and REDACTED not in value
        ]
        if authorised:
            headers.append(("Authorization", self._authorization))
        try:
            async with self._session.request(
                request.method,
                URL(url, encoded=True),
                data=body or None,
                headers=headers,
                allow_redirects=False,
            ) as response:
                answer, status = await response.read(), response.status
        except aiohttp.ClientConnectorError as error:
            if not self.outcome.sent:
                self._unreachable = f"no server at {self._url}: {error.os_error.strerror}"
                return
            answer, status = str(error).encode(), 0
        except (aiohttp.ClientError, TimeoutError) as error:
            answer, status = (str(error) or type(error).__name__).encode(), 0
        if is_graphql:
            self._translation.learn(request.answer, answer)
        self._note(request, status, answer)

    def _address(self, request: Recorded) -> tuple[str | None, bool]:
        """Where the request goes, and whether with the key."""
        if request.endpoint is Surface.STORAGE and not request.path.startswith("/files/"):
            return self._translation.address(request), False
        query = f"?{request.query}" if request.query else ""
        names = {name.lower() for name, _ in request.headers}
        # Whoever had no key has none again; archives without headers do not say.
        authorised = "authorization" in names or not names
        return f"{self._url}{self._translation.path(request.path)}{query}", authorised

    def _note(self, request: Recorded, status: int, answer: bytes) -> None:
        self.outcome.sent += 1
        if status == request.status:
            self.outcome.same += 1
            return
        kind = (request.endpoint.value, request.status, status)
        self.outcome.differing[kind] += 1
        said = answer[:200].decode(errors="replace")
        self.outcome.examples.setdefault(kind, f"{request}: {said}")
