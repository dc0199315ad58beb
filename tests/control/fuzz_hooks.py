"""Loaded by schemathesis: what JSON schemas cannot say about bodies of the control API."""

import schemathesis

from mockwb.limits.rates import CountRates


@schemathesis.hook
def filter_case(_context: object, case: schemathesis.Case) -> bool:
    """Leave out lists in which two windows are of the same length and kind."""
    return not _repeats_a_window(case.body)


def _repeats_a_window(value: object) -> bool:
    if isinstance(value, dict):
        return any(_repeats_a_window(item) for item in value.values())
    if not isinstance(value, list):
        return False
    if len(value) > 1 and all(isinstance(item, str) and "/" in item for item in value):
        return _refused_as_repeated([f"1/{item.partition('/')[2]}" for item in value])
    return any(_repeats_a_window(item) for item in value)


def _refused_as_repeated(windows: list[str]) -> bool:
    try:
        CountRates.from_config(windows)
    except ValueError as error:
        return "different lengths" in str(error)
    return False
