"""`GET /_mockwb/account`: what the server can say about each run."""

from mockwb.account import Account
from mockwb.control.resource import Call, Operation
from mockwb.control.run_globs import RUN_GLOBS
from mockwb.observe.account import AccountKeeper


class AccountResource:
    """Serves `mockwb.account.Account`."""

    name = "account"
    path = "/_mockwb/account"

    def __init__(self, accounts: AccountKeeper) -> None:
        self._accounts = accounts
        self.operations = [
            Operation(
                "GET",
                "All runs whose project and name match",
                self.get,
                Account,
                parameters=RUN_GLOBS,
            )
        ]

    async def get(self, call: Call) -> Account:
        """What is known of them now."""
        return await self._accounts.query(list(call.every("project")), list(call.every("run")))
