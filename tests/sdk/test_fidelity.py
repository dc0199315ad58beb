"""Models are as true to the SDK as README says: two of its cases, shortened.

`python -m tests.sdk.fidelity` measures all of them.
"""

import asyncio
from dataclasses import replace
from statistics import median

import msgspec
import pytest

from tests.sdk.fidelity import CASES, Result, measure

pytestmark = [pytest.mark.sdk, pytest.mark.slow]

BOUND = 0.1
ATTEMPTS = 2
"""A busy machine delays processes of the SDK, and with them what a limit refuses."""


def shortened(name: str) -> list[Result]:
    (case,) = (case for case in CASES if case.name == name)
    return asyncio.run(measure([replace(case, rows=64)], rounds=1))


@pytest.mark.parametrize("name", ["2x over the limit", "limited by bytes"])
def test_models_do_under_a_limit_what_the_sdk_does(name: str) -> None:
    errors: dict[str, float] = {"virtual": 1.0, "simulated": 1.0}
    for _ in range(ATTEMPTS):
        (result,) = shortened(name)
        for model, least in errors.items():
            figures = msgspec.structs.astuple(result.sdk.errors(getattr(result, model)))
            errors[model] = min(least, median(figures))
        if max(errors.values()) < BOUND:
            break
    assert max(errors.values()) < BOUND, errors
