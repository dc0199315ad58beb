"""Ready-made faults, one YAML file each: a list of rules, as configuration has it under `faults`.

A further profile is one more file; its first line is a comment that sums it up.
"""

import difflib
from importlib.resources import files

from mockwb.faults.rule import FaultRule
from mockwb.yaml_file import decode, parse_yaml


class UnknownProfileError(LookupError):
    """No profile of that name comes with mockwb; the message says which is meant, or which do."""

    def __init__(self, name: str) -> None:
        """Say that there is no profile called `name`."""
        known = profile_names()
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known profiles: {', '.join(known)}"
        super().__init__(f"no fault profile called {name!r}; {hint}")


def profile_names() -> list[str]:
    """The profiles that come with mockwb, in alphabetical order."""
    here = files(__package__)
    return sorted(f.name.removesuffix(".yaml") for f in here.iterdir() if f.name.endswith(".yaml"))


def profile_rules(name: str) -> list[FaultRule]:
    """The rules of a profile; UnknownProfileError if there is none of that name."""
    return decode(parse_yaml(_text(name), f"fault profile {name}"), list[FaultRule])


def profile_summary(name: str) -> str:
    """What the profile is, in one line; UnknownProfileError if there is none of that name."""
    return _text(name).partition("\n")[0].removeprefix("# ")


def _text(name: str) -> str:
    if name not in profile_names():
        raise UnknownProfileError(name)
    return files(__package__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
