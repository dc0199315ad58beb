"""Which SDK a run was made with. wandb-core names no version in its requests, but in the config."""

import json


def sdk_version(config: str | None) -> str:
    """What a run's config (JSON text) says of the SDK that sent it; "" if it says nothing.

    SDKs keep notes on themselves under `_wandb`, the one key of a config that is not the user's.
    """
    try:
        notes = json.loads(config or "{}")["_wandb"]["value"]
        version = notes["cli_version"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
    return version if isinstance(version, str) else ""
