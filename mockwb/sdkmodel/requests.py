"""What the SDK puts on the wire, without a wire: one value per request.

Whoever drives a virtual run sends it and hands the answer back.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import quote

from mockwb.sdkmodel.file_stream_body import FileStreamBody
from mockwb.target import Surface

USER_AGENT = "wandb-core"
_UNESCAPED = "$&+=:@"
"""What Go's url.PathEscape leaves alone, besides letters, digits and -_.~"""


class Content(Protocol):
    """A body that may not be written yet."""

    @property
    def size(self) -> int:
        """Bytes of the body."""
        ...

    def encode(self) -> bytes:
        """Write the body."""
        ...


class LargeContent:
    """A body that is never held as a whole: it is made piece by piece, whenever it is asked for."""

    __slots__ = ("_pieces", "size")

    def __init__(self, size: int, pieces: Callable[[], Iterator[bytes]]) -> None:
        """`pieces` makes `size` bytes, the same each time."""
        self.size = size
        self._pieces = pieces

    def chunks(self) -> Iterator[bytes]:
        """Write the body piece by piece."""
        return self._pieces()

    def encode(self) -> bytes:
        """Write the body."""
        return b"".join(self._pieces())


class Bytes:
    """A body that is there already."""

    __slots__ = ("_body",)

    def __init__(self, body: bytes) -> None:
        self._body = body

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return len(self._body)

    def encode(self) -> bytes:
        """Give the body."""
        return self._body


class GraphQLCall:
    """An operation and its variables."""

    __slots__ = ("_body", "_named", "operation", "query", "variables")

    def __init__(
        self,
        operation: str,
        query: str,
        variables: Mapping[str, Any] | None,
        *,
        named: bool = True,
    ) -> None:
        """`named` says whether the operation's name goes beside the query."""
        self._named = named
        self.operation = operation
        self.query = query
        self.variables = variables
        self._body: bytes | None = None

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return len(self.encode())

    def encode(self) -> bytes:
        """The JSON, written once."""
        if self._body is None:
            name = self.operation if self._named else ""
            call: dict[str, Any] = {"query": self.query, "operationName": name}
            if self.variables is not None:
                call["variables"] = self.variables
            self._body = json.dumps(call, separators=(",", ":")).encode()
        return self._body


class Request:
    """One request; a retry is the same object again."""

    __slots__ = (
        "_body",
        "content",
        "headers",
        "method",
        "name",
        "size",
        "surface",
        "timeout",
        "url",
    )

    def __init__(
        self,
        surface: Surface,
        name: str,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: Content,
    ) -> None:
        self.surface = surface
        self.name = name
        """GraphQL operation, file name of an upload, or `file_stream`."""
        self.method = method
        self.url = url
        """A path below the base URL, percent-encoded, or for uploads the URL the server gave."""
        self.headers = headers
        self.content = content
        self.size = content.size
        """Bytes of the body."""
        self.timeout: float | None = None
        """Seconds that the answer may take this time; None for any number."""
        self._body: bytes | None = None

    @property
    def body(self) -> bytes:
        """The body's bytes, written at the first call and kept for retries."""
        if self._body is None:
            self._body = self.content.encode()
        return self._body

    def __repr__(self) -> str:
        return f"<{self.name} {self.method} {self.url}>"


class RequestMaker:
    """Builds the requests of one run: its paths, its credentials, its extra headers."""

    __slots__ = ("_extra", "_file_stream", "_file_stream_path", "_graphql")

    def __init__(self, api_key: str, extra_headers: Mapping[str, str]) -> None:
        token = b64encode(f"api:{api_key}".encode()).decode()
        self._extra = dict(extra_headers) | {"User-Agent": USER_AGENT}
        self._file_stream = self._extra | {
            "Authorization": f"Basic {token}",
            "Content-Type": "application/json",
        }
        self._graphql = self._file_stream | {"X-WANDB-USERNAME": "", "X-WANDB-USER-EMAIL": ""}
        self._file_stream_path = ""

    def adopt(self, entity: str, project: str, run: str) -> None:
        """Stream to the run under the names that the server gave it."""
        path = "/".join(quote(part, safe=_UNESCAPED) for part in (entity, project, run))
        self._file_stream_path = f"/files/{path}/file_stream"

    def graphql(self, operation: str, query: str, variables: Mapping[str, Any] | None) -> Request:
        """POST one operation."""
        call = GraphQLCall(operation, query, variables)
        return Request(Surface.GRAPHQL, operation, "POST", "/graphql", self._graphql, call)

    def file_stream(self, body: FileStreamBody) -> Request:
        """POST a piece of the stream; adopt() has to come first."""
        return Request(
            Surface.FILE_STREAM,
            "file_stream",
            "POST",
            self._file_stream_path,
            self._file_stream,
            body,
        )

    def put(
        self, name: str, url: str, upload_headers: Mapping[str, str], content: Content
    ) -> Request:
        """PUT a file to the URL the server gave; credentials do not go there."""
        headers = self._extra | dict(upload_headers)
        return Request(Surface.STORAGE, name, "PUT", url, headers, content)
