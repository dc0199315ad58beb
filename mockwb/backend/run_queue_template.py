"""Template variables of queues: what values they take, and where these go in a configuration."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mockwb.backend.errors import InvalidError

Schemas = Mapping[str, dict[str, Any]]

_PLACE = re.compile(r"\{\{\s*([^{}\s]+)\s*\}\}")
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
}
_KNOWN = frozenset({"type", "enum", "minimum", "maximum", "default"})


def parse_schemas(given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The schemas of `{name: {"schema": {...}}}`, or of `{name: {...}}`.

    InvalidError names the variable whose schema is none.
    """
    return {name: _schema(name, entry) for name, entry in given.items()}


def _schema(name: str, entry: Any) -> dict[str, Any]:
    schema = entry.get("schema", entry) if isinstance(entry, dict) else entry
    if not isinstance(schema, dict):
        raise InvalidError(f"template variable {name}: the schema must be a JSON object")
    if schema.get("type") not in _TYPES:
        known = ", ".join(_TYPES)
        raise InvalidError(
            f"template variable {name}: type must be one of {known}, got {schema.get('type')!r}"
        )
    enum = schema.get("enum")
    if enum is not None and not (isinstance(enum, list) and enum):
        raise InvalidError(f"template variable {name}: enum must be a list of values")
    for bound in ("minimum", "maximum"):
        if bound in schema and not _is_of(schema[bound], "number"):
            raise InvalidError(f"template variable {name}: {bound} must be a number")
    if schema.get("default") is not None:
        check_value(name, schema, schema["default"])
    return schema


def check_value(name: str, schema: Mapping[str, Any], value: Any) -> None:
    """InvalidError unless `value` is what the schema allows."""
    wanted = schema["type"]
    if not _is_of(value, wanted):
        raise InvalidError(f"template variable {name} must be of type {wanted}, got {value!r}")
    enum = schema.get("enum")
    if enum is not None and value not in enum:
        raise InvalidError(f"template variable {name} must be one of {enum}, got {value!r}")
    if isinstance(value, str):
        return
    if "minimum" in schema and value < schema["minimum"]:
        raise InvalidError(
            f"template variable {name} must be at least {schema['minimum']}, got {value}"
        )
    if "maximum" in schema and value > schema["maximum"]:
        raise InvalidError(
            f"template variable {name} must be at most {schema['maximum']}, got {value}"
        )


def _is_of(value: Any, wanted: str) -> bool:
    return isinstance(value, _TYPES[wanted]) and not isinstance(value, bool)


def values_for(schemas: Schemas, given: Mapping[str, Any]) -> dict[str, Any]:
    """The value of each variable: as given, else its default.

    InvalidError for a variable that is not there or has no value, and for a value that its
    schema does not allow.
    """
    unknown = sorted(given.keys() - schemas.keys())
    if unknown:
        known = ", ".join(sorted(schemas)) or "none"
        raise InvalidError(f"the queue has no template variable {unknown[0]}; it has {known}")
    values = {}
    for name, schema in schemas.items():
        value = given.get(name, schema.get("default"))
        if value is None:
            raise InvalidError(f"template variable {name} needs a value: it has no default")
        check_value(name, schema, value)
        values[name] = value
    return values


def fill(config: Any, values: Mapping[str, Any]) -> Any:
    """`config` with the values in place of `{{name}}`.

    A text that is nothing but one placeholder becomes the value itself, number or not. Names
    without a value stay as they are: other `{{...}}` may be the resource's own business.
    """
    return _mapped(config, lambda text: _filled(text, values))


def _filled(text: str, values: Mapping[str, Any]) -> Any:
    whole = _PLACE.fullmatch(text)
    if whole is not None:
        return values.get(whole[1], text)
    return _PLACE.sub(lambda match: str(values.get(match[1], match[0])), text)


def unknown_places(config: Any, schemas: Schemas) -> list[str]:
    """The names in `{{name}}` of a configuration that are no variable, in order."""
    found = (name for text in _texts(config) for name in _PLACE.findall(text))
    return [name for name in dict.fromkeys(found) if name not in schemas]


def unknown_words(schemas: Schemas) -> list[tuple[str, str]]:
    """(variable, word) for what schemas say beyond what is checked."""
    return [(name, word) for name in schemas for word in sorted(schemas[name].keys() - _KNOWN)]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _mapped(value: Any, change: Callable[[str], Any]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {str(change(key)): _mapped(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, change) for item in value]
    return value
