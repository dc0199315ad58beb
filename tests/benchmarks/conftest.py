"""Every test of this room measures, so while it is at it nothing else runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.company import alone

_ROOM = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep this room's tests together on one process; pytest hands every conftest all items."""
    for item in items:
        if item.path.is_relative_to(_ROOM):
            item.add_marker(pytest.mark.xdist_group("measuring"))


@pytest.fixture(scope="package", autouse=True)
def company(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Let nobody else run, from the first of these tests to the last."""
    with alone(request, tmp_path_factory):
        yield
