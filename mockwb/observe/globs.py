"""Which names a query asks for. Used by `account`, `client_keeper` and `control.alerts`."""

import fnmatch
import re
from collections.abc import Callable, Sequence


def matcher(patterns: Sequence[str]) -> Callable[[str], object]:
    """A test for "equals or matches one of `patterns`"; anything passes when there are none."""
    if not patterns:
        return lambda text: True
    exact = frozenset(patterns)
    globs = re.compile("|".join(fnmatch.translate(pattern) for pattern in patterns))
    return lambda text: text in exact or globs.match(text)
