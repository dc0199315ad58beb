"""Reading the one field of a file_stream answer that the SDK acts on."""

import json


def says_stop(body: bytes) -> bool:
    """Whether the server asks the run to stop; anything unreadable does not."""
    if b'"stopped"' not in body:
        return False
    try:
        answer = json.loads(body)
    except ValueError:
        return False
    return isinstance(answer, dict) and answer.get("stopped") is True
