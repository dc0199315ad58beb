"""What is known of history rows: their metrics, times, videos and large values."""

import json
from typing import Any

import msgspec
import pytest

from mockwb.backend.errors import InvalidError
from mockwb.backend.history_row import MAX_DEPTH
from mockwb.backend.row_facts import RowFacts
from mockwb.logged_rows import LargeValue, LoggedRows, Second


def facts(*rows: dict[str, Any]) -> LoggedRows:
    return RowFacts([json.dumps(row) for row in rows], 0, "file").of_all()


@pytest.mark.parametrize(
    ("row", "metrics"),
    [
        ({}, []),
        ({"_step": 1, "_timestamp": 2, "_runtime": 3}, []),
        ({"_step": 1, "a": 1, "b": "text"}, ["a", "b"]),
        ({"a": {"b": 1, "c": {"d": 1, "e": 2}}}, ["a.b", "a.c.d", "a.c.e"]),
        ({"image": {"_type": "image-file", "path": "p", "size": 3}}, ["image"]),
        ({"a": {"image": {"_type": "image-file", "path": "p"}, "x": 1}}, ["a.image", "a.x"]),
        ({"list": [1, 2, 3]}, ["list"]),
        ({"empty": {}}, []),
        ({"_step": 1, "_type": "a name", "a": {"b": 1, "c": 2}}, ["_type", "a.b", "a.c"]),
        ({"text": "{", "_step": 1, "_other": 2}, ["text", "_other"]),
        # The two examples of W&B's page: 4 and 3 distinct keys.
        ({"a": 1, "b": {"c": 2, "d": {"e": 3, "f": 4}}}, ["a", "b.c", "b.d.e", "b.d.f"]),
        ({"a": 1, "b": {"c": "hello", "d": [1, 2, 3]}}, ["a", "b.c", "b.d"]),
    ],
)
def test_metrics_are_named_and_counted_as_wandb_flattens_them(
    row: dict[str, object], metrics: list[str]
) -> None:
    found = facts(row)
    assert found.shapes == [tuple(metrics)]
    assert found.points == len(metrics)


def test_given_rows_of_equal_keys_then_their_shape_is_told_once() -> None:
    found = facts({"a": 1}, {"_step": 1, "b": 1}, {"a": 2}, {"_step": 2, "b": 3}, {"c": {"d": 1}})
    assert found.shapes == [("a",), ("b",), ("c.d",)]
    assert (found.rows, found.points) == (5, 5)
    assert facts({"c": {"d": 1}}, {"c": {"d": 1}}).shapes == [("c.d",)]


def test_given_timestamps_then_rows_and_values_are_told_by_second() -> None:
    found = facts(
        {"_timestamp": 100.2, "a": 1},
        {"_timestamp": 100.9, "a": 1, "b": 1},
        {"_timestamp": 102, "a": 1},
    )
    assert found.seconds == {100: Second(2, 3), 102: Second(1, 1)}


@pytest.mark.parametrize("time", ["noon", None, True, -1, 1e300, float("nan"), [1]])
def test_given_a_timestamp_that_is_none_then_the_row_counts_without_a_time(time: object) -> None:
    assert facts({"_timestamp": time, "a": 1}).seconds == {None: Second(1, 1)}
    both = facts({"_timestamp": 5, "a": 1}, {"_timestamp": time, "a": 1}, {"a": 1})
    assert both.seconds == {5: Second(1, 1), None: Second(2, 2)}


def test_given_videos_then_their_bytes_are_told_with_their_second() -> None:
    clip = {"_type": "video-file", "size": 700, "path": "p"}
    found = facts(
        {"_timestamp": 5, "v": clip, "nested": {"more": {"_type": "videos", "videos": [clip] * 2}}},
        {"_timestamp": 6, "image": {"_type": "image-file", "size": 9000}},
        {"v": {"_type": "video-file", "size": "unknown"}, "w": {"_type": "videos", "videos": 3}},
        {"v": clip},
    )
    assert {at: second.video_bytes for at, second in found.seconds.items()} == {
        5: 2100,
        6: 0,
        None: 700,
    }
    assert found.with_video
    assert not facts({"image": {"_type": "image-file", "size": 9000}}).with_video


def test_given_a_large_row_then_its_largest_values_are_named_but_for_media() -> None:
    found = facts(
        {
            "text": "ä" * 20_000,
            "deep": {"list": list(range(5000)), "small": 1},
            "image": {"_type": "image-file", "caption": "c" * 50_000},
        },
        {"text": "a" * 30_000},
    )
    listed = len(msgspec.json.encode(list(range(5000))))
    assert found.large_values == [LargeValue("text", 40_002), LargeValue("deep.list", listed)]


def test_given_a_row_that_is_large_by_many_numbers_then_no_value_is() -> None:
    assert facts({f"metric/{n}": n / 7 for n in range(2000)}).large_values == []


def test_given_a_long_value_among_many_keys_then_it_is_found() -> None:
    row = {f"k{n}": n for n in range(30_000)} | {"long": "x" * 1_000_000}
    assert facts(row).large_values == [LargeValue("long", 1_000_002)]


def test_the_largest_row_is_told_in_bytes() -> None:
    lines = ['{"a":"' + "x" * 11_000 + '"}', '{"a":"' + "ä" * 10_900 + '"}']
    assert RowFacts(lines, 0, "file").of_all().largest == len(lines[1].encode())


def test_given_some_of_the_lines_then_only_they_count() -> None:
    lines = [json.dumps({"_timestamp": n, f"m{n}": 1}) for n in range(4)]
    found = RowFacts(lines, 0, "file").of_lines(lines[1:3])
    assert found.shapes == [("m1",), ("m2",)]
    assert (found.rows, found.seconds) == (2, {1: Second(1, 1), 2: Second(1, 1)})
    assert RowFacts(lines, 0, "file").of_lines([]) == LoggedRows()


def nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


def test_dicts_may_be_nested_as_deep_as_readers_can_follow() -> None:
    assert RowFacts([nested(MAX_DEPTH)], 0, "file").of_all().points == 1


@pytest.mark.parametrize("depth", [MAX_DEPTH + 2, 700, 100_000])
def test_rows_nested_too_deeply_are_refused(depth: int) -> None:
    with pytest.raises(InvalidError, match=r"file: line 8: .*nested"):
        RowFacts(["{}", nested(depth)], 7, "file")
