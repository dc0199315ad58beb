"""One configuration out of many places: defaults, plan, file, environment, flags, in that order.

`cli` and `scenario` call `load_config`; later layers win key by key.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import yaml

from mockwb.config.model import ServerConfig
from mockwb.faults.profiles import UnknownProfileError, profile_rules
from mockwb.faults.rule import FaultRule
from mockwb.limits.plans import UnknownPlanError, plan_text
from mockwb.limits.rules import LimitRules
from mockwb.yaml_file import Document, FileError, decode, parse_yaml, read_yaml

ENV_PREFIX = "MOCKWB_"
"""`MOCKWB_LIMITS__PROJECT__REQUESTS=60/1m` sets `limits.project.requests`."""

SCENARIO_PREFIX = "MOCKWB_SET_"
"""`MOCKWB_SET_CLIENTS=500` is for scenarios, and sets the variable `clients` of one."""


def load_config(
    *,
    file: Path | None = None,
    plan: str | None = None,
    environ: Mapping[str, str] = {},
    overlay: Mapping[str, Any] | None = None,
    overlay_source: str = "flags",
) -> ServerConfig:
    """Merge all layers; FileError names the layer, the key and what was expected.

    `plan` (a name or a YAML file) wins over the plan that file or environment name. `overlay`
    comes last; it is what flags, or the `server` section of a scenario, say.
    """
    layers = []
    if file is not None:
        layers.append(_checked(read_yaml(file)))
    layers.extend(_from_environment(environ))
    if overlay:
        layers.append(_checked(Document(overlay_source, dict(overlay), {})))
    merged: dict[str, Any] = {}
    for layer in layers:
        merged = merge(merged, layer)
    if plan is not None:
        merged["plan"] = plan
    base = _plan(merged.get("plan", ServerConfig().plan))
    config = decode(Document("configuration", merge(base, merged), {}), ServerConfig)
    if config.runs.parquet_history and find_spec("pyarrow") is None:
        raise FileError("runs.parquet_history: needs pyarrow: pip install 'mockwb[parquet]'")
    rules_of(config)
    return config


def rules_of(config: ServerConfig) -> list[FaultRule]:
    """The faults of the profile, then those listed; FileError if there is no such profile."""
    if config.fault_profile is None:
        return config.faults
    try:
        return [*profile_rules(config.fault_profile), *config.faults]
    except UnknownProfileError as error:
        raise FileError(f"fault_profile: {error}") from None


def plan_limits(name: str) -> LimitRules:
    """The limits of a plan that comes with mockwb; FileError if there is none of that name."""
    return decode(Document(f"plan {name}", _built_in_plan(name), {}), ServerConfig).limits


def merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`base` with the keys of `over` put in; sections merge, lists and scalars are replaced."""
    merged = dict(base)
    for key, value in over.items():
        former = merged.get(key)
        if isinstance(former, dict) and isinstance(value, dict):
            merged[key] = merge(former, value)
        else:
            merged[key] = value
    return merged


def _plan(name: str) -> dict[str, Any]:
    """The settings of a plan that comes with mockwb, or of a file that holds one."""
    if name.endswith((".yaml", ".yml")):
        return _checked(read_yaml(Path(name)))
    return _built_in_plan(name)


def _built_in_plan(name: str) -> dict[str, Any]:
    try:
        text = plan_text(name)
    except UnknownPlanError as error:
        raise FileError(f"plan: {error}") from None
    return _checked(parse_yaml(text, f"plan {name}"))


def _checked(document: Document) -> dict[str, Any]:
    """The layer as plain data, known to be right by itself, so that errors name their origin."""
    decode(document, ServerConfig)
    data = document.data
    return data if isinstance(data, dict) else {}


def _from_environment(environ: Mapping[str, str]) -> list[dict[str, Any]]:
    layers: list[dict[str, Any]] = []
    for name, text in sorted(environ.items()):
        if not name.startswith(ENV_PREFIX) or name.startswith(SCENARIO_PREFIX):
            continue
        path = name.removeprefix(ENV_PREFIX).lower().split("__")
        *sections, last = path
        layer: dict[str, Any] = {last: _value(path, text)}
        for section in reversed(sections):
            layer = {section: layer}
        layers.append(_checked(Document(f"environment variable {name}", layer, {})))
    return layers


def _value(path: list[str], text: str) -> object:
    """What a variable says; text where the setting is text, so that a token may be all digits."""
    if _takes_text(path) and text not in ("", "null"):
        return text
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def _takes_text(path: list[str]) -> bool:
    info: msgspec.inspect.Type = msgspec.inspect.type_info(ServerConfig)
    for part in path:
        fields = info.fields if isinstance(info, msgspec.inspect.StructType) else ()
        found = [field.type for field in fields if field.encode_name == part]
        if not found:
            return False
        (info,) = found
    types = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    return any(isinstance(type_, msgspec.inspect.StrType) for type_ in types)
