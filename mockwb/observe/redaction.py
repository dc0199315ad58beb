"""Takes keys and tokens out of what is kept of requests. Used by the journal, and by `wire`.

What looks like a W&B key goes wherever it stands: 40 hexadecimal digits (but for git commits, which
look the same and are named `commit`), `wandb_v1_...`, a JWT. Keys of other forms are known once a
request has come with them, and go from then on. Values go whose name says that they are secret.
"""

import base64
import re
from collections.abc import Iterable

REDACTED = "[redacted]"

_MAX_KNOWN = 1000
_SHORTEST = 4
"""Characters of a key below which taking it out of texts would leave little of them."""

_SECRET_HEADER = re.compile(r"auth|cookie|api-?key|token|secret|credential", re.IGNORECASE)
_SECRET_PARAMETER = re.compile(
    r"((?:^|&)[^=&]*(?:token|signature|credential|secret|password|api_?key|accesskeyid|\bsig\b)"
    r"[^=&]*=)[^&]*",
    re.IGNORECASE,
)
_IN_URL = re.compile(
    rb"""([?&](?:[\w-]*(?:token|signature|credential|secret|api_?key)|sig)=)[^&\s"'\\<>]+""",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rb"""(\\*"(?:\w*api_?key|\w*secret(?:_?key)?|\w*passw(?:or)?d|authorization|"""
    rb"""(?:\w*(?:access|auth|api|id|refresh|session|bearer|security)_?)?token)\\*"\s*:\s*\\*")"""
    rb"""[^"\\]+""",
    re.IGNORECASE,
)
_NEW_KEY = re.compile(rb'("api_?key"\s*:\s*\{)([^{}]*)', re.IGNORECASE)
"""The answer of generateApiKey, whose `name` is the key itself."""
_STRINGS = re.compile(rb'("name"\s*:\s*")[^"]*')
_KEY = re.compile(
    rb"""(commit\\*"\s*:\s*\\*")?(?<![0-9A-Za-z])(?:[0-9a-fA-F]{40}|wandb_v\d+_\w{20,}|"""
    rb"""eyJ[\w-]{8,}\.[\w-]+\.[\w-]+)(?![0-9A-Za-z])"""
)
_MARK = REDACTED.encode()


def without_tokens(query: str) -> str:
    """A query string without the values of parameters that let somebody in."""
    return _SECRET_PARAMETER.sub(rf"\1{REDACTED}", query)


class Redactor:
    """Knows the keys that requests came with, for as long as one server runs."""

    def __init__(self) -> None:
        self._known: dict[bytes, None] = {}
        self._pattern: re.Pattern[bytes] | None = None
        self._texts: dict[str, str] = {}
        """Text -> the same redacted; user agents are few, and come with every request."""

    def learn(self, authorization: str) -> None:
        """Take the key in an Authorization header out of everything from now on."""
        scheme, _, credentials = authorization.partition(" ")
        secret = (credentials or scheme).strip().encode(errors="surrogateescape")
        if scheme.lower() == "basic":
            try:
                plain = base64.b64decode(secret)
            except ValueError:  # no base64
                plain = b""
            user, _, key = plain.partition(b":")
            self._remember(key or user)
        self._remember(secret)

    def _remember(self, secret: bytes) -> None:
        if len(secret) < _SHORTEST or secret in self._known or _KEY.fullmatch(secret):
            return
        self._known[secret] = None
        if len(self._known) > _MAX_KNOWN:
            del self._known[next(iter(self._known))]
        longest_first = sorted(self._known, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(map(re.escape, longest_first)))
        self._texts = {}

    def headers(self, headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """The same, without keys and cookies."""
        return [
            (str(name), REDACTED if _SECRET_HEADER.search(name) else self.text(value))
            for name, value in headers
        ]

    def text(self, text: str) -> str:
        """The same, without anything that looks like a key or is known as one."""
        known = self._texts.get(text)
        if known is None:
            plain = self.body(text.encode(errors="surrogateescape"))
            known = plain.decode(errors="replace")
            if len(self._texts) >= _MAX_KNOWN:
                self._texts = {}
            self._texts[text] = known
        return known

    def body(self, body: bytes) -> bytes:
        """The same, without keys and without the tokens of URLs in it."""
        body = _IN_URL.sub(rb"\1" + _MARK, body)
        body = _NAMED.sub(rb"\1" + _MARK, body)
        body = _NEW_KEY.sub(lambda found: found[1] + _STRINGS.sub(rb"\1" + _MARK, found[2]), body)
        body = _KEY.sub(lambda found: found[0] if found[1] else _MARK, body)
        return body if self._pattern is None else self._pattern.sub(_MARK, body)
