"""Users: declared, invited, or made up from an API key when first seen.

Each has a personal entity, which has the user's name.
"""

import re
from typing import Any

import msgspec

from mockwb.backend.errors import ConflictError
from mockwb.backend.node_ids import node_id
from mockwb.backend.store import Store

_NO_NAME = re.compile(r"[^A-Za-z0-9_-]+")


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with an API key."""

    username: str
    number: int
    name: str
    """Name for people."""
    email: str
    entity: str
    """The default entity: what calls mean that name none."""
    admin: bool = False
    """Whether the whole server is theirs to administer."""
    account_type: str = "USER"
    """USER, SERVICE or ANONYMOUS, as W&B spells it."""
    deleted_at: float | None = None
    """Seconds since the Unix epoch; what a deleted user made still says who it was."""

    @property
    def id(self) -> str:
        """Opaque id."""
        return node_id("User", self.number)


class Users:
    """All users that were ever there."""

    def __init__(self, store: Store) -> None:
        """Keep them in `store`."""
        self._store = store

    async def get(self, username: str) -> User:
        """The user of that name, deleted or not, made if there was none."""
        user: User | None = await self._store.get("user", username)
        return user if user is not None else await self.create(username)

    async def find(self, username: str) -> User | None:
        """The user of that name, or None; deleted ones do not count."""
        user: User | None = await self._store.get("user", username)
        return None if user is None or user.deleted_at is not None else user

    async def by_email(self, email: str) -> User | None:
        """The user with that address, or None."""
        return next((user for user in await self.all() if user.email == email), None)

    async def all(self) -> list[User]:
        """Everybody but the deleted ones, in order of appearance."""
        users: list[User] = await self._store.records("user")
        return [user for user in users if user.deleted_at is None]

    async def create(self, username: str, email: str | None = None, **fields: Any) -> User:
        """Make a user; ConflictError if somebody else has that address.

        Without an address the user gets one in a domain that cannot receive mail (RFC 2606).
        """
        if email is not None:
            owner = await self.by_email(email)
            if owner is not None and owner.username != username:
                raise ConflictError(f"email {email} belongs to user {owner.username}")
        number = await self._store.next_number("user")
        user = User(
            username=username,
            number=number,
            name=username,
            email=email or f"{username}@mockwb.invalid",
            entity=username,
        )
        user = msgspec.structs.replace(user, **fields)
        await self.put(user)
        return user

    async def put(self, user: User) -> None:
        """Store a new or changed user."""
        await self._store.put("user", user.username, user)

    async def forget(self, username: str) -> None:
        """Drop the user, as if nobody of that name had ever been there."""
        await self._store.delete("user", username)

    async def search(self, text: str) -> list[User]:
        """Users whose name or e-mail contains `text`; exact matches first."""
        found = [u for u in await self.all() if text in u.username or text in u.email]
        return sorted(found, key=lambda user: text not in (user.username, user.email))


def name_from_email(email: str) -> str:
    """A user name out of the part of an address before the @."""
    return _NO_NAME.sub("-", email.partition("@")[0])[:64].strip("-") or "user"
