"""URLs that the server hands out for files: absolute, percent-encoded, self-authorising.

Uploads to storage carry no API key (wandb-core sends credentials to the base URL only), so the
URL itself proves that the server made it: a token over method and path, keyed with the server's
secret.
"""

import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import quote

from aiohttp import hdrs

RUNS = "runs"
"""First component of the storage paths of run files: `runs/entity/project/run/name...`."""


class StorageUrls:
    """Makes URLs below one base URL, and recognises them again."""

    def __init__(self, base_url: str, secret: bytes) -> None:
        """Hand out URLs under `base_url`; `secret` is the server's own and never leaves it."""
        self.base_url = base_url.rstrip("/")
        self._secret = secret

    def upload(self, *components: str) -> str:
        """`{base}/storage/{components...}?token=...`: a PUT needs no key.

        A component may hold slashes; they stay slashes in the URL.
        """
        return self._signed(hdrs.METH_PUT, components)

    def download(self, *components: str) -> str:
        """As `upload`, for a GET: whoever may read the bytes cannot replace them."""
        return self._signed(hdrs.METH_GET, components)

    def with_key(self, *components: str) -> str:
        """`{base}/files/{components...}`: on the API's host, so that SDKs add the API key."""
        return f"{self.base_url}/files/{quote('/'.join(components))}"

    def run_file_upload(self, entity: str, project: str, run: str, name: str) -> str:
        """Where to PUT a file of a run."""
        return self.upload(RUNS, entity, project, run, name)

    def run_file_direct(self, entity: str, project: str, run: str, name: str) -> str:
        """Where to GET a file of a run without a key."""
        return self.download(RUNS, entity, project, run, name)

    def run_file_download(self, entity: str, project: str, run: str, name: str) -> str:
        """Where to GET a file of a run with an API key."""
        return self.with_key(entity, project, run, name)

    def verify(self, method: str, components: Sequence[str], token: str) -> bool:
        """Whether `token` is the one for this method and path below `/storage/`.

        The components are decoded ones; HEAD counts as GET.
        """
        allowed = hdrs.METH_GET if method == hdrs.METH_HEAD else method
        expected = self._token(allowed, "/".join(components))
        return hmac.compare_digest(expected.encode(), token.encode())

    def _signed(self, method: str, components: Sequence[str]) -> str:
        path = "/".join(components)
        return f"{self.base_url}/storage/{quote(path)}?token={self._token(method, path)}"

    def _token(self, method: str, path: str) -> str:
        text = f"{method} {path}"
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()[:32]
