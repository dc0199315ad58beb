"""`GET /_mockwb/`: which server this is, and where to go from here."""

from collections.abc import Mapping

from aiohttp import web

from mockwb import __version__
from mockwb.control.answers import json_answer, unknown_parameter


class IndexResource:
    """Serves name, version, plan and links."""

    path = "/_mockwb/"

    def __init__(self, plan: str, links: Mapping[str, str]) -> None:
        """Show `plan`, and `links` as name -> path."""
        self._plan = plan
        self._links = dict(links)

    async def get(self, request: web.BaseRequest) -> web.Response:
        """What a person or a script wants to know first."""
        refusal = unknown_parameter(request, ())
        if refusal is not None:
            return refusal
        return json_answer(
            {"name": "mockwb", "version": __version__, "plan": self._plan, "links": self._links}
        )
