import pytest

from mockwb.backend.errors import NotFoundError
from mockwb.backend.node_ids import node_id, node_parts
from mockwb.backend.run import RunKey


def test_a_storage_id_is_what_the_sweep_scheduler_builds_by_itself() -> None:
    key = RunKey("team", "vision", "r1")
    assert key.storage_id == "UnVuOnYxOnIxOnZpc2lvbjp0ZWFt"  # base64 of Run:v1:r1:vision:team
    assert RunKey.from_storage_id(key.storage_id) == key


def test_an_id_is_understood_without_its_padding() -> None:
    text = node_id("User", 1)
    assert node_parts("User", text.rstrip("=")) == ["1"]


@pytest.mark.parametrize("text", ["", "%%%", "bm90aGluZw==", "é"])
def test_what_is_no_id_has_no_parts(text: str) -> None:
    assert node_parts("User", text) is None
    with pytest.raises(NotFoundError):
        RunKey.from_storage_id(text)
