import json
import math

from hypothesis import given
from hypothesis import strategies as st

from mockwb.backend.history_keys import HistoryKeys, lookup


def keys_of(*rows: dict[str, object]) -> dict[str, object]:
    keys = HistoryKeys()
    keys.add(rows)
    return keys.as_json(len(rows) - 1)


def test_each_key_has_types_order_and_last_value() -> None:
    found = keys_of({"loss": 1.0, "name": "a"}, {"loss": 0.5, "name": "b"}, {"loss": None})
    assert found["lastStep"] == 2
    assert found["sets"] == []
    assert found["keys"] == {
        "loss": {
            "typeCounts": [{"type": "number", "count": 2}, {"type": "nil", "count": 1}],
            "monotonic": False,
            "previousValue": None,
        },
        "name": {
            "typeCounts": [{"type": "string", "count": 2}],
            "monotonic": False,
            "previousValue": "b",
        },
    }


def test_nested_keys_use_dots_and_media_stay_whole() -> None:
    media = {"_type": "image-file", "path": "p"}
    keys = keys_of({"val": {"acc": 1, "deep": {"x": True}}, "img": media, "l": [1, "a", 2]})["keys"]
    assert isinstance(keys, dict)
    types = {name: key["typeCounts"][0] for name, key in keys.items()}
    assert types["val.acc"]["type"] == "number"
    assert types["val.deep.x"]["type"] == "bool"
    assert types["img"]["type"] == "image-file"
    assert types["l"]["items"] == [{"type": "number", "count": 2}, {"type": "string", "count": 1}]


def test_monotonic_means_never_lower_than_before() -> None:
    keys = keys_of({"up": 1, "flat": 1, "down": 2}, {"up": 2, "flat": 1, "down": 1})["keys"]
    assert isinstance(keys, dict)
    assert [keys[name]["monotonic"] for name in ("up", "flat", "down")] == [True, True, False]


def test_special_floats_are_numbers_in_either_spelling() -> None:
    keys = keys_of({"x": math.nan}, {"x": "NaN"}, {"x": 1.0}, {"x": math.inf})["keys"]
    assert isinstance(keys, dict)
    assert keys["x"] == {
        "typeCounts": [{"type": "number", "count": 4}],
        "monotonic": False,
        "previousValue": "Infinity",
    }


def test_lookup_prefers_the_literal_key_and_finds_dots_anywhere() -> None:
    row = {"a.b": 1, "a": {"b": 2, "c.d": {"e": 3}}, "x": None}
    assert lookup(row, "a.b") == (True, 1)
    assert lookup(row, "a.c.d.e") == (True, 3)
    assert lookup(row, "x") == (True, None)
    assert lookup(row, "a.z") == (False, None)
    assert lookup(row, "a.b.c") == (False, None)


@given(st.lists(st.lists(st.sampled_from(["a", "b", "c.d"]), unique=True), max_size=12), st.data())
def test_rows_counted_together_give_what_rows_counted_one_by_one_give(
    shapes: list[list[str]], data: st.DataObject
) -> None:
    values = st.one_of(
        st.integers(-2, 2),
        st.floats(-1, 1),
        st.sampled_from([None, True, "text", "NaN", [1, "x"], {"x": 1, "y": {"z": 2}}]),
        st.just({"_type": "image-file"}),
    )
    rows = [{name: data.draw(values) for name in shape} for shape in shapes]
    together, single, read = HistoryKeys(), HistoryKeys(), HistoryKeys()
    together.add(rows)
    for start in range(0, len(rows), 3):
        read.add_lines([json.dumps(row) for row in rows[start : start + 3]])
    assert read.as_json(3.0) == together.as_json(3.0)
    for row in rows:
        single.add([row])
    assert together.as_json(3.0) == single.as_json(3.0)
    counted = sum(
        entry["count"]
        for key in together.as_json(3)["keys"].values()
        for entry in key["typeCounts"]
    )
    assert counted >= sum(map(len, rows))
