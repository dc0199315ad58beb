"""Settings as plain data in human units, such that reading it back gives the same settings."""

from typing import Any

import msgspec

from mockwb.units import Duration, Size, exact_duration


def plain(value: object) -> Any:
    """Dicts, lists and scalars: the reverse of `yaml_file.convert`."""
    return msgspec.to_builtins(value, enc_hook=_text)


def _text(value: object) -> object:
    if isinstance(value, Duration):
        return exact_duration(value)
    if isinstance(value, Size):
        return int(value)
    writer = getattr(value, "to_config", None)
    if writer is None:
        raise NotImplementedError(f"no way to write a {type(value).__name__}")
    return writer()
