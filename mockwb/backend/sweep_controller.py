"""A controller on the client's side (`wandb.controller`): what it wants becomes runs.

It writes `controller`, the server answers in `scheduler` (wandb/wandb_controller.py).
"""

from typing import Any

import msgspec

from mockwb.backend.errors import InvalidError
from mockwb.backend.json_text import parse_object, to_json
from mockwb.backend.run import RunKey
from mockwb.backend.runs import Runs
from mockwb.backend.sweep import Sweep, SweepState
from mockwb.backend.sweep_runs import SweepRuns
from mockwb.backend.sweeps import Sweeps


class _Data(msgspec.Struct):
    args: dict[str, Any] | None = None
    """None: there is nothing more to start."""


class _Wish(msgspec.Struct):
    """One run that a controller wants; wishes are repeated until they are seen to be met."""

    id: str
    data: _Data = msgspec.field(default_factory=_Data)


class _Wishes(msgspec.Struct):
    schedule: list[_Wish] = []
    earlystop: list[str] = []


class SweepController:
    """Carries out what controllers write."""

    def __init__(self, runs: Runs, sweeps: Sweeps, sweep_runs: SweepRuns) -> None:
        """Work on the given nouns."""
        self._runs = runs
        self._sweeps = sweeps
        self._sweep_runs = sweep_runs

    async def apply(self, user: str, sweep: Sweep, text: str) -> Sweep:
        """The sweep after `text`; InvalidError if that is none. The caller holds its lock."""
        try:
            wishes = msgspec.json.decode(text, type=_Wishes)
        except msgspec.MsgspecError as error:
            raise InvalidError(f"controller: {error}") from error
        answer = parse_object(sweep.scheduler, "scheduler") if sweep.scheduler else {}
        scheduled: list[dict[str, str]] = answer.get("scheduled") or []
        met = {entry["id"] for entry in scheduled}
        state = sweep.state
        for wish in wishes.schedule:
            if wish.id in met:
                continue
            if wish.data.args is None:
                state = SweepState.FINISHED
                continue
            run = await self._sweep_runs.add(sweep, wish.data.args, user, None)
            scheduled.append({"id": wish.id, "runid": run.name})
        for name in wishes.earlystop:
            await self._stop(sweep, name)
        answer["scheduled"] = scheduled
        return await self._sweeps.change(
            sweep, controller=text, scheduler=to_json(answer), state=state
        )

    async def _stop(self, sweep: Sweep, name: str) -> None:
        run = await self._sweep_runs.find(sweep.key, name)
        if run is None:
            raise InvalidError(f"controller: run {name} is none of sweep {sweep.key}")
        stopped = msgspec.structs.replace(run, stopped_early=True)
        await self._sweep_runs.put(sweep.key, stopped)
        await self._runs.request_stop(RunKey(sweep.entity, sweep.project, name))
