import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockwb.scenario.recording.log_file import LogFile, RecordingError
from tests.scenario.recording.log_writer import BLOCK, MAGIC, write_log


def records_in(path: Path) -> list[bytes]:
    return [record for _, record in LogFile(path)]


@given(
    sizes=st.lists(
        st.one_of(st.integers(0, 50), st.integers(BLOCK - 60, BLOCK + 60), st.just(100_000)),
        max_size=6,
    )
)
def test_records_come_back_whole_however_they_lie_in_blocks(tmp_path_factory, sizes):
    records = [bytes([n + 1]) * size for n, size in enumerate(sizes)]
    path = write_log(tmp_path_factory.getbasetemp() / "log.wandb", records)
    log = LogFile(path)
    assert [record for _, record in log] == records
    assert log.cut_at is None


def test_each_record_comes_with_its_offset(tmp_path):
    path = write_log(tmp_path / "r.wandb", [b"abc", b"de"])
    assert list(LogFile(path)) == [(7, b"abc"), (17, b"de")]


@pytest.mark.parametrize("kept", [1, 6, 7, 8, 30_000, 40_000])
def test_a_last_record_that_was_cut_is_left_out_and_told(tmp_path, kept):
    path = write_log(tmp_path / "r.wandb", [b"whole", b"x" * 50_000])
    begins = 7 + 7 + len(b"whole")
    path.write_bytes(path.read_bytes()[: begins + kept])
    log = LogFile(path)
    assert [record for _, record in log] == [b"whole"]
    assert log.cut_at is not None
    assert log.cut_at >= begins


def test_zeros_at_the_end_are_a_cut_too(tmp_path):
    path = write_log(tmp_path / "r.wandb", [b"whole"])
    path.write_bytes(path.read_bytes() + bytes(5000))
    log = LogFile(path)
    assert [record for _, record in log] == [b"whole"]
    assert log.cut_at == 19


def test_a_bit_that_flipped_is_found_and_its_offset_told(tmp_path):
    path = write_log(tmp_path / "r.wandb", [b"abc", b"defgh", b"i"])
    data = bytearray(path.read_bytes())
    data[17 + 7 + 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(RecordingError, match=r"r\.wandb: offset 17: damaged: the checksum"):
        records_in(path)


def test_a_chunk_of_no_known_kind_or_beyond_its_block_is_damage(tmp_path):
    path = tmp_path / "r.wandb"
    path.write_bytes(MAGIC + b"\0\0\0\0\x01\0\x07x")
    with pytest.raises(RecordingError, match="offset 7: damaged: expected a chunk of kind 1 to 4"):
        records_in(path)
    path.write_bytes(MAGIC + b"\0\0\0\0\xff\xff\x01x")
    with pytest.raises(RecordingError, match="offset 7: damaged: a chunk of 65535 bytes exceeds"):
        records_in(path)


def test_a_record_s_end_without_its_begin_is_damage(tmp_path):
    path = tmp_path / "r.wandb"
    checksum = zlib.crc32(b"\x04x").to_bytes(4, "little")
    path.write_bytes(MAGIC + checksum + b"\x01\0\x04x")
    with pytest.raises(RecordingError, match="offset 7: damaged: a record begins before"):
        records_in(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a .wandb file"),
        (b"PK\x03\x04", "not a .wandb file"),
        (b":W&B\xe1\xbe\x07", r"offset 4: expected e1 be 00 \(version 0\), got e1 be 07"),
    ],
)
def test_what_is_no_recording_says_so(tmp_path, content, message):
    path = tmp_path / "r.wandb"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=message):
        LogFile(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RecordingError, match=r"gone\.wandb: No such file"):
        LogFile(tmp_path / "gone.wandb")
