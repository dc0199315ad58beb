"""`GET /_mockwb/`: which server this is, and where to go from here."""

from collections.abc import Callable, Mapping

import msgspec

from mockwb import __version__
from mockwb.control.resource import Call, Operation


class Index(msgspec.Struct, frozen=True):
    """The server, and what there is to ask it."""

    name: str
    version: str
    plan: str
    """The plan in force."""
    links: dict[str, str]
    """Name -> path."""


class IndexResource:
    """Serves name, version, plan and links."""

    name = "index"
    path = "/_mockwb/"

    def __init__(self, plan: Callable[[], str], links: Mapping[str, str]) -> None:
        """Show the name of the plan in force, and `links` as name -> path."""
        self._plan = plan
        self._links = dict(links)
        self.operations = [Operation("GET", "Which server this is", self.get, Index)]

    async def get(self, _: Call) -> Index:
        """What a person or a script wants to know first."""
        return Index("mockwb", __version__, self._plan(), self._links)
