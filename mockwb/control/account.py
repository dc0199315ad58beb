"""`GET /_mockwb/account`: what the server can say about each run."""

from aiohttp import web

from mockwb.control.answers import error_answer, json_answer, unknown_parameter
from mockwb.observe.account import AccountKeeper


class AccountResource:
    """Serves `mockwb.account.Account`."""

    path = "/_mockwb/account"

    def __init__(self, accounts: AccountKeeper) -> None:
        self._accounts = accounts

    async def get(self, request: web.BaseRequest) -> web.Response:
        """All runs whose project and name match.

        `project` is a glob over `entity/project`, `run` one over run names; both may be repeated,
        and a missing one matches everything.
        """
        refusal = unknown_parameter(request, ("project", "run"))
        if refusal is not None:
            return refusal
        projects = request.query.getall("project", [])
        runs = request.query.getall("run", [])
        for project in projects:
            if project.count("/") != 1 or project.startswith("/") or project.endswith("/"):
                return error_answer(
                    400, f"query parameter 'project': expected entity/project, got {project!r}"
                )
        if "" in runs:
            return error_answer(400, "query parameter 'run': expected a run name, got ''")
        return json_answer(await self._accounts.query(projects, runs))
