"""What the benchmark sends: file_stream requests as the SDK makes them, cheap to produce.

Everything that does not change is built once. Offsets and steps are padded with spaces, which JSON
allows before a number, so that the length of a request never changes.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass

_WIDTH = 10
_MARK = 9_876_543_210
"""Stands where a number of `_WIDTH` characters goes."""
_VARIANTS = 8
"""Different rows that a run cycles through."""


@dataclass(frozen=True)
class Case:
    """One kind of request."""

    name: str
    rows: int
    metrics: int
    """Metrics per row, besides `_step`, `_timestamp` and `_runtime`."""


CASES = (
    Case("heartbeat", 0, 0),
    Case("one small row", 1, 3),
    Case("100 rows x 100 metrics", 100, 100),
)


class Bodies:
    """The bodies of one case. Requests with rows repeat the summary, as wandb-core's do."""

    def __init__(self, case: Case, seed: int = 1) -> None:
        self.rows = case.rows
        self._heartbeat = b"{}"
        if not case.rows:
            return
        values = random.Random(seed)
        lines = [_line(case.metrics, values) for _ in range(_VARIANTS)]
        joined = b",".join(lines[number % _VARIANTS] for number in range(case.rows))
        body = (
            b'{"files":{"wandb-history.jsonl":{"offset":%d,"content":[%s]},'
            b'"wandb-summary.json":{"offset":0,"content":[%s]}}}' % (_MARK, joined, lines[0])
        )
        self._pieces = body.split(b"%d" % _MARK)

    def at(self, offset: int) -> bytes:
        """The body whose first row is line `offset`; `_step` equals the line number."""
        if not self.rows:
            return self._heartbeat
        numbers = [offset, *range(offset, offset + self.rows), offset + self.rows - 1]
        merged = [self._pieces[0]]
        for number, piece in zip(numbers, self._pieces[1:], strict=True):
            merged += (b"%*d" % (_WIDTH, number), piece)
        return b"".join(merged)


def requests_of(path: str, host: str, authorization: str, bodies: Bodies) -> Iterator[bytes]:
    """Whole HTTP requests of one run, for ever, with offsets that go on."""
    length = len(bodies.at(0))
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: wandb-core\r\n"
        f"Content-Length: {length}\r\nAuthorization: {authorization}\r\n"
        "Content-Type: application/json\r\nAccept-Encoding: gzip\r\n\r\n"
    ).encode()
    offset = 0
    while True:
        yield head + bodies.at(offset)
        offset += bodies.rows


def _line(metrics: int, values: random.Random) -> bytes:
    """One history row as a JSON string inside JSON, with a mark where its step goes."""
    row: dict[str, float] = {f"train/metric_{n:03d}": values.random() for n in range(metrics)}
    row |= {"_timestamp": 1_767_225_600 + values.random(), "_runtime": 100 * values.random()}
    row["_step"] = _MARK
    return json.dumps(json.dumps(row, separators=(",", ":"))).encode()
