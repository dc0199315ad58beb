"""What a run logs and when: any row by arithmetic, without keeping one.

`shaped_lines` makes the lines of virtual runs of it and `sdk_worker` the rows of real ones, so that
both log the very same. For the worker's sake the file needs nothing but the standard library: it is
loaded by its path where mockwb is not installed.
"""

import hashlib
import json
import math
import struct
import zlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

_SCATTER = 104_729
"""A prime that scatters the varying digits of neighbouring rows."""
_PER_GROUP = 10
"""Numbers in one nested dict."""
_VARIANTS = 8
"""Different contents of one image or video, used in turn."""
_BLOCK = 65_535
"""Bytes of noise that repeat; also the longest stored block of deflate."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz "
_MASK = 2**64 - 1


class Pace(NamedTuple):
    """`burst` rows at once, every `period` seconds."""

    period: float
    burst: int = 1
    jitter: float = 0.0
    """Each burst is late by up to so many seconds, drawn from `seed`; at most `period`."""
    seed: int = 0
    grid: float | None = None
    """Bursts come whole periods after this time, in seconds since the epoch, so that all who share
    it log at the same moments; None waits for nobody."""
    missed: int = 0
    """Periods on the grid before the first burst."""

    def joined(self, wall: float) -> "Pace":
        """The pace of somebody who can begin to log at `wall`."""
        if self.grid is None or self.period <= 0:
            return self
        return self._replace(missed=math.ceil((wall - self.grid) / self.period - 1e-6))

    def wait(self, wall: float) -> float:
        """Seconds from `wall`, when it was joined, to the time that offsets count from."""
        if self.grid is None:
            return 0.0
        return max(0.0, self.grid + self.missed * self.period - wall)

    def offset(self, row: int) -> float:
        """When a row is logged."""
        number = row // self.burst
        at = number * self.period
        return at + self.jitter * _chance(self.seed, self.missed + number) if self.jitter else at

    def logged(self, elapsed: float) -> float:
        """Rows whose offset has passed; infinity if there is no time between them."""
        if elapsed < 0:
            return 0
        if self.period <= 0:
            return math.inf
        # The tolerance lets a row be logged at its own offset despite rounding.
        number = int(elapsed / self.period + 1e-6)
        if self.jitter and elapsed < self.offset(number * self.burst) - self.period * 1e-6:
            return number * self.burst
        return (number + 1) * self.burst


class Media(NamedTuple):
    """The content of an image or a video."""

    kind: str
    """`image` or `video`."""
    size: int
    """Bytes."""
    variant: int
    """Chooses among contents."""

    @property
    def extension(self) -> str:
        """Of the file's name."""
        return "png" if self.kind == "image" else "mp4"

    def path(self, key: str, step: int) -> str:
        """Where the SDK puts it in the run's files."""
        name = f"{key}_{step}_{digest(self)[:20]}.{self.extension}"
        return f"media/{self.kind}s/{name}"

    def chunks(self) -> Iterator[bytes]:
        """The content, piece by piece: a picture of noise, or a container full of it."""
        if self.kind == "image":
            yield _png(self.size, self.variant)
            return
        yield struct.pack(">I4s4sI8s", 24, b"ftyp", b"isom", 512, b"isommp41")
        yield struct.pack(">I4s", self.size - 24, b"mdat")
        yield from noise(self.size - 32, self.variant)


