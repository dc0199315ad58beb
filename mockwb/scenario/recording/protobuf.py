"""As much of protobuf as reading a `.wandb` file takes: fields of a message by their numbers."""

import struct
from collections.abc import Iterator

Value = int | float | bytes
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def fields(message: bytes) -> Iterator[tuple[int, Value]]:
    """Number and value of each field, in order; ValueError if it is no message.

    Strings and messages are bytes, numbers of variable length unsigned integers.
    """
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, kind = tag >> 3, tag & 7
        value: Value
        if kind == _VARINT:
            value, at = _varint(message, at)
        elif kind == _BYTES:
            length, at = _varint(message, at)
            value, at = _piece(message, at, length)
        elif kind == _FIXED64:
            piece, at = _piece(message, at, 8)
            (value,) = struct.unpack("<d", piece)
        elif kind == _FIXED32:
            piece, at = _piece(message, at, 4)
            (value,) = struct.unpack("<f", piece)
        else:
            raise ValueError(f"field {number} has the unknown kind {kind}")
        yield number, value


def text(message: bytes, number: int) -> str:
    """The last string of a number; empty if there is none."""
    found = ""
    for field, value in fields(message):
        if field == number and isinstance(value, bytes):
            found = value.decode(errors="replace")
    return found


def texts(message: bytes, number: int) -> list[str]:
    """All strings of a number."""
    return [piece.decode(errors="replace") for piece in messages(message, number)]


def messages(message: bytes, number: int) -> list[bytes]:
    """All messages of a number."""
    return [value for field, value in fields(message) if field == number and type(value) is bytes]


def integer(message: bytes, number: int) -> int:
    """The last integer of a number, signed; 0 if there is none."""
    found = 0
    for field, value in fields(message):
        if field == number and isinstance(value, int):
            found = value
    return found - 2**64 if found >= 2**63 else found


def seconds(message: bytes, number: int) -> float | None:
    """The time that a `google.protobuf.Timestamp` is, in seconds since the epoch."""
    times = messages(message, number)
    return integer(times[-1], 1) + integer(times[-1], 2) / 1e9 if times else None


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(message) or shift > 63:
            raise ValueError("a number is cut off")
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _piece(message: bytes, at: int, length: int) -> tuple[bytes, int]:
    if at + length > len(message):
        raise ValueError("a field is cut off")
    return message[at : at + length], at + length
