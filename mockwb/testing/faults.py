"""The faults of a running server, for tests to add and remove."""

from collections.abc import Mapping
from typing import Any

from mockwb.faults.faults import Faults
from mockwb.faults.profiles import profile_rules
from mockwb.faults.rule import FaultRule
from mockwb.testing.server_thread import ServerThread
from mockwb.yaml_file import Document, decode


class MockFaults:
    """What befalls requests on command, from the next one on."""

    def __init__(self, thread: ServerThread) -> None:
        """Those of the server in `thread`."""
        self._thread = thread

    def add(
        self,
        kind: str,
        *,
        name: str | None = None,
        match: Mapping[str, Any] | None = None,
        when: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> str:
        """Add one, as `add("status", status=503, when={"first": 2})`; its name.

        `match`, `when` and the `settings` of the kind are as the configuration has them. FileError
        names what cannot be understood; TakenNameError if there is a fault of that name.
        """
        given = {
            "name": name,
            "match": dict(match or {}),
            "when": dict(when or {}),
            "what": {"kind": kind, **settings},
        }
        rule = decode(Document("faults.add", given, {}), FaultRule)
        return self._thread.call(self._faults.add, rule).name

    def take_profile(self, name: str) -> None:
        """Put the faults of a profile in force, and no others; UnknownProfileError."""
        self._thread.call(self._faults.replace, profile_rules(name))

    def remove(self, name: str) -> None:
        """Remove one; LookupError if there is none of that name."""
        if not self._thread.call(self._faults.remove, name):
            raise LookupError(f"there is no fault called {name!r}; in force: {list(self.acted)}")

    def clear(self) -> None:
        """Remove all."""
        self._thread.call(self._faults.replace, ())

    @property
    def acted(self) -> dict[str, int]:
        """Name -> requests that it struck, of the faults in force."""
        return self._thread.call(
            lambda: {state.name: state.acted for state in self._faults.states},
        )

    @property
    def _faults(self) -> Faults:
        return self._thread.server.faults
