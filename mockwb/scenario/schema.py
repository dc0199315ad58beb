"""The JSON Schema of scenario files, for editors. `mockwb schema scenario` prints it."""

from typing import Any

from mockwb.config.schemas import Schema, Schemas
from mockwb.scenario.model import Scenario

_DEFS = "#/$defs/"
_VARIABLE = "Variable"


def scenario_schema(dialect: str) -> dict[str, Any]:
    """A file by itself, or one that builds on others and so need not be complete."""
    schemas = Schemas(_DEFS, _or_variable)
    top = schemas.of(Scenario)
    scenario = schemas.components[Scenario.__name__]
    required, workloads = scenario.pop("required"), scenario["properties"]["workloads"]
    scenario["properties"]["workloads"] = {"description": workloads.pop("description")}
    change = {"required": ["name"], "not": {"required": ["kind"]}}
    changes = {"type": "array", "items": {"anyOf": [workloads["items"], change]}}
    scenario["if"] = {"required": ["include"]}
    scenario["then"] = {"properties": {"workloads": changes}}
    scenario["else"] = {"required": required, "properties": {"workloads": workloads}}
    for component in schemas.components.values():
        if {"every", "rows_per_minute"} <= component.get("properties", {}).keys():
            component["not"] = {"required": ["every", "rows_per_minute"]}
        for field in component.get("properties", {}).values():
            if isinstance(field.get("default"), dict):
                del field["default"]  # what it refers to has defaults of its own
    schemas.components[_VARIABLE] = {
        "type": "string",
        "pattern": r"\$\{[^}]+\}",
        "description": "A value with variables in it: `${name}`.",
    }
    return {"$schema": dialect, "title": "mockwb scenario", **top, "$defs": schemas.components}


def _or_variable(schema: Schema) -> Schema:
    """What `schema` says, or a variable where it would not let one pass."""
    if not schema or schema == {"type": "string"} or schema.get("type") == "null":
        return schema
    return {"anyOf": [schema, {"$ref": _DEFS + _VARIABLE}]}
