import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mockwb.backend.errors import InvalidError
from mockwb.backend.line_store import MAX_GAP, LineStore
from mockwb.backend.store import LineFile

FILE = LineFile("e", "p", "r", "", "f")
CHUNKS = st.lists(st.tuples(st.integers(0, 12), st.lists(st.sampled_from("abc"), max_size=5)))


@given(CHUNKS)
def test_chunks_in_any_order_leave_what_a_map_of_line_numbers_would(
    chunks: list[tuple[int, list[str]]],
) -> None:
    store = LineStore()
    expected: dict[int, str] = {}
    for offset, lines in chunks:
        new = [n for n in range(offset, offset + len(lines)) if n not in expected]
        same = [i for i, line in enumerate(lines) if expected.get(offset + i) == line]
        written = store.write(FILE, offset, lines)
        assert (written.added, written.repeated) == (len(new), len(same))
        assert written.changed == len(lines) - len(new) - len(same)
        expected |= {offset + i: line for i, line in enumerate(lines)}
        assert list(written.new_lines) == [expected[n] for n in new]
    end = max(expected, default=-1) + 1
    assert store.count(FILE) == end
    assert store.read(FILE, 0, None) == [expected.get(n) for n in range(end)]
    gaps = [n for first, stop in store.missing(FILE) for n in range(first, stop)]
    assert gaps == [n for n in range(end) if n not in expected]


def test_a_chunk_beyond_the_end_names_the_gap_that_it_leaves() -> None:
    store = LineStore()
    store.write(FILE, 0, ["a"])
    assert store.write(FILE, 3, ["d"]).gap == (1, 3)
    assert store.missing(FILE) == [(1, 3)]
    assert store.write(FILE, 1, ["b", "c"]).gap is None
    assert store.missing(FILE) == []


def test_an_absurd_offset_is_refused_and_nothing_is_stored() -> None:
    store = LineStore()
    with pytest.raises(InvalidError, match=r"f: offset .* beyond the end"):
        store.write(FILE, MAX_GAP + 1, ["a"])
    assert store.count(FILE) == 0


def test_replacing_forgets_lines_and_gaps() -> None:
    store = LineStore()
    store.write(FILE, 5, ["a"])
    store.replace(FILE, ["x"])
    assert store.read(FILE, 0, None) == ["x"]
    assert store.missing(FILE) == []


def test_a_deleted_file_is_no_longer_the_runs() -> None:
    store = LineStore()
    store.write(FILE, 0, ["a"])
    store.write(replace(FILE, name="g"), 0, ["a"])
    store.delete(FILE)
    assert store.of_run("e", "p", "r") == [replace(FILE, name="g")]
    assert store.count(FILE) == 0
    store.delete(FILE)


@given(CHUNKS)
def test_the_version_changes_with_the_lines_and_only_with_them(
    chunks: list[tuple[int, list[str]]],
) -> None:
    store = LineStore()
    seen = {store.version(FILE): store.read(FILE, 0, None)}
    for offset, lines in chunks:
        store.write(FILE, offset, lines)
        now = store.read(FILE, 0, None)
        assert seen.setdefault(store.version(FILE), now) == now


def test_given_the_same_lines_again_then_the_version_stays() -> None:
    store = LineStore()
    store.write(FILE, 0, ["a", "b"])
    version = store.version(FILE)
    store.write(FILE, 0, ["a", "b"])
    assert store.version(FILE) == version
    store.write(FILE, 1, ["c"])
    assert store.version(FILE) != version


def test_given_a_file_that_is_gone_then_its_versions_do_not_come_back() -> None:
    store = LineStore()
    store.write(FILE, 0, ["a"])
    version = store.version(FILE)
    store.delete(FILE)
    store.write(FILE, 0, ["b"])
    assert store.version(FILE) != version
    store.replace(FILE, ["c"])
    store.replace(FILE, ["d"])
    assert len({version, store.version(FILE)}) == 2
