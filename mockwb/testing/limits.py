"""The limits of a running server, for tests to read, change and empty."""

from typing import Any

from mockwb.config.plain import plain
from mockwb.control.live_limits import LiveLimits
from mockwb.limits.rules import LimitRules
from mockwb.target import WindowUsage
from mockwb.testing.server_thread import ServerThread
from mockwb.yaml_file import Document, decode

_ORIGIN = "a test"


class MockLimits:
    """What may pass; a change takes effect with the next request."""

    def __init__(self, thread: ServerThread) -> None:
        """Those of the server in `thread`."""
        self._thread = thread

    @property
    def rules(self) -> dict[str, Any]:
        """What is in force, as the `limits` section of the configuration writes it."""
        rules: dict[str, Any] = plain(self._thread.call(lambda: self._live.rules))
        return rules

    def usage(self, scope: str | None = None, key: str | None = None) -> list[WindowUsage]:
        """How full every window in use is, of one scope (`project`) and a glob over its keys."""
        return self._thread.call(lambda: list(self._live.limiter.usage(scope, key)))

    def set(self, **sections: Any) -> None:
        """Change some limits, as `set(project={"requests": "5/1m"})`; others stay.

        FileError, which names the key, if they cannot be understood.
        """
        decode(Document("limits.set", sections, {}), LimitRules)
        self._thread.call(self._live.merge, sections, _ORIGIN)

    def take_plan(self, name: str) -> None:
        """Enforce those of a plan that comes with mockwb; FileError if there is none."""
        self._thread.call(self._live.take_plan, name, None, _ORIGIN)

    def reset(self, scope: str | None = None, key: str | None = None) -> int:
        """Empty the windows of a scope and a glob over its keys; how many there were."""
        return self._thread.call(self._live.limiter.reset, scope, key)

    def freeze(self, seconds: float | None = None) -> None:
        """Refuse everything for so many seconds, or until `release`."""
        self._thread.call(self._live.limiter.start_freeze, seconds)

    def release(self) -> None:
        """End a freeze."""
        self._thread.call(self._live.limiter.release)

    def restore(self, rules: dict[str, Any]) -> None:
        """Make `rules`, once read here, the only ones again; windows start empty, nothing frozen.

        `mockwb` fixtures leave the shared server so to the next test.
        """
        self.release()
        if self.rules != rules:
            decoded = decode(Document("limits.restore", rules, {}), LimitRules)
            self._thread.call(self._live.replace, decoded, _ORIGIN)
        self.reset()

    @property
    def _live(self) -> LiveLimits:
        return self._thread.server.limits
