"""Users: made up from the user name of an API key when first seen. Each has a personal entity."""

import msgspec

from mockwb.backend.node_ids import node_id
from mockwb.backend.store import Store


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with an API key."""

    username: str
    number: int

    @property
    def id(self) -> str:
        """Opaque id."""
        return node_id("User", self.number)

    @property
    def entity(self) -> str:
        """The default entity: the personal one, which has the user's name."""
        return self.username

    @property
    def name(self) -> str:
        """Name for people."""
        return self.username

    @property
    def email(self) -> str:
        """An address in a domain that cannot receive mail (RFC 2606)."""
        return f"{self.username}@mockwb.invalid"


class Users:
    """All users that have shown up."""

    def __init__(self, store: Store) -> None:
        """Keep them in `store`."""
        self._store = store

    async def get(self, username: str) -> User:
        """The user of that name, made if there was none."""
        user: User | None = await self._store.get("user", username)
        if user is None:
            user = User(username=username, number=await self._store.next_number("user"))
            await self._store.put("user", username, user)
        return user

    async def search(self, text: str) -> list[User]:
        """Users whose name or e-mail contains `text`; exact matches first."""
        found = [u for u in await self._store.records("user") if text in u.email]
        return sorted(found, key=lambda user: text not in (user.username, user.email))
