"""Clients that log at a pace, as models of wandb-core: for kind `virtual`, and for simulations."""

import math
from collections.abc import Mapping
from random import Random
from typing import Any

import msgspec

from mockwb.scenario.errors import StartError
from mockwb.scenario.logging_workload import LoggingWorkload
from mockwb.scenario.virtual_client import VirtualClient
from mockwb.scenario.workload import Surroundings
from mockwb.sdkmodel.operations import RunName
from mockwb.sdkmodel.run import VirtualRun
from mockwb.sdkmodel.settings import SdkSettings
from mockwb.sdkmodel.shaped_lines import MediaFiles, ShapedLines


def modelled(
    load: LoggingWorkload, settings: SdkSettings, around: Surroundings, index: int
) -> VirtualClient:
    """Client number `index` (0-based) of `load`, not started yet."""
    path = load.project_of(index)
    pace = load.pace(index, around)
    shape = load.shape()
    rows = ShapedLines(shape, pace, count=load.rows, client=index)
    virtual_run = VirtualRun(
        RunName(path.entity, path.project, load.run_id(around, index)),
        api_key=around.api_key,
        settings=settings,
        random=Random(f"{around.seed}/{load.name}/{index}"),
        rows=rows,
        files=MediaFiles(rows) if shape.next_media(0) < math.inf else None,
    )
    return VirtualClient(load.name, virtual_run, rows)


def modelled_settings(given: Mapping[str, Any]) -> SdkSettings:
    """Those settings of the SDK that the model knows; StartError for a value that cannot be."""
    known = {name: given[name] for name in SdkSettings.__struct_fields__ if name in given}
    try:
        return msgspec.convert(known, SdkSettings, strict=False)
    except msgspec.ValidationError as error:
        raise StartError(f"settings: {error}") from error
