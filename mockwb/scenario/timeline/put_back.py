"""Leaves somebody else's server as it was before a timeline changed it. `runner` calls it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec

from mockwb.scenario.timeline.server_control import (
    RefusedEventError,
    ServerControl,
    UnreachableError,
)


class _Rules(msgspec.Struct):
    plan: str
    limits: dict[str, Any]


class _Fault(msgspec.Struct):
    name: str
    rule: dict[str, Any]


class _Faults(msgspec.Struct):
    faults: list[_Fault]


class _Freeze(msgspec.Struct):
    frozen: bool


@asynccontextmanager
async def put_back(control: ServerControl) -> AsyncIterator[None]:
    """Put limits, faults and freezes back when the block ends, if the server can be reached."""
    rules, faults, freeze = await _state(control)
    try:
        yield
    finally:
        with suppress(UnreachableError, RefusedEventError):
            changed, in_force, frozen = await _state(control)
            if changed != rules:
                await control.call("PUT", "limits/plan", msgspec.to_builtins(rules))
            for fault in in_force.faults:
                if fault not in faults.faults:
                    await control.call("DELETE", "faults", query={"name": fault.name})
            for fault in faults.faults:
                if fault not in in_force.faults:
                    await control.call("POST", "faults", fault.rule)
            if frozen.frozen and not freeze.frozen:
                await control.call("DELETE", "freeze")


async def _state(control: ServerControl) -> tuple[_Rules, _Faults, _Freeze]:
    return (
        msgspec.json.decode(await control.call("GET", "limits/rules"), type=_Rules),
        msgspec.json.decode(await control.call("GET", "faults"), type=_Faults),
        msgspec.json.decode(await control.call("GET", "freeze"), type=_Freeze),
    )
