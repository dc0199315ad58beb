"""The driver: many runs over few keep-alive connections, one request in flight on each.

It runs as a process of its own (`python -m tests.benchmarks.load SPEC`, SPEC as JSON), speaks
HTTP/1.1 on bare asyncio protocols so as to cost a fraction of any server, and prints its result
as one line of JSON.
"""

import asyncio
import base64
import itertools
import sys
from collections.abc import Iterator, Sequence
from math import ceil
from time import process_time
from typing import cast

import msgspec
import uvloop

from mockwb.clock import RealClock
from tests.benchmarks.cases import CASES, Bodies, requests_of

API_KEY = "benchmark0benchmark0benchmark0benchmark0"

_PATIENCE_SECONDS = 30.0
"""Beyond the time asked for; a server that has not answered by then never will."""

_clock = RealClock()
_AUTHORIZATION = "Basic " + base64.b64encode(f"api:{API_KEY}".encode()).decode()


class Spec(msgspec.Struct, kw_only=True):
    """What to send, where, and for how long."""

    port: int
    case: str
    entity: str
    project: str
    runs: list[str]
    connections: int
    seconds: float
    """Measured time; as long again, but at most half a second, goes before it to warm up."""


class Result(msgspec.Struct, kw_only=True):
    """What came of it."""

    requests: int
    """Answered within the measured time."""
    seconds: float
    p50: float
    p99: float
    """Seconds from sending a request to the end of its answer."""
    answered: int
    """All accepted requests, those of the warm-up included."""
    rows_sent: int
    """In all accepted requests."""
    failures: int
    """Answers other than 200, and connections lost."""
    driver_busy: float
    """Share of the time that this process used a core; near 1, it measured itself."""


class Tape:
    """What all connections of a process write their answers on."""

    def __init__(self, start: float, end: float) -> None:
        self.start = start
        self.end = end
        self.latencies: list[float] = []
        self.accepted = 0
        self.failures = 0


class Connection(asyncio.Protocol):
    """Sends the next request as soon as the answer to the last one is complete."""

    def __init__(self, requests: Iterator[bytes], tape: Tape) -> None:
        self._requests = requests
        self._tape = tape
        self._buffer = b""
        self._sent_at = 0.0
        self._transport: asyncio.WriteTransport
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast("asyncio.WriteTransport", transport)
        self._send(_clock.now())

    def data_received(self, data: bytes) -> None:
        self._buffer = data = self._buffer + data if self._buffer else data
        head = data.find(b"\r\n\r\n")
        if head < 0 or len(data) < head + 4 + _content_length(data):
            return
        self._buffer = b""
        now = _clock.now()
        tape = self._tape
        if data.startswith(b"HTTP/1.1 200"):
            tape.accepted += 1
            if tape.start <= now <= tape.end:
                tape.latencies.append(now - self._sent_at)
        else:
            tape.failures += 1
        self._send(now)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self._tape.failures += 1
            self.done.set_result(None)

    def _send(self, now: float) -> None:
        if now > self._tape.end:
            self.done.set_result(None)
            self._transport.close()
            return
        self._sent_at = now
        self._transport.write(next(self._requests))


def _content_length(answer: bytes) -> int:
    """Bytes of the body; aiohttp writes the header so in every answer that has one."""
    start = answer.index(b"Content-Length: ") + 16
    return int(answer[start : answer.index(b"\r", start)])


async def drive(spec: Spec) -> Result:
    """Keep every connection busy for the time that `spec` says."""
    (case,) = [case for case in CASES if case.name == spec.case]
    bodies = Bodies(case)
    host = f"127.0.0.1:{spec.port}"
    streams = [
        requests_of(
            f"/files/{spec.entity}/{spec.project}/{run}/file_stream", host, _AUTHORIZATION, bodies
        )
        for run in spec.runs
    ]
    start = _clock.now() + min(0.5, spec.seconds)
    tape = Tape(start, start + spec.seconds)
    busy_before, began = process_time(), _clock.now()
    connections = [
        Connection(_in_turn(streams[number :: spec.connections]), tape)
        for number in range(spec.connections)
    ]
    loop = asyncio.get_running_loop()
    for connection in connections:
        await loop.create_connection(lambda c=connection: c, "127.0.0.1", spec.port)  # type: ignore[misc]
    async with asyncio.timeout(spec.seconds + _PATIENCE_SECONDS):
        await asyncio.gather(*(connection.done for connection in connections))
    busy = (process_time() - busy_before) / (_clock.now() - began)
    return Result(
        requests=len(tape.latencies),
        seconds=spec.seconds,
        p50=quantile(tape.latencies, 0.50),
        p99=quantile(tape.latencies, 0.99),
        answered=tape.accepted,
        rows_sent=tape.accepted * bodies.rows,
        failures=tape.failures,
        driver_busy=busy,
    )


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest of `values` that a `share` of them does not exceed; 0 without values."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else 0.0


def _in_turn(streams: Sequence[Iterator[bytes]]) -> Iterator[bytes]:
    """One request of each run after the other, for ever."""
    return (next(stream) for stream in itertools.cycle(streams))


if __name__ == "__main__":
    spec = msgspec.json.decode(sys.argv[1], type=Spec)
    print(msgspec.json.encode(uvloop.run(drive(spec))).decode(), flush=True)
