"""`GET /_mockwb/clients`: how each client behaved towards limits and failures."""

from mockwb.client_account import ClientAccounts
from mockwb.control.resource import Call, Operation
from mockwb.control.run_globs import RUN_GLOBS
from mockwb.observe.client_keeper import ClientKeeper


class ClientsResource:
    """Serves `mockwb.client_account.ClientAccounts`."""

    name = "clients"
    path = "/_mockwb/clients"

    def __init__(self, clients: ClientKeeper) -> None:
        self._clients = clients
        self.operations = [
            Operation(
                "GET",
                "How each client behaved: retries, waits, bytes sent again",
                self.get,
                ClientAccounts,
                parameters=RUN_GLOBS,
            )
        ]

    async def get(self, call: Call) -> ClientAccounts:
        """What is known of them now."""
        return await self._clients.query(call.every("project"), call.every("run"))
