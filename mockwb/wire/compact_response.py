"""A small answer in one write. Used for file_stream, the path that everything else waits for.

aiohttp's own response builds a case-insensitive header dict, fills in defaults and hands headers
and body to a writer in turn; for an answer of some 200 bytes that costs more than deciding what to
answer.
"""

from collections.abc import Mapping
from email.utils import formatdate
from functools import lru_cache

from aiohttp import HttpVersion11, hdrs, web
from aiohttp.abc import AbstractStreamWriter

from mockwb import __version__
from mockwb.clock import Clock

_SERVER = f"Server: mockwb/{__version__}\r\n"


class CompactResponse(web.StreamResponse):
    """200 with a JSON body that is there already."""

    def __init__(self, body: bytes, headers: Mapping[str, str], date: str) -> None:
        """Answer with `body`; `headers` are the server's own words, never a client's."""
        # aiohttp's own `__init__` would make what only its own `prepare` needs.
        self.body = body
        self.fields = headers
        self._date = date
        self._stays = True
        """Whether the connection goes on after this answer."""

    def plain(self) -> web.Response:
        """The same as an ordinary response, for whoever has to change it."""
        headers = {**self.fields, hdrs.DATE: self._date}
        return web.Response(body=self.body, headers=headers, content_type="application/json")

    @property
    def status(self) -> int:
        """OK."""
        return 200

    @property
    def keep_alive(self) -> bool:
        """Whether the connection goes on after this answer."""
        return self._stays

    def force_close(self) -> None:
        """End the connection after this answer."""
        self._stays = False

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Write everything; ConnectionResetError if the client is gone."""
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the client closed the connection")
        if not request.keep_alive or request.version != HttpVersion11:
            self._stays = False
        close = "" if self._stays else "Connection: close\r\n"
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(self.body)}\r\nDate: {self._date}\r\n{_SERVER}"
            f"{_lines(tuple(self.fields.items()))}{close}\r\n"
        )
        transport.write(head.encode("ascii") + self.body)
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing is left to write."""


@lru_cache(maxsize=4096)
def _lines(fields: tuple[tuple[str, str], ...]) -> str:
    """Headers as they are written; the same few come again and again."""
    return "".join([f"{name}: {value}\r\n" for name, value in fields])


class DateHeader:
    """The current value of the Date header; formatting it for each answer would show."""

    def __init__(self, clock: Clock) -> None:
        """Read `clock`."""
        self._clock = clock
        self._second = -1
        self._text = ""

    def text(self) -> str:
        """The time as HTTP writes it, to the second."""
        second = int(self._clock.wall())
        if second != self._second:
            self._second = second
            self._text = formatdate(second, usegmt=True)
        return self._text
