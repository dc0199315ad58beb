"""Bayesian search, by W&B's own package `sweeps`, which is an extra: it is large."""

import importlib
import importlib.util
import json
import warnings
from collections.abc import Sequence
from typing import Any

import msgspec

from mockwb.backend.errors import InvalidError
from mockwb.backend.sweep_config import SweepConfig
from mockwb.backend.sweep_search import Args

PACKAGE = "sweeps"


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """A run as the search sees it."""

    name: str
    state: str
    args: Args
    summary: dict[str, Any]
    history: list[dict[str, Any]]
    """Rows with the metric."""


def check_available() -> None:
    """InvalidError, which says what to install, unless the package is there."""
    if importlib.util.find_spec(PACKAGE) is None:
        raise InvalidError(
            "this mockwb has no Bayesian search: install it with pip install 'mockwb[sweeps]' "
            "(on Python 3.13 then also pip install --no-deps sweeps), or use random or grid"
        )


def next_by_bayes(config: SweepConfig, trials: Sequence[Trial]) -> Args:
    """The most promising point; takes up to seconds, so call it in a thread.

    InvalidError for a config that the package refuses.
    """
    with warnings.catch_warnings():
        # It is written for an older pydantic, and tells us so.
        warnings.simplefilter("ignore")
        package = importlib.import_module(PACKAGE)
        runs = [
            package.SweepRun(
                name=trial.name,
                state=trial.state,
                config=trial.args,
                summary_metrics=trial.summary,
                history=trial.history,
            )
            for trial in trials
        ]
        try:
            found = package.next_run(config.values, runs)
        except Exception as error:
            raise InvalidError(f"Bayesian search failed: {error}") from error
    args: Args = json.loads(json.dumps(found.config, default=_plain))
    return args


def _plain(number: Any) -> Any:
    """What numpy's numbers are in Python."""
    return number.item()
