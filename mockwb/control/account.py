"""`GET /_mockwb/account`: what the server can say about each run."""

from mockwb.account import Account
from mockwb.control.resource import Call, Operation, Parameter
from mockwb.control.run_globs import RUN_GLOBS
from mockwb.observe.account import AccountKeeper

_HOST = Parameter("host", "a machine's name, as a glob", repeated=True, pattern=".+")


class AccountResource:
    """Serves `mockwb.account.Account`."""

    name = "account"
    path = "/_mockwb/account"

    def __init__(self, accounts: AccountKeeper) -> None:
        self._accounts = accounts
        self.operations = [
            Operation(
                "GET",
                "All runs whose project, name and host match",
                self.get,
                Account,
                parameters=(*RUN_GLOBS, _HOST),
            )
        ]

    async def get(self, call: Call) -> Account:
        """What is known of them now."""
        asked = (list(call.every(name)) for name in ("project", "run", "host"))
        return await self._accounts.query(*asked)
