"""Which runs of a sweep are stopped early: Hyperband, as W&B's `early_terminate` describes it.

A run has reached band b once it logged the metric b times. At each band it must be among the best
1/eta of all runs that got there (W&B docs, Sweep configuration: early_terminate; the rules are
those of W&B's package `sweeps`, hyperband_stopping.py, against which they are tested).
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from mockwb.backend.sweep_config import SweepConfig

MAX_BANDS = 100
DEFAULT_ETA = 3


def runs_to_stop(
    config: SweepConfig, histories: Mapping[str, Sequence[float]], running: Sequence[str]
) -> list[str]:
    """Names of the `running` runs to stop; `histories` holds each run's values of the metric."""
    settings = config.early_terminate
    if settings is None or settings.get("type") != "hyperband" or not config.metric:
        return []
    eta = _number(settings.get("eta"), DEFAULT_ETA)
    bands = _bands(settings, eta)
    if not bands or eta < 1:
        return []
    sign = -1 if config.maximizes else 1
    values = {name: [sign * value for value in history] for name, history in histories.items()}
    thresholds = [_threshold(values, band, 1 / eta) for band in bands]
    strict = settings.get("strict", True) is True
    return [
        name
        for name in running
        if _falls_behind(values.get(name, []), bands, thresholds, strict=strict)
    ]


def _bands(settings: Mapping[str, Any], eta: float) -> list[int]:
    bands: list[int] = []
    if "max_iter" in settings:
        band = _number(settings["max_iter"], 0)
        for _ in range(int(_number(settings.get("s"), 0))):
            band /= eta
            if band < 1:
                break
            bands.append(int(band))
        return sorted(bands)
    band = _number(settings.get("min_iter"), 0)
    while band >= 1 and len(bands) < MAX_BANDS:
        bands.append(int(band))
        band *= eta
    return bands


def _threshold(values: Mapping[str, Sequence[float]], band: int, share: float) -> float:
    """The worst value at a band that is still among the best `share`."""
    reached = sorted(history[band - 1] for history in values.values() if len(history) >= band)
    return reached[min(int(share * len(reached)), len(reached) - 1)] if reached else math.inf


def _falls_behind(
    history: Sequence[float], bands: Sequence[int], thresholds: Sequence[float], *, strict: bool
) -> bool:
    """By its best value so far, or when strict by the one at the last band it has reached."""
    reached = [(b, t) for b, t in zip(bands, thresholds, strict=True) if b <= len(history)]
    if not reached:
        return False
    band, threshold = reached[-1]
    return (history[band - 1] if strict else min(history)) > threshold


def _number(value: object, default: float) -> float:
    return value if isinstance(value, int | float) else default
