"""Coroutines that need not wait are run to their end at once, for `registry`.

Most resolvers only await the store, and the embedded one answers without waiting. As tasks of
their own they would cost several times what they do, for each field of each item of a list.
"""

from collections.abc import Coroutine, Generator
from types import CoroutineType
from typing import Any


def at_once(value: Any) -> Any:
    """`value` itself; of a coroutine its result, or its rest if it has to wait for something."""
    if type(value) is not CoroutineType:
        return value
    try:
        awaited = value.send(None)
    except StopIteration as end:
        return end.value
    return _rest(value, awaited)


async def _rest(coroutine: Coroutine[Any, Any, Any], awaited: Any) -> Any:
    return await _Rest(coroutine, awaited)


class _Rest:
    """Goes on with a coroutine that has begun and waits for `awaited`."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], awaited: Any) -> None:
        self._coroutine = coroutine
        self._awaited = awaited

    def __await__(self) -> Generator[Any, Any, Any]:
        awaited = self._awaited
        while True:
            error: BaseException | None = None
            sent = None
            try:
                sent = yield awaited
            except BaseException as raised:  # the coroutine decides what becomes of it
                error = raised
            try:
                if error is None:
                    awaited = self._coroutine.send(sent)
                else:
                    awaited = self._coroutine.throw(error)
            except StopIteration as end:
                return end.value
