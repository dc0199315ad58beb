"""What a rule calls runs, so that a rerun of a script meets the same. Used by `faults`.

The SDK makes up ids for runs that are given none, other ones each time.
"""

import re
from collections import OrderedDict

from mockwb.target import Target

_MADE_UP = re.compile(r"[a-z0-9]{8}")


class RunNames:
    """Names that a rerun will use too."""

    __slots__ = ("_counts", "_most", "_names")

    def __init__(self, most: int) -> None:
        """Remember at most so many runs; the one heard of longest ago would get a new name."""
        self._most = most
        self._names: OrderedDict[str, str] = OrderedDict()
        self._counts: dict[str, int] = {}
        """Project -> runs in it that were numbered."""

    def of(self, target: Target) -> str | None:
        """The run's id; of those that look made up, which one of its project it is, from 1."""
        run = target.run
        if run is None or _MADE_UP.fullmatch(run) is None:
            return run
        path, project = target.run_path or run, target.project_path or ""
        name = self._names.pop(path, None)
        if name is None:
            number = self._counts[project] = self._counts.get(project, 0) + 1
            name = f"#{number}"
            if len(self._names) >= self._most:
                self._names.popitem(last=False)
        self._names[path] = name
        return name
