"""What a scenario asks for as plain data, fit to be shown and compared. Used by `document`."""

from typing import Any

import msgspec

from mockwb.scenario.load import LoadedScenario

_SECRET_SECTIONS = ("auth", "control", "tls", "people")
"""Parts of a server's settings that hold keys and tokens, and change nothing in the outcome."""
_NOT_PLAYED = ("name", "description", "server", "include", "report")


def settings_of(loaded: LoadedScenario) -> dict[str, Any]:
    """The scenario: of its server what the file says, of workloads what is left out too."""
    settings: dict[str, Any] = msgspec.to_builtins(loaded.scenario, enc_hook=_text)
    kept = {key: value for key, value in settings.items() if key not in _NOT_PLAYED}
    server = {
        key: value for key, value in loaded.server_overlay.items() if key not in _SECRET_SECTIONS
    }
    return {"server": server, **kept}


def _text(value: object) -> object:
    """As scenario files write it."""
    writer = getattr(value, "to_config", None)
    return str(value) if writer is None else writer()
