"""Recordings that are written here, record by record; real ones are in `test_replay`."""

import json

import pytest

from mockwb.scenario.recording.log_file import RecordingError
from mockwb.scenario.recording.played import (
    RecordedConsole,
    RecordedFiles,
    RecordedRows,
    texts_of,
)
from mockwb.scenario.recording.recording import Recording, load_recording
from tests.scenario.recording.log_writer import (
    exit_record,
    history,
    message,
    output,
    run,
    summary,
    write_log,
)

BEGAN = 1_767_225_600.0
RECORDS = [
    run(BEGAN, lr="0.1", _wandb="{}"),
    output(BEGAN + 0.5, "epoch"),
    summary(loss="0.5"),
    history(BEGAN + 1, 0, **{"loss": "0.5", "net.depth": "3", "net.head.dim": "NaN"}),
    output(BEGAN + 1.5, " 1\nlost\r50%\r100%\nend"),
    output(BEGAN + 1.6, "oh no\n", error=True),
    message((6, message((1, message((1, "model.pt")))))),
    summary(loss="0.4"),
    history(BEGAN + 3, 1, loss="0.4", hist='{"_type":"histogram","values":[1]}', more='{"a":1}'),
    summary(best='"yes"'),
    exit_record(0),
]


@pytest.fixture
def recording(tmp_path) -> Recording:
    return load_recording(write_log(tmp_path / "run-abc.wandb", RECORDS))


def rows_of(recording: Recording, speed: float = 1.0) -> RecordedRows:
    rows = RecordedRows(recording, 1 / speed)
    rows.begin(100.0, BEGAN)
    return rows


def test_rows_are_put_together_with_their_times_and_points(recording):
    rows = [json.loads(text) for text in recording.rows.texts]
    assert str(rows[0].pop("net")) == "{'depth': 3, 'head': {'dim': nan}}"
    assert rows[0] == {"_step": 0, "_timestamp": BEGAN + 1, "loss": 0.5}
    assert rows[1]["hist"] == {"_type": "histogram", "values": [1]}
    assert list(recording.rows.times) == [1.0, 3.0]
    assert recording.points == [3, 3]


def test_the_rest_of_the_run_is_read_too(recording):
    assert recording.about == {"displayName": "swift-fox", "tags": ["a", "b"]}
    assert recording.config == {"lr": 0.1}
    assert (recording.exit_code, recording.seconds, recording.note) == (0, 3.0, None)
    assert recording.files == [(pytest.approx(1.6), "model.pt")]


def test_console_pieces_become_lines_as_a_terminal_shows_them(recording):
    lines = [json.loads(line) for line in recording.console.structured]
    shown = [(line["content"], line.get("level", "")) for line in lines]
    assert shown == [("epoch 1", ""), ("100%", ""), ("oh no", "error"), ("end", "")]
    assert recording.console.plain[0] == "2026-01-01T00:00:01.500000 epoch 1"
    assert recording.console.plain[2] == "ERROR 2026-01-01T00:00:01.600000 oh no"
    assert list(recording.console.times) == pytest.approx([1.5, 1.5, 1.6, 1.6])


@pytest.mark.parametrize(("speed", "at"), [(1, (101, 103)), (10, (100.1, 100.3))])
def test_rows_come_at_their_times_as_quick_as_asked(recording, speed, at):
    rows = rows_of(recording, speed)
    assert (rows.arrival(0), rows.arrival(1), rows.last_arrival()) == (*at, at[1])
    assert [rows.arrived(t) for t in (at[0] - 0.01, at[0], at[1])] == [0, 1, 2]
    assert [rows.values(t) for t in (at[0], at[1])] == [3, 6]


def test_at_full_speed_everything_is_there_at_once(recording):
    rows = rows_of(recording, float("inf"))
    assert (rows.arrived(100.0), rows.arrival(1), rows.last_arrival()) == (2, 100.0, 100.0)


