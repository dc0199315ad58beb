"""Calls to the control API of a running server. Every command of this room goes through it."""

import http.client
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from typing import TypeVar

import click
import msgspec

T = TypeVar("T")

_TIMEOUT = 30.0
"""Seconds without a word from the server."""


class _Refusal(msgspec.Struct):
    """An answer that is an error."""

    error: str


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """mockwb sends none, and whoever does shall not pass the token on."""

    def redirect_request(self, *_: object) -> None:
        """Let the redirect be the error that it is."""


class ControlApi:
    """One server, and the token that it may want."""

    def __init__(self, url: str, admin_token: str | None) -> None:
        """Call the server at `url`; click.UsageError if neither it nor the token can be right."""
        self.url = url.strip().rstrip("/")
        self._token = admin_token
        try:
            parts = urllib.parse.urlsplit(self.url)
            usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise click.UsageError(f"--url: expected http://HOST:PORT, got {url!r}")
        if admin_token is not None and not re.fullmatch("[!-~]+", admin_token):
            raise click.UsageError("--admin-token: expected ASCII letters, digits and signs only")
        # As with `mockwb run --url`: what runs on this machine is not behind a proxy.
        no_proxy = urllib.request.ProxyHandler({})
        self._opener = urllib.request.build_opener(no_proxy, _NoRedirects())

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | Sequence[str] | None] | None = None,
        body: object = None,
    ) -> bytes:
        """The JSON that `/_mockwb/PATH` answers; ClickException with the server's own words.

        Parameters that are None are left out, and so is a `body` that is None; those with several
        values are given several times.
        """
        given = {name: value for name, value in (query or {}).items() if value is not None}
        url = f"{self.url}/_mockwb/{path}"
        if given:
            url = f"{url}?{urllib.parse.urlencode(given, doseq=True)}"
        data = None if body is None else msgspec.json.encode(body)
        request = urllib.request.Request(url, data=data, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        if self._token is not None:
            request.add_header("Authorization", f"Bearer {self._token}")
        try:
            with self._opener.open(request, timeout=_TIMEOUT) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                raise click.ClickException(self._explained(refused)) from refused
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise click.ClickException(self._unreachable(reason)) from error

    def ask(self, path: str, kind: type[T], **query: str | None) -> T:
        """What GET answers, as `kind`."""
        return self.read(self.call("GET", path, query=query), kind)

    def read(self, answer: bytes, kind: type[T]) -> T:
        """An answer as `kind`; ClickException if it is none of mockwb's."""
        try:
            return msgspec.json.decode(answer, type=kind)
        except msgspec.DecodeError as error:
            raise click.ClickException(f"{self.url} answers like no mockwb: {error}") from error

    def _explained(self, refused: urllib.error.HTTPError) -> str:
        try:
            message = msgspec.json.decode(refused.read(), type=_Refusal).error
        except (msgspec.DecodeError, OSError, http.client.HTTPException):
            return f"{self.url} answers like no mockwb: HTTP {refused.code} for {refused.url}"
        if refused.code == 401:
            message += "; give it as --admin-token or in MOCKWB_CONTROL__ADMIN_TOKEN"
        return message

    def _unreachable(self, reason: object) -> str:
        said = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        return f"no mockwb server at {self.url}: {said}"
