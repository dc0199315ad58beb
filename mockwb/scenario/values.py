"""What a row holds besides scalars: `values` of a workload that logs.

`plan` hands it on as plain data to `sdkmodel.logging_shape`, which makes the rows.
"""

from typing import Annotated, Any

import msgspec

from mockwb.units import Size

Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
_SMALLEST_IMAGE, _SMALLEST_VIDEO = 200, 40
_LARGEST = 2_000_000_000


class _Kind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    count: Count = 1
    """So many in one row."""
    every: Count = 1
    """Only in the first of so many rows."""


class Nested(_Kind, frozen=True, kw_only=True):
    """Numbers in nested dicts, ten to a dict."""


class Strings(_Kind, frozen=True, kw_only=True):
    """Texts."""

    size: Size = Size(100)
    """Of each."""

    def __post_init__(self) -> None:
        _check_size(self.size, 0)


class Lists(_Kind, frozen=True, kw_only=True):
    """Lists of numbers."""

    length: Count = 10
    """Numbers in each."""


class Histograms(_Kind, frozen=True, kw_only=True):
    """As `wandb.Histogram` logs them."""

    bins: Annotated[int, msgspec.Meta(ge=1, le=512)] = 64


class Images(_Kind, frozen=True, kw_only=True):
    """As `wandb.Image` logs and uploads them: a PNG file each."""

    size: Size = Size(50_000)
    """Of each file."""

    def __post_init__(self) -> None:
        _check_size(self.size, _SMALLEST_IMAGE)


class Videos(_Kind, frozen=True, kw_only=True):
    """As `wandb.Video` logs and uploads them: an MP4 file each."""

    size: Size = Size(5_000_000)
    """Of each file."""

    def __post_init__(self) -> None:
        _check_size(self.size, _SMALLEST_VIDEO)


class NewKeys(_Kind, frozen=True, kw_only=True):
    """Numbers under names that no row had before: cardinality that grows."""

    per_client: bool = False
    """Each client has names of its own; else all clients come upon the same ones."""


class Values(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What each row holds beside `metrics` scalars; a bare number is a `count`."""

    nested: Count | Nested | None = None
    strings: Count | Strings | None = None
    lists: Count | Lists | None = None
    histograms: Count | Histograms | None = None
    images: Count | Images | None = None
    videos: Count | Videos | None = None
    new_keys: Count | NewKeys | None = None

    def plan(self) -> dict[str, Any]:
        """Kind -> its keys, all of them, as plain data."""
        kinds = (_struct(name, getattr(self, name)) for name in self.__struct_fields__)
        named = zip(self.__struct_fields__, kinds, strict=True)
        return {name: _plain(kind) for name, kind in named if kind is not None}


_KINDS: dict[str, type[_Kind]] = {
    "nested": Nested,
    "strings": Strings,
    "lists": Lists,
    "histograms": Histograms,
    "images": Images,
    "videos": Videos,
    "new_keys": NewKeys,
}


def _struct(name: str, given: int | _Kind | None) -> _Kind | None:
    return _KINDS[name](count=given) if isinstance(given, int) else given


def _plain(kind: _Kind) -> dict[str, int | bool]:
    fields = {name: getattr(kind, name) for name in kind.__struct_fields__}
    return {name: int(value) if type(value) is Size else value for name, value in fields.items()}


def _check_size(size: int, least: int) -> None:
    if not least <= size <= _LARGEST:
        limits = f"{Size(least)} to {Size(_LARGEST)}"
        raise ValueError(f"size: expected {limits}, got {Size(size)}")
