"""Small scenarios and servers that several tests here simulate."""

from typing import Any

import msgspec

from mockwb.config.load import load_config
from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.scenario.model import Scenario
from mockwb.scenario.ramp import Ramp
from mockwb.scenario.runner import Run
from mockwb.scenario.tally import Tally, tally
from mockwb.scenario.workload import ProjectPath, Workload
from mockwb.sdkmodel.settings import FILELESS, SdkSettings
from mockwb.simulate.play import simulate
from mockwb.units import Duration


def fleet(*, settings: SdkSettings = FILELESS, ramp: Any = 0, **given: Any) -> VirtualWorkload:
    """Clients that log one row per second for a minute, unless `given` says otherwise."""
    usual: dict[str, Any] = {
        "name": "fleet",
        "project": ProjectPath("team", "vision"),
        "rows": 60,
        "every": Duration(1),
        "settings": settings,
        "ramp": ramp if isinstance(ramp, Ramp) else Ramp.from_config(ramp),
    }
    return VirtualWorkload(**{**usual, **given})


def quick(**settings: Any) -> SdkSettings:
    """Of a run that sends nothing but UpsertBucket and its stream, every second."""
    return msgspec.structs.replace(FILELESS, x_file_stream_transmit_interval=1, **settings)


def scene(*workloads: Workload, **given: Any) -> Scenario:
    """A scenario that may take an hour."""
    return Scenario(name="s", workloads=list(workloads), **{"timeout": Duration(3600), **given})


def play(*workloads: Workload, server: dict[str, Any] | None = None, **given: Any) -> Run:
    """What comes of a scenario against a server with this configuration."""
    config = load_config(overlay=server or {}, overlay_source="test")
    return simulate(scene(*workloads, **given), config)


def total(run: Run) -> Tally:
    """The account of all clients."""
    names = list(dict.fromkeys(client.workload for client in run.clients))
    return tally(names, run.clients, run.account, run.behaved).total