def test_chunks_are_the_recorded_texts_and_know_their_sizes(recording):
    rows = rows_of(recording)
    sizes = [len(text) for text in recording.rows.texts]
    chunk = rows.cut(0, 2, 10**6)
    assert json.loads(f"[{chunk.encode()}]") == recording.rows.texts
    assert (chunk.lines, chunk.size, chunk.values) == (2, len(chunk.encode()), 6)
    assert [rows.cut(0, 2, size).lines for size in (0, sizes[0], sum(sizes) - 1)] == [1, 1, 1]
    assert rows.cut(0, 2, sum(sizes)).lines == 2
    assert rows.full_at(0, sizes[0]) == rows.arrival(0)
    assert rows.full_at(0, sum(sizes)) == rows.arrival(1)
    assert rows.full_at(0, sum(sizes) + 1) == float("inf")


def test_a_run_that_stops_has_no_further_rows(recording):
    rows = rows_of(recording)
    rows.stop(102.0)
    assert (rows.arrived(200.0), rows.arrival(1)) == (1, float("inf"))


def test_the_summary_is_the_recorded_one_after_so_many_rows(recording):
    rows = rows_of(recording)
    written = [json.loads(rows.summary(count, 1.0).write()) for count in (0, 1, 2)]
    assert written == [{}, {"loss": 0.5}, {"loss": 0.4, "best": "yes"}]


def test_console_lines_wait_until_it_is_known_what_they_look_like(recording):
    console = RecordedConsole(recording, 1.0)
    console.begin(100.0, BEGAN)
    assert (console.arrived(105.0), console.arrival(0)) == (0, float("inf"))
    console.choose(101.55, structured=True)
    assert [console.arrived(t) for t in (101.54, 101.55, 105.0)] == [0, 2, 4]
    assert [console.arrival(n) for n in (0, 2)] == pytest.approx([101.55, 101.6])
    assert json.loads(f"[{console.cut(0, 4, 10**6).encode()}]") == recording.console.structured


def test_files_are_taken_from_next_to_the_recording_each_once(recording):
    recording.folder.mkdir()
    (recording.folder / "model.pt").write_bytes(b"weights")
    (recording.folder / "output.log").write_text("text")
    (recording.path.parent / "secret").write_text("no")
    recording.files[:] = [
        (1.0, "model.pt"),
        (1.0, "../secret"),
        (2.0, "*.pt"),
        (2.5, "never-there.txt"),
    ]
    rows = rows_of(recording)
    files = RecordedFiles(recording, rows, 1.0)
    assert files.next_at() == 101.0
    (model,) = files.take(101.0)
    assert (model.name, model.content.size, model.content.encode()) == ("model.pt", 7, b"weights")
    assert files.take(102.9) == []
    assert [file.name for file in files.take(103.0)] == ["output.log"]
    assert files.next_at() == float("inf")


def test_a_killed_run_is_played_as_far_as_it_is_whole(tmp_path):
    path = write_log(tmp_path / "run-abc.wandb", RECORDS)
    path.write_bytes(path.read_bytes()[:-20])
    recording = load_recording(path)
    assert recording.exit_code is None
    assert len(recording.rows.texts) == 2
    assert recording.note is not None
    assert "run-abc.wandb: ends within the record at offset" in recording.note
    assert "its 2 whole rows are played" in recording.note


def test_a_run_without_an_end_is_told(tmp_path):
    recording = load_recording(write_log(tmp_path / "run-abc.wandb", RECORDS[:-1]))
    assert recording.note is not None
    assert "the run never came to its end: its 2 whole rows are played" in recording.note


def test_a_record_that_is_no_message_is_named_by_its_offset(tmp_path):
    path = write_log(tmp_path / "run-abc.wandb", [RECORDS[0], b"\x12\x7f"])
    offset = 7 + 7 + len(RECORDS[0])
    with pytest.raises(RecordingError, match=rf"offset {offset}: no record of wandb's: a field is"):
        load_recording(path)


def test_a_file_that_changed_is_read_anew(tmp_path):
    path = write_log(tmp_path / "run-abc.wandb", RECORDS[:4])
    assert len(load_recording(path).rows.texts) == 1
    write_log(path, RECORDS)
    assert len(load_recording(path).rows.texts) == 2


def test_all_who_play_share_the_texts(recording):
    assert texts_of(recording) is texts_of(recording)
