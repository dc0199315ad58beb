"""API keys that the server knows by itself: configured, declared or made by users.

Every request asks whose a key is, so owners are kept at hand besides the records in the store.
"""

import secrets

import msgspec

from mockwb.backend.errors import ConflictError, NotFoundError
from mockwb.backend.node_ids import node_id
from mockwb.backend.store import Store
from mockwb.clock import Clock

_SHOWN = 8
"""Characters of a key that its name shows."""


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """One key."""

    number: int
    user: str
    secret: str
    """What clients log in with."""
    description: str | None = None
    created_at: float
    """Seconds since the Unix epoch."""

    @property
    def id(self) -> str:
        """Opaque id."""
        return node_id("ApiKey", self.number)

    @property
    def name(self) -> str:
        """The start of the key: all that is ever shown of it again."""
        return self.secret[: min(_SHOWN, (len(self.secret) + 1) // 2)]


class ApiKeys:
    """All keys with a record; the gate asks `owner` and `revoked` on each new header."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Keep them in `store`."""
        self._store = store
        self._clock = clock
        self._owners: dict[str, str] = {}
        self._revoked: set[str] = set()
        self.only_known = False
        """Whether keys without a record are no good."""
        self.version = 0
        """Grows with each change, so that whoever remembers answers knows when to forget them."""

    def owner(self, secret: str) -> str | None:
        """User name behind a key; None for one without a record."""
        return self._owners.get(secret)

    def revoked(self, secret: str) -> bool:
        """Whether the key was deleted."""
        return secret in self._revoked

    def accept_only_known(self, *, only: bool) -> None:
        """Say whether keys without a record are no good from now on."""
        self.only_known = only
        self.version += 1

    async def add(
        self, user: str, secret: str | None = None, description: str | None = None
    ) -> ApiKey:
        """A key of `user`, made up if it is not given; ConflictError if it is somebody else's."""
        secret = secret or secrets.token_hex(20)
        owner = self._owners.get(secret)
        if owner is not None:
            if owner != user:
                raise ConflictError(f"the API key for user {user} belongs to user {owner}")
            return next(key for key in await self.of_user(user) if key.secret == secret)
        key = ApiKey(
            number=await self._store.next_number("api-key"),
            user=user,
            secret=secret,
            description=description,
            created_at=self._clock.wall(),
        )
        await self._store.put("api-key", key.id, key)
        self._owners[secret] = user
        self._revoked.discard(secret)
        self.version += 1
        return key

    async def of_user(self, user: str) -> list[ApiKey]:
        """The keys of a user, oldest first."""
        keys: list[ApiKey] = await self._store.records("api-key")
        return [key for key in keys if key.user == user]

    async def get(self, key_id: str) -> ApiKey:
        """The key with that id; NotFoundError without it."""
        key: ApiKey | None = await self._store.get("api-key", key_id)
        if key is None:
            raise NotFoundError(f"API key {key_id} not found")
        return key

    async def delete(self, key: ApiKey) -> None:
        """Make a key useless; requests under way still end well."""
        await self._store.delete("api-key", key.id)
        self._owners.pop(key.secret, None)
        self._revoked.add(key.secret)
        self.version += 1

    async def forget(self) -> None:
        """Drop all keys, and accept any well-formed one as at the start."""
        for key in await self._store.records("api-key"):
            await self._store.delete("api-key", key.id)
        self._owners.clear()
        self._revoked.clear()
        self.accept_only_known(only=False)
