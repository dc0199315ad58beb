"""Simulations cost the same per request whatever their size, and say the same each time."""

import msgspec
import pytest

from mockwb.config.load import load_config
from mockwb.simulate.play import simulate
from tests.benchmarks.simulate import measure, scenario

MOST = 1.5
"""Times as long per request with twice as many clients, or twice as much time."""
ATTEMPTS = 4
"""Neighbours on the machine spoil a measurement now and then; only a slow simulator spoils all."""
CLIENTS, SECONDS = 60, 900.0


@pytest.mark.parametrize(("clients", "seconds"), [(2 * CLIENTS, SECONDS), (CLIENTS, 2 * SECONDS)])
@pytest.mark.parametrize("plan", ["unlimited", "cloud-free"])
def test_the_time_per_request_does_not_grow_with_size(
    clients: int, seconds: float, plan: str
) -> None:
    ratios: list[float] = []
    while len(ratios) < ATTEMPTS and min(ratios, default=MOST) >= MOST:
        small = measure(CLIENTS, SECONDS, plan, projects=1)
        large = measure(clients, seconds, plan, projects=1)
        ratios.append(large.each / small.each)
    assert min(ratios) < MOST


def test_a_simulation_says_the_same_each_time() -> None:
    def played() -> bytes:
        run = simulate(scenario(CLIENTS, 120, projects=3), load_config(plan="cloud-free"))
        return msgspec.json.encode((run.account, run.clients, run.series, run.windows))

    assert played() == played()
