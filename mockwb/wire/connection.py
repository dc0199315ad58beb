"""One client's connection. Made by `Server` for each; all but one thing is aiohttp's own doing."""

import asyncio
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from mockwb.wire.exchange import Handler


class Connection(RequestHandler):
    """Reads on only if it had stopped.

    aiohttp asks for that twice per request, although only large bodies ever make it stop, and goes
    through its whole parser each time.
    """

    __slots__ = ("_stopped",)

    def __init__(self, manager: web.Server, **settings: Any) -> None:
        """Serve requests as `manager` and aiohttp's `settings` say."""
        super().__init__(manager, loop=asyncio.get_running_loop(), **settings)
        self._stopped = False

    def pause_reading(self) -> None:
        """Let the client wait until `resume_reading`."""
        self._stopped = True
        super().pause_reading()

    def resume_reading(self, *args: bool, **kwargs: bool) -> None:
        """Go on, and parse what had come before the pause."""
        if self._stopped:
            self._stopped = False
            super().resume_reading(*args, **kwargs)


class Connections(web.Server):
    """Makes a `Connection` for each client."""

    def __init__(self, handler: Handler) -> None:
        """Let `handler` answer every request."""
        super().__init__(handler)

    def __call__(self) -> Connection:
        """A connection for the next client."""
        # Bodies are counted as they came, and bounded while they are unpacked.
        return Connection(self, access_log=None, auto_decompress=False)
