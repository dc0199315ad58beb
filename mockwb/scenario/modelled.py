"""Clients that log at a pace, as models of wandb-core: for kind `virtual`, and for simulations."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import msgspec

from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.errors import StartError
from mockwb.scenario.logging_workload import LoggingWorkload
from mockwb.scenario.virtual_client import VirtualClient
from mockwb.scenario.wire import drive
from mockwb.scenario.workload import Surroundings, Workload
from mockwb.sdkmodel.operations import RunName
from mockwb.sdkmodel.particulars import Particulars
from mockwb.sdkmodel.run import VirtualRun
from mockwb.sdkmodel.settings import SdkSettings
from mockwb.sdkmodel.shaped_lines import ShapedLines
from mockwb.units import format_size


@dataclass(frozen=True)
class SweepRun:
    """What a sweep says of a run that it wants."""

    sweep: str
    run: str
    number: int
    """Of the workload's runs, from 0."""
    config: Mapping[str, Any]


def modelled(
    load: LoggingWorkload,
    settings: SdkSettings,
    around: Surroundings,
    index: int,
    of_sweep: SweepRun | None = None,
) -> VirtualClient:
    """Client number `index` (0-based) of `load`, not started yet; or a run of its for a sweep."""
    path = load.project_of(index)
    pace = load.pace(index, around)
    shape = load.shape()
    own = load.run_id(around, index)
    number = index if of_sweep is None else of_sweep.number
    rows = ShapedLines(shape, pace, count=load.rows, client=number)
    most = settings.x_file_stream_max_line_bytes
    if rows.longest > most:
        raise StartError(
            f"workload {load.name}: a row comes to {format_size(rows.longest)}; the SDK drops rows "
            f"of more than {format_size(most)} (x_file_stream_max_line_bytes), the model cannot"
        )
    virtual_run = VirtualRun(
        RunName(path.entity, path.project, own if of_sweep is None else of_sweep.run),
        api_key=around.api_key,
        settings=settings,
        random=Random(f"{around.seed}/{load.name}/{number}"),
        rows=rows,
        particulars=None if of_sweep is None else _particulars(of_sweep, own),
        files=load.files(rows, number),
    )
    return VirtualClient(load.name, virtual_run, rows)


def _particulars(of_sweep: SweepRun, host: str) -> Particulars:
    return Particulars(config=of_sweep.config, about={"sweep": of_sweep.sweep}, host=host)


async def run_modelled(load: Workload, around: Surroundings) -> list[ClientResult]:
    """Run all clients of `load` in this event loop, over HTTP; one result per client.

    Once `around.stop` is set, clients that run log no more and finish, or are cut off when that
    takes long.
    """
    clients = [load.client(around, index) for index in range(load.count)]
    clock = around.clock
    logging = [client.run for client in clients if isinstance(client, VirtualClient)]
    around.rows_logged[load.name] = lambda: sum(run.rows(clock.now()) for run in logging)
    delays = (load.start_delay(index, around.seed) for index in range(load.count))
    return await drive(list(zip(clients, delays, strict=True)), around)


def modelled_settings(given: Mapping[str, Any]) -> SdkSettings:
    """Those settings of the SDK that the model knows; StartError for a value that cannot be."""
    known = {name: given[name] for name in SdkSettings.__struct_fields__ if name in given}
    try:
        return msgspec.convert(known, SdkSettings, strict=False)
    except msgspec.ValidationError as error:
        raise StartError(f"settings: {error}") from error
