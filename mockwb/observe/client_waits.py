"""How long one client waited before its retries, in bounded memory. Used by `client_tally`."""

from collections.abc import Iterator

from mockwb.client_account import RetryStep, Wait, weighted_median

_MOST_KEPT = 32
"""Waits of one sample; more are thinned out evenly."""
_MOST_STEPS = 12
"""Retries of one request told apart; the last step takes all later ones."""


class Sample:
    """An even sample of a series: every value, then every second, every fourth, ..."""

    __slots__ = ("_kept", "_skip", "_stride", "count")

    def __init__(self) -> None:
        self.count = 0
        """Values seen."""
        self._kept: list[float] = []
        self._stride = 1
        self._skip = 0

    def add(self, value: float) -> None:
        """See one more value."""
        self.count += 1
        if self._skip:
            self._skip -= 1
            return
        self._kept.append(value)
        if len(self._kept) >= _MOST_KEPT:
            del self._kept[1::2]
            self._stride *= 2
        self._skip = self._stride - 1

    def weighted(self) -> Iterator[tuple[float, int]]:
        """(value, how many it stands for) of each value kept."""
        return ((value, self._stride) for value in self._kept)

    def median(self) -> float | None:
        """The lower median; None of none."""
        return weighted_median(self.weighted())


class ClientWaits:
    """The waits of one client that had to retry."""

    __slots__ = ("_advised", "_steps", "least_patient", "shortest")

    def __init__(self) -> None:
        self._steps: list[Sample] = []
        self._advised = Sample()
        self.shortest: float | None = None
        """Seconds."""
        self.least_patient: Wait | None = None
        """The wait that fell shortest of what was advised."""

    def add(self, attempt: int, waited: float, advised: float | None) -> None:
        """See the wait after `attempt` (from 1) failed, and what its answer had advised."""
        step = min(attempt, len(self._steps) + 1, _MOST_STEPS)
        if step > len(self._steps):
            self._steps.append(Sample())
        self._steps[step - 1].add(waited)
        if self.shortest is None or waited < self.shortest:
            self.shortest = waited
        if advised is None:
            return
        self._advised.add(advised)
        wait = Wait(waited=waited, advised=advised)
        if self.least_patient is None or wait.share < self.least_patient.share:
            self.least_patient = wait

    def median(self) -> float | None:
        """Of all waits, whichever attempt they followed."""
        return weighted_median(pair for step in self._steps for pair in step.weighted())

    def median_advised(self) -> float | None:
        """Of what was advised, where something was."""
        return self._advised.median()

    def backoff(self) -> list[RetryStep]:
        """The median wait before the first retry, the second, ..."""
        return [
            RetryStep(retries=step.count, median_wait=median)
            for step in self._steps
            if (median := step.median()) is not None
        ]
