"""A part of a `limits` section, to put over limits that are in force. Scenarios hold such parts."""

from collections.abc import Iterator
from typing import Any

from mockwb.config.load import merge
from mockwb.config.plain import plain
from mockwb.config.schemas import Describe, Schema
from mockwb.limits.rules import LimitRules
from mockwb.yaml_file import convert, convert_part


class LimitsPart:
    """Only what is given: everything else stays as it is."""

    __slots__ = ("given",)

    def __init__(self, given: dict[str, Any]) -> None:
        """Hold plain data that is known to be right."""
        self.given = given

    @classmethod
    def from_config(cls, value: object) -> "LimitsPart":
        """Read what a `limits` section would take; ValueError says what is wrong."""
        convert_part(value, LimitRules)
        return cls(value if isinstance(value, dict) else {})

    @classmethod
    def json_schema(cls, of: Describe) -> Schema:
        """What `from_config` takes."""
        return of(LimitRules)

    def to_config(self) -> dict[str, Any]:
        """The data that `from_config` reads."""
        return self.given

    def over(self, rules: LimitRules) -> LimitRules:
        """`rules`, changed: merged key by key, lists and single values replaced."""
        return convert(merge(plain(rules), self.given), LimitRules)

    def __str__(self) -> str:
        return ", ".join(_settings(self.given))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LimitsPart) and self.given == other.given

    def __hash__(self) -> int:
        return hash(str(self))


def _settings(part: dict[str, Any], where: str = "") -> Iterator[str]:
    """`project.requests 10/1m`, one text per setting."""
    for key, value in part.items():
        if isinstance(value, dict):
            yield from _settings(value, f"{where}{key}.")
        else:
            yield f"{where}{key} {value}"
