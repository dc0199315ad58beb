"""URLs that the server hands out for files: absolute, percent-encoded, self-authorising.

Uploads to storage carry no API key (wandb-core sends credentials to the base URL only), so the
URL itself proves that the server made it: a token over the path, keyed with the server's secret.
"""

import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import quote


class StorageUrls:
    """Makes URLs below one base URL, and recognises them again."""

    def __init__(self, base_url: str, secret: bytes) -> None:
        """Hand out URLs under `base_url`; `secret` is the server's own and never leaves it."""
        self.base_url = base_url.rstrip("/")
        self._secret = secret

    def signed(self, *components: str) -> str:
        """`{base}/storage/{components...}?token=...`: a PUT or GET needs no key.

        A component may hold slashes; they stay slashes in the URL.
        """
        path = "/".join(components)
        return f"{self.base_url}/storage/{quote(path)}?token={self.token(path)}"

    def with_key(self, *components: str) -> str:
        """`{base}/files/{components...}`: on the API's host, so that SDKs add the API key."""
        return f"{self.base_url}/files/{quote('/'.join(components))}"

    def run_file_upload(self, entity: str, project: str, run: str, name: str) -> str:
        """Where to PUT a file of a run; also where to GET it without a key."""
        return self.signed("runs", entity, project, run, name)

    def run_file_download(self, entity: str, project: str, run: str, name: str) -> str:
        """Where to GET a file of a run with an API key."""
        return self.with_key(entity, project, run, name)

    def token(self, path: str) -> str:
        """The token for the decoded path below `/storage/`."""
        return hmac.new(self._secret, path.encode(), hashlib.sha256).hexdigest()[:32]

    def verify(self, components: Sequence[str], token: str) -> bool:
        """Whether `token` is the one for this path below `/storage/` (decoded components)."""
        expected = self.token("/".join(components))
        return hmac.compare_digest(expected.encode(), token.encode())
