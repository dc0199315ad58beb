"""A scenario's course over time: one sample per interval, in bounded memory.

`sampler` fills it from what the server says while `mockwb run` plays, the simulator from its own
state. Reports draw it; progress shows its newest sample.
"""

from collections.abc import Sequence

import msgspec

MOST_SAMPLES = 600


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """How long clients have been held back so far: from first 429s to acceptances, summed.

    Seconds, over all clients that have begun; who still waits counts up to now. The slope is the
    share of its time that such a client waits.
    """

    p50: float = 0.0
    p95: float = 0.0
    max: float = 0.0


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What happened in one interval, and how things stood at its end."""

    at: float
    """Seconds from the start of the scenario to the end of the interval."""
    seconds: float
    """Length of the interval."""
    active: int = 0
    """Clients that have begun and not ended."""
    waiting: int = 0
    """Of these, those whose latest file_stream request was refused with 429."""
    requests: dict[str, int] = {}
    """HTTP status -> requests answered in the interval."""
    bytes_in: int = 0
    """Body bytes of these requests."""
    rows_logged: int | None = None
    """By the clients, so far; None if they cannot tell before they end."""
    rows_sent: int = 0
    """So far, in requests of any outcome, each row once."""
    rows_stored: int = 0
    """So far."""
    remaining: dict[str, int] = {}
    """Limit in use, such as `project.requests` -> least that any of its windows had left, 0..1000.
    """
    waits: Waits = Waits()

    @property
    def answered(self) -> int:
        """Requests in the interval."""
        return sum(self.requests.values())

    @property
    def refused(self) -> int:
        """Requests in the interval that were answered with 429."""
        return self.requests.get("429", 0)

    @property
    def rows_in_flight(self) -> int:
        """Rows that were logged, or at least sent, and are not stored."""
        known = self.rows_sent if self.rows_logged is None else self.rows_logged
        return max(0, known - self.rows_stored)


def join(first: Sample, second: Sample) -> Sample:
    """Two intervals, one after the other, as one: counts summed, else as at the end.

    Of what stands for a moment, the busier one is kept: most clients, least remaining.
    """
    return msgspec.structs.replace(
        second,
        seconds=first.seconds + second.seconds,
        active=max(first.active, second.active),
        waiting=max(first.waiting, second.waiting),
        requests={
            status: first.requests.get(status, 0) + second.requests.get(status, 0)
            for status in sorted({*first.requests, *second.requests})
        },
        bytes_in=first.bytes_in + second.bytes_in,
        remaining={
            limit: min(first.remaining.get(limit, 1000), second.remaining.get(limit, 1000))
            for limit in sorted({*first.remaining, *second.remaining})
        },
    )


def grown(before: dict[str, int], now: dict[str, int]) -> dict[str, int]:
    """What came on top, by key; a server that was started again counts from 0."""
    more = {}
    for key, count in sorted(now.items()):
        known = before.get(key, 0)
        more[key] = count - known if count >= known else count
    return {key: count for key, count in more.items() if count}


class Series:
    """Samples in order, joined into longer intervals when there are too many."""

    def __init__(self, interval: float = 1.0, most: int = MOST_SAMPLES) -> None:
        """Keep at most `most` (at least 2) samples, each of `interval` seconds or more."""
        self._samples: list[Sample] = []
        self._most = most
        self.interval = interval
        """Seconds; doubles whenever there would be too many samples."""

    @property
    def samples(self) -> Sequence[Sample]:
        """All so far."""
        return self._samples

    def add(self, sample: Sample) -> None:
        """Append what follows the newest sample, or join it to that while its interval lasts."""
        if self._samples and self._fits(self._samples[-1], sample):
            self._samples[-1] = join(self._samples[-1], sample)
        else:
            self._append(sample)

    def end(self, sample: Sample) -> None:
        """Add the last one, which may be cut short: rates over an instant would mean little."""
        if self._samples and sample.seconds < self.interval / 2:
            self._samples[-1] = join(self._samples[-1], sample)
        else:
            self.add(sample)

    def _append(self, sample: Sample) -> None:
        self._samples.append(sample)
        if len(self._samples) > self._most:
            self.interval *= 2
            self._samples = self._halved()

    def _fits(self, last: Sample, sample: Sample) -> bool:
        # Clocks are not exact: what is nearly an interval is one.
        return last.seconds + sample.seconds <= self.interval * 1.05

    def _halved(self) -> list[Sample]:
        pairs = zip(self._samples[::2], self._samples[1::2], strict=False)
        halved = [join(first, second) for first, second in pairs]
        return halved + self._samples[len(halved) * 2 :]
