"""Every test of this room measures."""

from pathlib import Path

import pytest

_ROOM = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark this room's tests; pytest hands every conftest all items."""
    for item in items:
        if item.path.is_relative_to(_ROOM):
            item.add_marker(pytest.mark.alone)
