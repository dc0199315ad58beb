"""One client's connection. Made by `Server` for each; all but one thing is aiohttp's own doing."""

import asyncio
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from mockwb.wire.exchange import Handler


class Connection(RequestHandler):
    """Asks to read on only where that can matter.

    aiohttp does so twice per request, when a body has come to its end and when it is taken, and
    goes through its whole parser for it. But as long as reading never stopped, and each body was
    there before anybody took it, nothing can have been left lying in the parser.
    """

    __slots__ = ("_careful", "_complete")

    def __init__(self, manager: web.Server, **settings: Any) -> None:
        """Serve requests as `manager` and aiohttp's `settings` say."""
        super().__init__(manager, loop=asyncio.get_running_loop(), **settings)
        self._careful = False
        """Whether to do as aiohttp does, from now on."""
        self._complete = False
        """Whether there is a body that has come to its end and was not taken."""

    def pause_reading(self) -> None:
        """Let the client wait until `resume_reading`."""
        self._careful = True
        super().pause_reading()

    def resume_reading(self, *args: bool, **kwargs: bool) -> None:
        """Go on, and parse what had come before the pause.

        With an argument (`resume_parser=False`): a body has come to its end.
        """
        if not self._careful:
            if args or kwargs:
                self._complete = True
                return
            if self._complete:
                self._complete = False
                return
            self._careful = True
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
