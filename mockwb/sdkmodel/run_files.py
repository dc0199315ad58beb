"""The files and the config that an ordinary run uploads: typical texts of typical sizes.

The contents are made up; sizes and keys are those of the SDK's own on a small Linux machine.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from mockwb.sdkmodel.lines import Summary
from mockwb.sdkmodel.settings import SdkSettings
from mockwb.sdkmodel.steady_lines import SteadyLines

METADATA = "wandb-metadata.json"
REQUIREMENTS = "requirements.txt"
SUMMARY = "wandb-summary.json"
CONFIG = "config.yaml"

_PYTHON = "3.11.9"
_CLI = "0.31.0"
_MACHINE = {
    "os": "Linux-6.1.0-x86_64-with-glibc2.36",
    "python": f"CPython {_PYTHON}",
    "startedAt": "2026-01-01T00:00:00.000000Z",
    "program": "/home/user/project/train.py",
    "root": "/home/user/project",
    "host": "virtual",
    "executable": "/usr/bin/python3",
    "cpu_count": 4,
    "cpu_count_logical": 8,
    "disk": {"/": {"total": "270553174016", "used": "23988428800"}},
    "memory": {"total": "25276510208"},
    "cpu": {"model": "Virtual CPU"},
}
_METADATA = json.dumps(_MACHINE, indent=2)
_REQUIREMENTS = "".join(f"package-{i:02}==1.{i}.0\n" for i in range(70))
_FIRST_SAMPLE_SECONDS = 0.09
_EVENT_GAUGES = (
    "system.cpu",
    "system.memory_percent",
    "system.disk./.usagePercent",
    "system.disk./.usageGB",
    "system.disk.vda.in",
    "system.disk.vda.out",
    "system.network.sent",
    "system.network.recv",
    "system.network.tcpRetransmits",
    "system.proc.memory.availableMB",
    "system.proc.memory.rssMB",
    "system.proc.memory.percent",
    "system.proc.cpu.threads",
)
_EVENT_FIELDS = {"_wandb": "true"} | dict.fromkeys(_EVENT_GAUGES, "1.#")
"""Name -> JSON value of a system metrics line; `#` stands for varying digits."""


def config_json(user: Mapping[str, Any], environment: Mapping[str, Any] | None = None) -> str:
    """The run's config as UpsertBucket carries it, with the SDK's own part under `_wandb`."""
    own: dict[str, Any] = {
        "m": [],
        "cli_version": _CLI,
        "python_version": _PYTHON,
        "t": {"3": [13, 14, 16], "4": _PYTHON, "5": _CLI, "12": _CLI, "13": "linux-x86_64"},
    }
    if environment is not None:
        own["e"] = environment
    values = {"_wandb": {"value": own}} | {key: {"value": user[key]} for key in user}
    return json.dumps(values, separators=(",", ":"))


def environment(writer: str, machine_info: bool) -> dict[str, Any]:
    """What the second UpsertBucket tells about the machine, under the writer's ID."""
    return {writer: (_MACHINE if machine_info else {}) | {"writerId": writer}}


def file_content(name: str, config: str, summary: Summary) -> bytes:
    """The bytes of one of the run's own files; KeyError for another name."""
    contents: dict[str, Callable[[], str]] = {
        METADATA: lambda: _METADATA,
        REQUIREMENTS: lambda: _REQUIREMENTS,
        SUMMARY: summary.write,
        CONFIG: lambda: msgspec.json.format(config, indent=4),  # JSON is YAML, too
    }
    return contents[name]().encode()


def system_metrics(settings: SdkSettings) -> SteadyLines:
    """One events line per sample, the first soon after init."""
    return SteadyLines(
        interval=max(0.1, settings.x_stats_sampling_interval),
        delay=_FIRST_SAMPLE_SECONDS,
        fields=_EVENT_FIELDS,
    )


def files_at_start(settings: SdkSettings) -> list[str]:
    """Names of the files that a run uploads soon after init."""
    if not settings.x_primary:
        return []
    metadata = [] if settings.x_disable_meta else [METADATA]
    return metadata + ([REQUIREMENTS] if settings.x_save_requirements else [])
