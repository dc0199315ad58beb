"""Default resource configurations of run queues: made, found, and applied to what is pushed."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from mockwb.backend.errors import InvalidError
from mockwb.backend.json_text import parse_object
from mockwb.backend.run_queue import ResourceConfig
from mockwb.backend.run_queue_template import (
    Schemas,
    fill,
    parse_schemas,
    unknown_places,
    unknown_words,
    values_for,
)
from mockwb.backend.store import Store

RESOURCES = ("local-container", "local-process", "kubernetes", "sagemaker", "gcp-vertex")
"""Where W&B's agents can run things (`RunQueueResourceType` of the SDK)."""

_TABLE = "resource-config"


class ConfigText(NamedTuple):
    """A configuration as clients write it."""

    resource: str
    config: str
    """JSON text."""
    variables: str | None
    """JSON text."""


class ResourceConfigs:
    """All of them."""

    def __init__(self, store: Store) -> None:
        """Keep them in `store`."""
        self._store = store

    async def create(self, entity: str, told: ConfigText) -> ResourceConfig:
        """Make one; InvalidError names what is wrong with it."""
        if told.resource not in RESOURCES:
            known = ", ".join(RESOURCES)
            raise InvalidError(f"resource {told.resource!r} is unknown; known are {known}")
        made = ResourceConfig(
            number=await self._store.next_number(_TABLE),
            entity=entity,
            resource=told.resource,
            config=_checked(parse_object(told.config, "resource config")),
            variables=parse_schemas(parse_object(told.variables or "{}", "template variables")),
        )
        await self._store.put(_TABLE, made.id, made)
        return made

    async def replace(self, config: ResourceConfig, by: ResourceConfig) -> ResourceConfig:
        """Give `config` what `by` says, under its own id; `by` is gone then."""
        await self._store.delete(_TABLE, by.id)
        changed = msgspec.structs.replace(by, number=config.number)
        await self._store.put(_TABLE, changed.id, changed)
        return changed

    async def delete(self, config_id: str) -> None:
        """Drop it."""
        await self._store.delete(_TABLE, config_id)

    async def find(self, config_id: str) -> ResourceConfig | None:
        """The one with that id, or None."""
        config: ResourceConfig | None = await self._store.get(_TABLE, config_id)
        return config


def schema_errors(config: ResourceConfig) -> list[str]:
    """What looks wrong in a configuration that is kept all the same."""
    errors = [
        f"{{{{{name}}}}} is no template variable"
        for name in unknown_places(config.config, config.variables)
    ]
    errors += [
        f"template variable {name}: {word!r} is not checked"
        for name, word in unknown_words(config.variables)
    ]
    others = sorted(config.config.get("resource_args", {}).keys() - {config.resource})
    return errors + [f"resource_args of {name}, but it is {config.resource}" for name in others]


def resolved(
    run_spec: dict[str, Any], config: ResourceConfig | None, values: Mapping[str, Any]
) -> dict[str, Any]:
    """A run spec with resource and resource arguments filled in from its queue.

    The queue decides on the resource. Resource arguments for it that the spec brings stand in
    for those of the queue as a whole. InvalidError for values that the variables do not take.
    """
    schemas: Schemas = config.variables if config is not None else {}
    own = run_spec.get("resource_args") or {}
    if config is None or own.get(config.resource):
        if values:
            values_for(schemas, values)
        return run_spec if config is None else {**run_spec, "resource": config.resource}
    filled = fill(config.config.get("resource_args", {}), values_for(schemas, values))
    return {**run_spec, "resource": config.resource, "resource_args": {**own, **filled}}


def _checked(config: dict[str, Any]) -> dict[str, Any]:
    arguments = config.get("resource_args", {})
    if not isinstance(arguments, dict):
        raise InvalidError("resource_args of a resource config must be a JSON object")
    return config
