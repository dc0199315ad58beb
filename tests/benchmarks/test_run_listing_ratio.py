import pytest

from tests.benchmarks.run_listing import measure

TARGET = 20
"""Viewer queries in the time of a page."""
CREATED = 80
"""Runs per second that W&B publishes as its limit."""
ATTEMPTS = 4
"""Neighbours on the machine spoil a measurement now and then; only a slow server spoils all."""


@pytest.mark.slow
def test_given_10000_runs_then_a_filtered_ordered_page_costs_few_viewer_queries(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ratios: list[float] = []
    while len(ratios) < ATTEMPTS and min(ratios, default=TARGET) >= TARGET:
        found = measure(runs=10_000, rounds=60)
        ratios.append(min(found.ratio, found.cpu_ratio))
        assert found.created_per_second > 1.5 * CREATED
    with capsys.disabled():
        print(f"\nrun listing: {', '.join(f'{ratio:.1f}' for ratio in ratios)} viewer queries")
    assert min(ratios) < TARGET
