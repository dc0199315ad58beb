"""Configs of runs: where several clients have a say in one, and what a config says."""

from typing import Any

from mockwb.backend.json_text import parse_object, to_json

_SDK = "_wandb"
"""Entry that the SDK keeps for itself; machine data in it are listed by writer."""


def merged_config(former: str, latter: str) -> str:
    """Both configs (JSON texts) in one: where both have a key, the latter counts.

    Writers in shared mode send all that they know, and that is only what they said themselves.
    """
    old, new = parse_object(former, "config"), parse_object(latter, "config")
    merged = old | new
    if _SDK in old and _SDK in new:
        merged[_SDK] = _laid_over(old[_SDK], new[_SDK])
    return to_json(merged)


def config_values(text: str | None) -> dict[str, Any]:
    """What a config (JSON text) says under each name, without what the SDK wraps it in."""
    entries = parse_object(text, "config") if text else {}
    return {name: _unwrapped(entry) for name, entry in entries.items()}


def _unwrapped(entry: Any) -> Any:
    return entry["value"] if isinstance(entry, dict) and "value" in entry else entry


def _laid_over(old: Any, new: Any) -> Any:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    return old | {key: _laid_over(old.get(key), value) for key, value in new.items()}
