"""YAML files that come with mockwb, one thing in each: plans of limits, profiles of faults.

A further one is one more file; its first line is a comment that sums it up.
"""

import difflib
from importlib.resources import files


class ReadyMade:
    """The files in one package."""

    def __init__(self, package: str, what: str, unknown: type[LookupError]) -> None:
        """Those in `package`; each is a `what`, and asking for one that is not is `unknown`."""
        self._package = package
        self._what = what
        self._unknown = unknown

    def names(self) -> list[str]:
        """What there is, in alphabetical order."""
        found = (file.name for file in files(self._package).iterdir())
        return sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml"))

    def text(self, name: str) -> str:
        """The YAML of one, as its file is.

        The error says, if there is none of that name, which is meant, or which there are.
        """
        known = self.names()
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            kinds = f"known {self._what.rpartition(' ')[2]}s: {', '.join(known)}"
            hint = f"did you mean {near[0]}?" if near else kinds
            raise self._unknown(f"no {self._what} called {name!r}; {hint}")
        return files(self._package).joinpath(f"{name}.yaml").read_text(encoding="utf-8")

    def summary(self, name: str) -> str:
        """What one is, in a line; errors as `text` has them."""
        return self.text(name).partition("\n")[0].removeprefix("# ")
