"""Counts from where a script calls `Run.log`; Python imports it at start, since its folder leads.

It runs in the audited processes, with nothing of mockwb at hand, and keeps out of their way: each
writes its counts at exit to a file of its own in the folder that MOCKWB_AUDIT_CALLS names.
"""

from __future__ import annotations

import atexit
import functools
import importlib
import importlib.abc
import importlib.util
import json
import os
import pathlib
import sys
from collections import Counter
from typing import Any

_MODULE = "wandb.sdk.wandb_run"
_calls: Counter[str] = Counter()


class _Finder(importlib.abc.MetaPathFinder):
    """Lets others find the SDK's module, and adds to what they found."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        """The SDK's module as others find it, with `Run.log` counted once it is there."""
        if name != _MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_count(module: Any) -> None:
                execute(module)
                _count_calls(module.Run)

            spec.loader.exec_module = execute_and_count  # type: ignore[method-assign]
        return spec


def _count_calls(run_class: Any) -> None:
    log = run_class.log

    @functools.wraps(log)
    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        caller = sys._getframe(1)
        _calls[f"{caller.f_code.co_filename}:{caller.f_lineno}"] += 1
        return log(self, *args, **kwargs)

    run_class.log = counted


def _write() -> None:
    if _calls:
        folder = pathlib.Path(os.environ["MOCKWB_AUDIT_CALLS"])
        (folder / f"{os.getpid()}.json").write_text(json.dumps(_calls))


def _make_way() -> None:
    """Import the `sitecustomize` that would have been imported without this one."""
    here = str(pathlib.Path(__file__).parent)
    sys.path[:] = [folder for folder in sys.path if folder != here]
    this = sys.modules.pop("sitecustomize", None)
    try:
        importlib.import_module("sitecustomize")
    except ImportError:
        if this is not None:
            sys.modules["sitecustomize"] = this


if "MOCKWB_AUDIT_CALLS" in os.environ:
    sys.meta_path.insert(0, _Finder())
    atexit.register(_write)
_make_way()
