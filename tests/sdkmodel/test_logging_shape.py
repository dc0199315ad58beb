"""What rows hold and when they come; the Python parsers of the formats judge the media."""

import io
import json
import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mockwb.sdkmodel.logging_shape import Media, Pace, Shape, digest

RICH = {
    "metrics": 2,
    "nested": {"count": 12, "every": 1},
    "strings": {"count": 1, "every": 2, "size": 30},
    "lists": {"count": 1, "every": 1, "length": 5},
    "histograms": {"count": 1, "every": 3, "bins": 4},
    "images": {"count": 2, "every": 5, "size": 300},
    "videos": {"count": 1, "every": 7, "size": 500},
    "new_keys": {"count": 2, "every": 4, "per_client": False},
}


def test_a_row_holds_what_was_asked_for() -> None:
    row = Shape(RICH).row(0, client=0)
    assert isinstance(row["metric_1"], float)
    assert [len(row[name]) for name in ("group_0", "group_1", "list_0", "string_0")] == [
        *(10, 2),
        *(5, 30),
    ]
    histogram = row["histogram_0"]
    assert histogram["_type"] == "histogram"
    assert (len(histogram["values"]), len(histogram["bins"])) == (4, 5)
    assert {key: row[key]["_type"] for key in ("image_0", "image_1", "video_0")} == {
        "image_0": "image-file",
        "image_1": "image-file",
        "video_0": "video-file",
    }
    assert {"new_0000000", "new_0000001"} <= row.keys()


def test_what_comes_every_so_many_rows_comes_in_no_other() -> None:
    shape = Shape(RICH)
    rows = Counter(key.split("_")[0] for n in range(420) for key in shape.row(n, client=0))
    assert rows["metric"] == rows["group"] == 2 * 420
    assert (rows["string"], rows["histogram"], rows["image"], rows["video"], rows["new"]) == (
        *(210, 140, 2 * 84),
        *(60, 2 * 105),
    )


def test_values_are_counted_without_looking_at_rows() -> None:
    shape = Shape(RICH)
    of_row = [12 - 2 + len(shape.row(n, client=0)) for n in range(50)]
    assert [shape.values(n) for n in range(50)] == [sum(of_row[:n]) for n in range(50)]


def test_neighbouring_rows_differ_and_the_same_row_never_does() -> None:
    shape = Shape({"metrics": 1})
    rows = [shape.row(n, client=0)["metric_0"] for n in range(100)]
    assert len(set(rows)) == 100
    assert rows == [Shape({"metrics": 1}).row(n, client=5)["metric_0"] for n in range(100)]


@pytest.mark.parametrize(("per_client", "names"), [(False, 30), (True, 90)])
def test_new_keys_never_repeat_and_are_those_of_all_clients_or_each_one_s(per_client, names):
    shape = Shape({"metrics": 1, "new_keys": {"count": 3, "every": 2, "per_client": per_client}})
    seen = [
        key
        for client in range(3)
        for n in range(20)
        for key in shape.row(n, client)
        if "new" in key
    ]
    assert len(seen) == 90
    assert len(set(seen)) == names


@pytest.mark.parametrize("size", [200, 201, 999, 50_000, 300_000])
def test_an_image_is_a_picture_of_exactly_its_size(size):
    media = Media("image", size, 3)
    content = b"".join(media.chunks())
    assert len(content) == size
    picture = Image.open(io.BytesIO(content))
    picture.load()
    row = Shape({"metrics": 1, "images": {"count": 1, "every": 1, "size": size}}).row(0, 0)
    assert (row["image_0"]["width"], row["image_0"]["height"]) == picture.size


@pytest.mark.parametrize("size", [40, 70_000, 5_000_000])
def test_a_video_is_a_container_of_exactly_its_size(size):
    content = b"".join(Media("video", size, 0).chunks())
    assert len(content) == size
    boxes, at = [], 0
    while at < size:
        length = int.from_bytes(content[at : at + 4], "big")
        boxes.append(content[at + 4 : at + 8])
        at += length
    assert (boxes, at) == ([b"ftyp", b"mdat"], size)


def test_media_differ_from_row_to_row_and_their_path_tells_the_content():
    shape = Shape(RICH)
    first, second = shape.media(0)["image_0"], shape.media(5)["image_0"]
    assert digest(first) != digest(second)
    assert shape.row(5, 0)["image_0"]["path"] == f"media/images/image_0_5_{digest(second)[:20]}.png"
    assert shape.row(5, 0)["image_0"]["sha256"] == digest(second)
    assert list(shape.media(1)) == []
    assert [shape.next_media(n) for n in (0, 1, 6, 8, 15)] == [0, 5, 7, 10, 15]
    assert Shape({"metrics": 1}).next_media(0) == math.inf


def test_a_steady_pace_is_a_row_per_period():
    pace = Pace(0.5)
    assert [pace.offset(n) for n in (0, 1, 9)] == [0.0, 0.5, 4.5]
    assert [pace.logged(t) for t in (-0.1, 0.0, 0.49, 0.5, 4.5)] == [0, 1, 1, 2, 10]


def test_a_burst_comes_at_once():
    pace = Pace(60.0, burst=50)
    assert [pace.offset(n) for n in (0, 49, 50, 99, 100)] == [0.0, 0.0, 60.0, 60.0, 120.0]
    assert [pace.logged(t) for t in (0.0, 59.9, 60.0)] == [50, 50, 100]


def test_without_a_period_all_is_there_at_once():
    assert Pace(0.0).logged(0.0) == math.inf
    assert Pace(0.0).offset(1000) == 0.0


def test_jitter_makes_rows_late_within_its_bound_and_each_seed_in_its_own_way():
    lates = [[Pace(1.0, jitter=0.3, seed=s).offset(n) - n for n in range(1000)] for s in (1, 2)]
    assert lates[0] != lates[1]
    for late in lates:
        assert 0 <= min(late) < 0.01
        assert 0.29 < max(late) < 0.3
        assert 0.13 < sum(late) / 1000 < 0.17


@given(
    period=st.floats(0.001, 100.0),
    share=st.floats(0, 1),
    burst=st.integers(1, 20),
    row=st.integers(0, 100_000),
)
def test_rows_keep_their_order_and_are_logged_at_their_own_offset(period, share, burst, row):
    pace = Pace(period, burst, jitter=share * period, seed=7)
    assert pace.offset(row + 1) >= pace.offset(row)
    assert pace.logged(pace.offset(row)) >= row + 1
    if pace.offset(row) > 1e-3 * period:
        assert pace.logged(pace.offset(row) - 1e-3 * period) <= row


def test_on_a_grid_whoever_comes_waits_for_the_next_moment_of_all():
    grid = 1_000_000_003.0
    pace = Pace(10.0, grid=grid)
    walls = [grid + t for t in (0.0, 0.5, 9.5, 20.25)]
    assert [pace.joined(wall).wait(wall) for wall in walls] == [0, 9.5, 0.5, 9.75]
    assert Pace(10.0).joined(5.0).wait(5.0) == 0.0


def test_the_plan_is_plain_data():
    assert json.loads(json.dumps(RICH)) == RICH
    pace = Pace(1.0, 2, 0.5, 2**63, 4.0)
    assert Pace(*json.loads(json.dumps(pace))) == pace
