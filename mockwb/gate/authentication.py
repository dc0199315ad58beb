"""From an Authorization header to a user: any well-formed key, or only the known ones."""

import base64
import hashlib
import re
from typing import Protocol

from mockwb.config.model import AuthConfig

_WELL_FORMED = re.compile(r"(?:[^\s]*-)?[\w-]{40,}|[\w-]+\.[\w-]+\.[\w-]+")
"""40 or more characters, perhaps behind a prefix and `-`, or a three-part JWT: what SDKs accept."""
_NO_KEY = "Basic " + base64.b64encode(b"api:").decode()
_REMEMBERED = 10_000


class KnownKeys(Protocol):
    """Keys that come and go while the server runs."""

    only_known: bool
    """Whether other keys are no good."""
    version: int
    """Changes whenever an answer might."""

    def owner(self, secret: str) -> str | None:
        """Whose it is; None for an unknown one."""
        ...

    def revoked(self, secret: str) -> bool:
        """Whether it was deleted."""
        ...


class UnauthorizedError(Exception):
    """The key is missing, broken or unknown; the message is what `wandb login` prints."""


class Authenticator:
    """Knows which keys are good, and whose they are."""

    def __init__(self, config: AuthConfig, keys: KnownKeys | None = None) -> None:
        """Accept the keys of `config` and `keys`.

        Where `config` names none and `keys` do not ask for more, every well-formed one is good.
        """
        self._users = configured_keys(config)
        self._keys = keys
        self._version = 0
        self._remembered: dict[str, str] = {}
        """Authorization header -> user; parsing each request's would cost more than the rest."""

    def user(self, authorization: str | None) -> str:
        """The user name behind a header; UnauthorizedError says what is wrong with it."""
        if authorization is None:
            raise UnauthorizedError("user is not logged in: no API key was sent")
        if self._keys is not None and self._keys.version != self._version:
            self._version = self._keys.version
            self._remembered.clear()
        user = self._remembered.get(authorization)
        if user is None:
            user = self._check(_key_in(authorization))
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            self._remembered[authorization] = user
        return user

    def _check(self, key: str) -> str:
        known = self._known(key)
        if known is not None:
            return known
        if self._users or (self._keys is not None and self._keys.only_known):
            raise UnauthorizedError("user is not logged in: the API key is not known here")
        if not _WELL_FORMED.fullmatch(key):
            raise UnauthorizedError(
                f"user is not logged in: an API key has 40 or more characters, got {len(key)}"
            )
        return user_of_key(key)

    def _known(self, key: str) -> str | None:
        if self._keys is None:
            return self._users.get(key)
        if self._keys.revoked(key):
            raise UnauthorizedError("user is not logged in: the API key was deleted")
        return self._keys.owner(key) or self._users.get(key)


def configured_keys(config: AuthConfig) -> dict[str, str]:
    """Key -> user name, made up where the configuration has none."""
    return {entry.key: entry.user or user_of_key(entry.key) for entry in config.keys}


def user_of_key(key: str) -> str:
    """A user name of its own for each key; the key cannot be read back from it."""
    return f"user-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def keyless(authorization: str | None) -> bool:
    """Whether a header holds no key at all, as SDKs send it before they have one."""
    return authorization in (None, _NO_KEY)


def user_of_header(authorization: str | None) -> str | None:
    """The user name that `user_of_key` makes up for the key in a header; None without a key."""
    if authorization is None:
        return None
    try:
        return user_of_key(_key_in(authorization))
    except UnauthorizedError:
        return None


def _key_in(authorization: str) -> str:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer" and credentials:
        return credentials.strip()
    if scheme.lower() != "basic":
        raise UnauthorizedError("malformed Authorization header: expected Basic or Bearer")
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode()
    except ValueError:  # not base64, or not ASCII, or not UTF-8 inside
        raise UnauthorizedError("malformed Authorization header: not base64 text") from None
    user, colon, key = text.partition(":")
    if not colon:
        raise UnauthorizedError("malformed Authorization header: expected `api:<key>` inside")
    return key or user
