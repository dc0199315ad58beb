"""What has another name on the other server: entities, runs, ids, and the addresses of files.

Learned from the answers: where the recorded answer of a request says one thing and the new answer
another, later requests that say the first are made to say the second. Used by `sender`.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import msgspec

from mockwb.replay.recording import Recorded

_ENTITY_KEYS = frozenset({"entity", "entityName", "username"})
_ENTITIES = frozenset({"entity", "defaultEntity"})
_RUNS = frozenset({"bucket", "run"})
_RUN_KEYS = frozenset({"run", "runName", "runId", "name"})


class Translation:
    """From the recorded server's words to the other server's."""

    def __init__(self) -> None:
        self._entities: dict[str, str] = {}
        self._runs: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._addresses: dict[tuple[str, str], str] = {}
        """(PUT or GET, recorded path) -> address on the other server, token and all."""

    def learn(self, recorded: bytes | None, fresh: bytes) -> None:
        """Compare the answers to one GraphQL request; without a recorded one, addresses only."""
        new = _json(fresh)
        old = new if recorded is None else _json(recorded)
        for above, key, said, says in _pairs("", "", old, new):
            self._learn(above, key, said, says)

    def _learn(self, above: str, key: str, said: str, says: str) -> None:
        if says.startswith(("http://", "https://")):
            method = "PUT" if "upload" in key.lower() else "GET"
            self._addresses[method, urlsplit(said).path] = says
        elif said == says:
            return
        elif key in _ENTITY_KEYS or (key == "name" and above in _ENTITIES):
            self._entities[said] = says
        elif key == "name" and above in _RUNS:
            self._runs[said] = says
        elif key == "id" or key.endswith(("Id", "ID")):
            self._ids[said] = says

    def address(self, request: Recorded) -> str | None:
        """Where to put or get a file; None if no answer has given an address for it."""
        method = "PUT" if request.method == "PUT" else "GET"
        return self._addresses.get((method, request.path))

    def path(self, path: str) -> str:
        """The path of a run's stream or file: `/files/{entity}/{project}/{run}/...`."""
        parts = path.split("/")
        if len(parts) < 5 or parts[1] != "files":
            return path
        for place, names in ((2, self._entities), (4, self._runs)):
            name = names.get(unquote(parts[place]))
            if name is not None:
                parts[place] = quote(name, safe="")
        return "/".join(parts)

    def graphql(self, body: bytes) -> bytes:
        """A GraphQL request whose variables name what the other server knows."""
        request = _json(body)
        if not isinstance(request, dict) or not isinstance(request.get("variables"), dict):
            return body
        variables = self._translated("", request["variables"])
        if variables == request["variables"]:
            return body
        return msgspec.json.encode({**request, "variables": variables})

    def _translated(self, key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._translated(name, one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._translated(key, one) for one in value]
        if not isinstance(value, str):
            return value
        if "entity" in key.lower() and value in self._entities:
            return self._entities[value]
        if key in _RUN_KEYS and value in self._runs:
            return self._runs[value]
        return self._ids.get(value, value)


def _json(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _pairs(above: str, key: str, old: Any, new: Any) -> Iterator[tuple[str, str, str, str]]:
    """(key of the object around, key, recorded text, new text) wherever both answers have one."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in old.keys() & new.keys():
            yield from _pairs(key, name, old[name], new[name])
    elif isinstance(old, list) and isinstance(new, list):
        for one, other in zip(old, new, strict=False):
            yield from _pairs(above, key, one, other)
    elif isinstance(old, str) and isinstance(new, str):
        yield above, key, old, new
