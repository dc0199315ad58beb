"""Reading the one field of a file_stream answer that the SDK acts on."""

import json
from functools import lru_cache


@lru_cache(maxsize=64)  # servers say the same few things for ever
def says_stop(body: bytes) -> bool:
    """Whether the server asks the run to stop; anything unreadable does not."""
    if b'"stopped"' not in body:
        return False
    try:
        answer = json.loads(body)
    except ValueError:
        return False
    return isinstance(answer, dict) and answer.get("stopped") is True
