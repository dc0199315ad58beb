"""What filters and sort orders may ask of a run, by the names that W&B gives these things."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mockwb.backend.history_keys import lookup
from mockwb.backend.instants import format_instant
from mockwb.backend.run import Run, RunProgress, RunState
from mockwb.backend.run_config import config_values
from mockwb.backend.run_filter import MISSING, Known

_RUN_FIELDS = {
    "name": "name",
    "displayName": "display_name",
    "display_name": "display_name",
    "group": "group",
    "jobType": "job_type",
    "job_type": "job_type",
    "host": "host",
    "commit": "commit",
    "notes": "notes",
    "description": "description",
    "username": "user",
    "user": "user",
    "project": "project",
    "entity": "entity",
    "sweep": "sweep",
}
_INSTANTS = {
    "createdAt": "created_at",
    "created_at": "created_at",
    "updatedAt": "updated_at",
    "updated_at": "updated_at",
}
DATES = frozenset({*_INSTANTS, "heartbeatAt", "heartbeat_at"})
"""Keys whose values are instants, written as ISO texts."""
SUMMARY_PREFIX = "summary_metrics."
HISTORY_PREFIX = "keys_info.keys."
SYSTEM_PREFIXES = ("system_metrics.", "systemMetrics.")


@dataclass(slots=True)
class RunFacts:
    """One run and what was loaded of it."""

    run: Run
    progress: RunProgress
    state: RunState
    summary: dict[str, Any] | None = None
    history_keys: dict[str, Any] | None = None
    system: dict[str, Any] | None = None
    _config: dict[str, Any] | None = None

    def renewed(self, run: Run, progress: RunProgress, state: RunState) -> "RunFacts":
        """Facts of the same run after news of it; only its config may still be the same."""
        config = self._config if run.config == self.run.config else None
        return RunFacts(run, progress, state, _config=config)

    def known(self, key: str) -> Known:
        """The value of a filter key; unknown keys are missing in every run."""
        name = _RUN_FIELDS.get(key)
        if name is not None:
            value = getattr(self.run, name)
            return value is not None, value
        if key in _INSTANTS:
            return True, format_instant(getattr(self.run, _INSTANTS[key]))
        own = _OWN.get(key)
        return (True, own(self)) if own is not None else self._nested(key)

    def _nested(self, key: str) -> Known:
        if key.startswith("config."):
            return self._config_value(key.removeprefix("config."))
        if key.startswith(SUMMARY_PREFIX):
            return lookup(self.summary or {}, key.removeprefix(SUMMARY_PREFIX))
        if key.startswith("tags."):
            there = key.removeprefix("tags.") in self.run.tags
            return there, there or None
        if key.startswith(HISTORY_PREFIX):
            name = key.removeprefix(HISTORY_PREFIX)
            keys = self.history_keys or {}
            return name in keys, keys.get(name)
        for prefix in SYSTEM_PREFIXES:
            if key.startswith(prefix):
                return lookup(self.system or {}, key.removeprefix(prefix))
        return MISSING

    def _config_value(self, path: str) -> Known:
        """`K`, `K.value`, and into nested objects with or without the `value` of the top level."""
        if self._config is None:
            self._config = config_values(self.run.config)
        known = lookup(self._config, path)
        if not known[0] and ".value" in path:
            return lookup(self._config, path.replace(".value", "", 1))
        return known

    def duration(self) -> float:
        """Seconds of run time: as the summary says, else up to the last heartbeat."""
        wandb = (self.summary or {}).get("_wandb")
        runtime = wandb.get("runtime") if isinstance(wandb, dict) else None
        if isinstance(runtime, int | float):
            return runtime
        return max(0.0, self.progress.heartbeat_at - self.run.created_at)


_OWN: dict[str, Callable[[RunFacts], Any]] = {
    "heartbeatAt": lambda facts: format_instant(facts.progress.heartbeat_at),
    "heartbeat_at": lambda facts: format_instant(facts.progress.heartbeat_at),
    "state": lambda facts: str(facts.state),
    "tags": lambda facts: list(facts.run.tags),
    "duration": RunFacts.duration,
}
