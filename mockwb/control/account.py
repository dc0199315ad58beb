"""`GET /_mockwb/account`: what the server can say about each run."""

from mockwb.account import Account
from mockwb.control.resource import Call, Operation, Parameter
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
                parameters=(
                    Parameter(
                        "project",
                        "entity/project, as a glob",
                        repeated=True,
                        pattern="[^/]+/[^/]+",
                    ),
                    Parameter(
                        "run",
                        "a run name, as a glob",
                        repeated=True,
                        pattern=".+",
                    ),
                ),
            )
        ]

    async def get(self, call: Call) -> Account:
        """What is known of them now."""
        return await self._accounts.query(list(call.every("project")), list(call.every("run")))
