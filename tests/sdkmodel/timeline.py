"""Lives a virtual run, or a reader, through virtual time against answers that the test gives."""

import heapq
import itertools
import json
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mockwb.sdkmodel.public_reader import PublicReader
from mockwb.sdkmodel.requests import Request
from mockwb.sdkmodel.run import VirtualRun

WALL = 1_767_225_600.0


class Answer(NamedTuple):
    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = {}
    after: float = 0.0
    """Seconds until the answer comes; infinity for never (the request's timeout strikes)."""


class Sent(NamedTuple):
    at: float
    name: str
    body: bytes
    request: Request

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answering = Callable[[Sent, int], Answer | None]
"""Called with what was sent and its number (from 1) among those of its name; None: default."""


class Timeline:
    """Everything it sent, and when."""

    def __init__(
        self,
        run: VirtualRun | PublicReader,
        answering: Answering = lambda sent, number: None,
    ) -> None:
        self.now = 0.0
        self.sent: list[Sent] = []
        self._run = run
        self._answering = answering
        self._seen: dict[str, int] = {}
        self._coming: list[tuple[float, int, Request, Answer]] = []
        self._order = itertools.count()
        run.start(0.0, WALL)

    def of(self, name: str) -> list[Sent]:
        return [sent for sent in self.sent if sent.name == name]

    def times(self, name: str) -> list[float]:
        return [round(sent.at, 3) for sent in self.of(name)]

    def advance_to(self, end: float) -> "Timeline":
        """Live until `end`, or until the run is done."""
        while not self._run.done:
            at = self._next()
            if at > end:
                break
            self.now = max(self.now, at)
            self._take_answers()
            for request in self._run.due(self.now):
                self._send(request)
        self.now = max(self.now, end)
        return self

    def _next(self) -> float:
        wake_at = self._run.wake_at()
        answer_at = self._coming[0][0] if self._coming else math.inf
        return min(math.inf if wake_at is None else wake_at, answer_at)

    def _take_answers(self) -> None:
        while self._coming and self._coming[0][0] <= self.now:
            _, _, request, answer = heapq.heappop(self._coming)
            if answer.after == math.inf:
                self._run.failed(self.now, request, "timed out")
            else:
                items = answer.headers.items()
                self._run.answered(self.now, request, answer.status, items, answer.body)

    def _send(self, request: Request) -> None:
        sent = Sent(self.now, request.name, request.body, request)
        self.sent.append(sent)
        self._seen[request.name] = number = self._seen.get(request.name, 0) + 1
        answer = self._answering(sent, number) or usual_answer(sent)
        timeout = math.inf if request.timeout is None else request.timeout
        at = self.now + min(answer.after, timeout)
        late = answer if answer.after <= timeout else answer._replace(after=math.inf)
        heapq.heappush(self._coming, (at, next(self._order), request, late))


def usual_answer(sent: Sent) -> Answer:
    """What a server says that has nothing against the request."""
    if sent.name == "UpsertBucket":
        return graphql({"upsertBucket": {"bucket": bucket(sent.json["variables"]["name"])}})
    if sent.name == "CreateRunFiles":
        names = sent.json["variables"]["files"]
        files = [{"name": name, "uploadUrl": f"http://storage/{name}"} for name in names]
        created = {"runID": "id", "uploadHeaders": ["X-Token:t"], "files": files}
        return graphql({"createRunFiles": created})
    return graphql({}) if sent.request.url == "/graphql" else Answer()


def bucket(run: str, history_lines: int = 0) -> dict[str, Any]:
    return {
        "id": "id",
        "name": run,
        "historyLineCount": history_lines,
        "project": {"name": "vision", "entity": {"name": "team"}},
    }


def graphql(data: object) -> Answer:
    return Answer(body=json.dumps({"data": data}).encode())


def files_of(sent: Sent) -> dict[str, tuple[int, int]]:
    """File -> (offset, lines) of a file_stream request."""
    files = sent.json.get("files", {})
    return {name: (chunk["offset"], len(chunk["content"])) for name, chunk in files.items()}
