"""Ready-made faults: lists of rules, as the configuration has them under `faults`."""

from mockwb.faults.rule import FaultRule
from mockwb.ready_made import ReadyMade
from mockwb.yaml_file import decode, parse_yaml


class UnknownProfileError(LookupError):
    """No profile of that name comes with mockwb; the message says which is meant, or which do."""


_PROFILES = ReadyMade(__name__, "fault profile", UnknownProfileError)

profile_names = _PROFILES.names
profile_summary = _PROFILES.summary


def profile_rules(name: str) -> list[FaultRule]:
    """The rules of a profile; UnknownProfileError if there is none of that name."""
    return decode(parse_yaml(_PROFILES.text(name), f"fault profile {name}"), list[FaultRule])
