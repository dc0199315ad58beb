"""Writes what `LogFile` reads, and messages that `protobuf` reads; by the formats' descriptions."""

import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

MAGIC = b":W&B\xe1\xbe\x00"
BLOCK = 32 * 1024


def write_log(path: Path, records: Iterable[bytes]) -> Path:
    data = bytearray(MAGIC)
    for record in records:
        rest, first = record, True
        while first or rest:
            room = BLOCK - len(data) % BLOCK
            if room < 7:
                data += bytes(room)
                continue
            piece, rest = rest[: room - 7], rest[room - 7 :]
            kind = {(True, True): 1, (True, False): 2, (False, False): 3, (False, True): 4}[
                first, not rest
            ]
            checksum = zlib.crc32(bytes([kind]) + piece)
            data += struct.pack("<IHB", checksum, len(piece), kind) + piece
            first = False
    path.write_bytes(data)
    return path


def varint(value: int) -> bytes:
    value %= 2**64
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def message(*fields: tuple[int, int | str | bytes]) -> bytes:
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(data)) + data
    return out


def timestamp(seconds: float) -> bytes:
    return message((1, int(seconds)), (2, round(seconds % 1 * 1e9)))


def item(path: str, value: str) -> bytes:
    """A `HistoryItem`, `SummaryItem` or `ConfigItem`."""
    return message(*((2, key) for key in path.split(".")), (16, value))


def history(at: float, step: int, **values: str) -> bytes:
    items = {"_step": str(step), "_timestamp": repr(at), **values}
    return message((2, message(*((1, item(path, value)) for path, value in items.items()))))


def run(began_at: float, **config: str) -> bytes:
    update = message(*((1, item(key, value)) for key, value in config.items()))
    named = ((1, "abc"), (4, update), (8, "swift-fox"), (10, "a"), (10, "b"))
    return message((17, message(*named, (17, timestamp(began_at)))))


def output(at: float, text: str, *, error: bool = False) -> bytes:
    return message((13, message((1, int(not error)), (2, timestamp(at)), (3, text))))


def summary(**values: str) -> bytes:
    return message((3, message(*((1, item(key, value)) for key, value in values.items()))))


def exit_record(code: int) -> bytes:
    return message((18, message((1, code))))
