"""What the `mockwb` fixture hands to a test: a user and a project of its own on some server."""

from hashlib import sha1

from mockwb.gate.authentication import user_of_key
from mockwb.testing.requests import SeenRequests
from mockwb.testing.server import MockServer
from mockwb.testing.server_thread import ServerThread
from mockwb.testing.witness import MockWitness


class MockProject(MockWitness):
    """A user's part of a server; runs and requests of others do not show.

    `limits`, `faults` and `clock` are the whole server's. The fixture undoes what a test does to
    limits and faults.
    """

    def __init__(
        self, server: MockServer, project: str, *, own_server: bool, user_of: str = ""
    ) -> None:
        """A project of that name; `own_server` if nobody else uses `server`.

        Otherwise `user_of` says for what a user is wanted: the same each time, as faults by chance
        depend on whose requests they are.
        """
        self.server = server
        self.project = project
        self._own_server = own_server
        if own_server:
            self.api_key, self.entity = server.api_key, server.entity
        else:
            self.api_key = sha1(user_of.encode(), usedforsecurity=False).hexdigest()
            self.entity = user_of_key(self.api_key)

    @property
    def env(self) -> dict[str, str]:
        """What a process needs in its environment to log to this project."""
        return {
            "WANDB_BASE_URL": self.url,
            "WANDB_API_KEY": self.api_key,
            "WANDB_ENTITY": self.entity,
            "WANDB_PROJECT": self.project,
        }

    @property
    def _only_user(self) -> str | None:
        return None if self._own_server else self.entity

    @property
    def _thread(self) -> ServerThread:
        return self.server._thread

    @property
    def _seen(self) -> SeenRequests:
        return self.server._seen