class Part(NamedTuple):
    """Values that come in the same rows: those that `every` divides."""

    every: int
    values: int
    """Metrics, as W&B counts them: leaves of nested dicts; lists, histograms and media are one."""
    text: str = ""
    """Members of a JSON object, each after a comma; `#` stands for six digits that vary."""
    new_keys: int = 0
    """Numbers under names that did not occur before."""
    own_names: bool = False
    """The client's number is part of these names."""
    keys: tuple[str, ...] = ()
    """Of images or videos."""
    kind: str = ""
    size: int = 0
    """Bytes of each of them."""

    def members(self, row: int, client: int) -> str:
        """The members in a row that has them."""
        if self.keys:
            media = Media(self.kind, self.size, row // self.every % _VARIANTS)
            return "".join(f',"{key}":{_media_json(media, key, row)}' for key in self.keys)
        digits = f"{row * _SCATTER % 1_000_000:06d}"
        if self.new_keys:
            prefix = f"client_{client:05d}/" if self.own_names else ""
            first = row // self.every * self.new_keys
            names = (f"{prefix}new_{first + i:07d}" for i in range(self.new_keys))
            return "".join(f',"{name}":0.{digits}' for name in names)
        return self.text.replace("#", digits)


class Shape:
    """What the rows of a workload hold. Rows count from 0; so do clients."""

    __slots__ = ("_always", "_rest", "_values", "parts")

    def __init__(self, plan: Mapping[str, Any]) -> None:
        """`plan` is plain data: `metrics`, how many scalars, and each kind of value that there is.

        The kinds and their keys are those of `mockwb.scenario.values`.
        """
        self.parts = tuple(_parts(plan))
        self._always = "".join(part.text for part in self.parts if part.every == 1)
        self._rest = tuple(part for part in self.parts if part.every > 1 or not part.text)
        self._values = sum(part.values for part in self.parts if part not in self._rest)

    def members(self, row: int, client: int) -> str:
        """The row's members as JSON, each after a comma."""
        text = self._always.replace("#", f"{row * _SCATTER % 1_000_000:06d}")
        for part in self._rest:
            if row % part.every == 0:
                text += part.members(row, client)
        return text

    def row(self, row: int, client: int) -> dict[str, Any]:
        """The row as it is stored, without the keys that the SDK adds."""
        values: dict[str, Any] = json.loads(f"{{{self.members(row, client)[1:]}}}")
        return values

    def media(self, row: int) -> dict[str, Media]:
        """The images and videos of a row by their keys."""
        return {
            key: Media(part.kind, part.size, row // part.every % _VARIANTS)
            for part in self._rest
            if row % part.every == 0
            for key in part.keys
        }

    def next_media(self, row: int) -> float:
        """The first row from `row` on that has images or videos; infinity if none has."""
        rows = (row + -row % part.every for part in self._rest if part.keys)
        return min(rows, default=math.inf)

    def values(self, rows: int) -> int:
        """Logged points in the first `rows` rows."""
        values = rows * self._values
        if self._rest:
            values += sum(-(-rows // part.every) * part.values for part in self._rest)
        return values


@lru_cache(maxsize=1024)
def digest(media: Media) -> str:
    """SHA-256 of the content, in hex."""
    hashed = hashlib.sha256()
    for chunk in media.chunks():
        hashed.update(chunk)
    return hashed.hexdigest()


def noise(size: int, seed: int) -> Iterator[bytes]:
    """So many bytes that do not compress, the same for the same seed, piece by piece."""
    block = _noise_block(seed)
    for _ in range(size // _BLOCK):
        yield block
    yield block[: size % _BLOCK]


@lru_cache(maxsize=64)
def _noise_block(seed: int) -> bytes:
    return hashlib.shake_128(seed.to_bytes(8, "big")).digest(_BLOCK)


def _chance(seed: int, number: int) -> float:
    """A number from 0 to below 1 (splitmix64)."""
    mixed = (seed + (number + 1) * 0x9E3779B97F4A7C15) & _MASK
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB & _MASK
    return ((mixed ^ (mixed >> 31)) >> 11) / 2**53


def _parts(plan: Mapping[str, Any]) -> Iterator[Part]:
    metrics = plan["metrics"]
    yield Part(1, metrics, "".join(f',"metric_{i}":{i % 10}.#' for i in range(metrics)))
    for kind, texts in _TEXTS.items():
        if kind in plan:
            of, count = plan[kind], plan[kind]["count"]
            yield Part(of["every"], count, texts(count, of))
    for kind in ("images", "videos"):
        if kind in plan:
            of, one = plan[kind], kind[:-1]
            keys = tuple(f"{one}_{i}" for i in range(of["count"]))
            yield Part(of["every"], len(keys), keys=keys, kind=one, size=of["size"])
    if "new_keys" in plan:
        of = plan["new_keys"]
        yield Part(of["every"], of["count"], new_keys=of["count"], own_names=of["per_client"])


def _nested(count: int, _of: Mapping[str, Any]) -> str:
    groups = []
    for group, first in enumerate(range(0, count, _PER_GROUP)):
        inner = range(min(_PER_GROUP, count - first))
        members = ",".join(f'"value_{i}":{i}.#' for i in inner)
        groups.append(f',"group_{group}":{{{members}}}')
    return "".join(groups)


def _strings(count: int, of: Mapping[str, Any]) -> str:
    size = of["size"]
    letters = (_LETTERS * (size // len(_LETTERS) + 1))[: size - 6 if size >= 6 else size]
    value = f"#{letters}" if size >= 6 else letters
    return "".join(f',"string_{i}":"{value}"' for i in range(count))


def _lists(count: int, of: Mapping[str, Any]) -> str:
    value = ",".join(f"{i % 10}.#" for i in range(of["length"]))
    return "".join(f',"list_{i}":[{value}]' for i in range(count))


def _histograms(count: int, of: Mapping[str, Any]) -> str:
    bins = of["bins"]
    counts = ",".join(f"{i % 9 + 1}#" for i in range(bins))
    edges = ",".join(f"{i}.5" for i in range(bins + 1))
    value = f'{{"_type":"histogram","values":[{counts}],"bins":[{edges}]}}'
    return "".join(f',"histogram_{i}":{value}' for i in range(count))


_TEXTS = {"nested": _nested, "strings": _strings, "lists": _lists, "histograms": _histograms}


def _media_json(media: Media, key: str, step: int) -> str:
    """What the SDK logs of a file (wandb/sdk/data_types/image.py and video.py)."""
    about = {
        "_type": f"{media.kind}-file",
        "sha256": digest(media),
        "size": media.size,
        "path": media.path(key, step),
    }
    if media.kind == "image":
        side = _side(media.size)
        about |= {"format": media.extension, "width": side, "height": side}
    return json.dumps(about, separators=(",", ":"))


def _side(size: int) -> int:
    """Pixels along each side of a square picture whose file has `size` bytes."""
    return max(1, math.isqrt((size - 200) // 3) - 1)


def _png(size: int, seed: int) -> bytes:
    """A picture of noise, uncompressed, filled up to its size with a chunk that viewers skip."""
    side = _side(size)
    pixels = b"".join(noise(3 * side * side, seed))
    lines = b"".join(b"\0" + pixels[i : i + 3 * side] for i in range(0, len(pixels), 3 * side))
    blocks = [lines[i : i + _BLOCK] for i in range(0, len(lines), _BLOCK)]
    deflated = b"".join(
        struct.pack("<BHH", i == len(blocks) - 1, len(block), len(block) ^ 0xFFFF) + block
        for i, block in enumerate(blocks)
    )
    data = b"\x78\x01" + deflated + struct.pack(">I", zlib.adler32(lines))
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", data)
    end = _chunk(b"IEND", b"")
    return start + _chunk(b"noIs", bytes(size - len(start) - len(end) - 12)) + end


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
