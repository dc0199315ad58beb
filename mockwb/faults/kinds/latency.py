"""Answers take longer: always the same, scattered, or in spikes."""

from math import log
from typing import Annotated, Literal

import msgspec

from mockwb.faults.effect import Effect
from mockwb.faults.kinds.kind import FaultKind
from mockwb.faults.subject import Strike
from mockwb.units import LONGEST, Duration

_LONGEST = LONGEST / 10


class Latency(FaultKind, frozen=True, kw_only=True, tag="latency"):
    """Wait before the request is handled."""

    time: Duration = Duration(1)
    """How long: always, on average (normal), at the median (lognormal), or outside of spikes."""
    distribution: Literal["constant", "normal", "lognormal", "spikes"] = "constant"
    deviation: Duration = Duration(0.25)
    """Standard deviation (normal)."""
    sigma: Annotated[float, msgspec.Meta(ge=0, le=10)] = 0.5
    """Standard deviation of the logarithm (lognormal)."""
    spike: Duration = Duration(10)
    """How long in a spike (spikes)."""
    spike_share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.05
    """Share of requests that meet a spike (spikes)."""

    def effect(self, strike: Strike) -> Effect:
        """A delay drawn from the distribution."""
        return Effect(delay=min(max(0.0, self._drawn(strike)), _LONGEST))

    def _drawn(self, strike: Strike) -> float:
        if self.distribution == "normal":
            return strike.random.gauss(self.time, self.deviation)
        if self.distribution == "lognormal" and self.time:
            return strike.random.lognormvariate(log(self.time), self.sigma)
        if self.distribution == "spikes" and strike.random.random() < self.spike_share:
            return self.spike
        return self.time
