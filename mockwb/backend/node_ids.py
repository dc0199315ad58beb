"""Opaque ids as GraphQL shows them: base64 of `Type:...`, and back."""

import base64
import binascii


def node_id(kind: str, *parts: object) -> str:
    """The id of a thing; SDKs treat it as opaque and send it back."""
    return base64.b64encode(":".join([kind, *map(str, parts)]).encode()).decode()


def node_parts(kind: str, text: str) -> list[str] | None:
    """The parts behind `kind` in an id; None if `text` is no id of that kind."""
    padded = text + "=" * (-len(text) % 4)
    try:
        decoded = base64.b64decode(padded, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    found, *parts = decoded.split(":")
    return parts if found == kind and parts else None


def node_number(text: str) -> int:
    """The number that an id ends in; ValueError if it ends in something else."""
    padded = text + "=" * (-len(text) % 4)
    return int(base64.b64decode(padded).rpartition(b":")[2])
