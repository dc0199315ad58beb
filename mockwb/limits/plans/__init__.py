"""Ready-made limits, one YAML file each, in the words of the server's configuration.

A further plan is one more file; its first line is a comment that sums it up.
"""

import difflib
from importlib.resources import files


class UnknownPlanError(LookupError):
    """No plan of that name comes with mockwb; the message says which is meant, or which do."""

    def __init__(self, name: str) -> None:
        """Say that there is no plan called `name`."""
        known = plan_names()
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known plans: {', '.join(known)}"
        super().__init__(f"no plan called {name!r}; {hint}")


def plan_names() -> list[str]:
    """The plans that come with mockwb, in alphabetical order."""
    here = files(__package__)
    return sorted(f.name.removesuffix(".yaml") for f in here.iterdir() if f.name.endswith(".yaml"))


def plan_text(name: str) -> str:
    """The YAML of a plan, as its file is; UnknownPlanError if there is none of that name."""
    if name not in plan_names():
        raise UnknownPlanError(name)
    return files(__package__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")


def plan_summary(name: str) -> str:
    """What the plan is, in one line; UnknownPlanError if there is none of that name."""
    return plan_text(name).partition("\n")[0].removeprefix("# ")
