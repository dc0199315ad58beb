"""JSON schemas out of the types that decode settings and bodies, and encode answers.

The control API, scenarios and the command `schema` call it. msgspec's own generator gives up on
defaults such as a duration.

A class with a `from_config` of its own has a line in `UNIT_SCHEMAS`, or a class method
`json_schema(of)` that says what it takes, where `of` makes schemas of types.
"""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import NODEFAULT, inspect

from mockwb.config.field_notes import field_notes
from mockwb.config.plain import plain
from mockwb.config.unit_schemas import UNIT_SCHEMAS

Schema = dict[str, Any]
Describe = Callable[[Any], Schema]
"""Makes the schema of a type."""

COMPONENTS = "#/components/schemas/"


def _same(schema: Schema) -> Schema:
    return schema


class Schemas:
    """Schemas of types; structs become components that others refer to."""

    def __init__(self, place: str = COMPONENTS, leaf: Callable[[Schema], Schema] = _same) -> None:
        """Let references point to `place`, where somebody will put `components`.

        `leaf` may change the schema of every scalar.
        """
        self._place = place
        self._leaf = leaf
        self.components: dict[str, Schema] = {}
        """Name of a struct -> its schema."""

    def of(self, kind: Any) -> Schema:
        """The schema of a type; TypeError for one that nobody has needed yet."""
        return self._of(inspect.type_info(kind))

    def _of(self, info: inspect.Type) -> Schema:
        match info:
            case inspect.StructType():
                return self._struct(info)
            case inspect.UnionType():
                return self._union(info)
            case inspect.Metadata():
                return self._of(info.type) | (info.extra_json_schema or {})
            case inspect.ListType() | inspect.TupleType() | inspect.DictType():
                return self._collection(info)
            case inspect.CustomType() if hasattr(info.cls, "json_schema"):
                described: Schema = info.cls.json_schema(self.of)
                return described
        return self._leaf(_simple(info))

    def _collection(self, info: inspect.ListType | inspect.TupleType | inspect.DictType) -> Schema:
        if isinstance(info, inspect.TupleType):
            return self._tuple(info.item_types)
        if isinstance(info, inspect.DictType):
            return {"type": "object", "additionalProperties": self._of(info.value_type)}
        items = {"type": "array", "items": self._of(info.item_type)}
        return items | _given({"minItems": info.min_length})

    def _struct(self, info: inspect.StructType) -> Schema:
        name = info.cls.__name__
        if name not in self.components:
            self.components[name] = {}  # known by now, should it refer to itself
            self.components[name] = self._object(info)
        return {"$ref": self._place + name}

    def _object(self, info: inspect.StructType) -> Schema:
        properties: dict[str, Schema] = {}
        if info.tag_field is not None:
            properties[info.tag_field] = {"const": info.tag}
        required = list(properties)
        notes = field_notes(info.cls)
        for field in info.fields:
            schema = self._of(field.type)
            if field.required:
                required.append(field.encode_name)
            elif field.default is not NODEFAULT:
                schema = {**schema, "default": plain(field.default)}
            if field.name in notes:
                said = (notes[field.name], schema.get("description"))
                schema = {**schema, "description": " ".join(filter(None, said))}
            properties[field.encode_name] = schema
        schema = {"type": "object", "description": info.cls.__doc__, "properties": properties}
        if required:
            schema["required"] = required
        if info.forbid_unknown_fields:
            schema["additionalProperties"] = False
        return schema

    def _union(self, info: inspect.UnionType) -> Schema:
        structs = [option for option in info.types if isinstance(option, inspect.StructType)]
        tag = next((struct.tag_field for struct in structs), None)
        schemas = [self._of(option) for option in info.types]
        if tag is None:
            return {"anyOf": schemas}
        mapping = {str(struct.tag): self._place + struct.cls.__name__ for struct in structs}
        return {"oneOf": schemas, "discriminator": {"propertyName": tag, "mapping": mapping}}

    def _tuple(self, items: Sequence[inspect.Type]) -> Schema:
        return {
            "type": "array",
            "prefixItems": [self._of(item) for item in items],
            "items": False,
            "minItems": len(items),
        }


def _simple(info: inspect.Type) -> Schema:
    match info:
        case inspect.StrType():
            bounds = {
                "minLength": info.min_length,
                "maxLength": info.max_length,
                "pattern": info.pattern,
            }
            return {"type": "string", **_given(bounds)}
        case inspect.IntType():
            return {"type": "integer", **_range(info)}
        case inspect.FloatType():
            return {"type": "number", **_range(info)}
        case inspect.LiteralType():
            return {"enum": list(info.values)}
        case inspect.CustomType() if info.cls in UNIT_SCHEMAS:
            return UNIT_SCHEMAS[info.cls]
    if type(info) not in _PLAIN:
        raise TypeError(f"no schema for {info}")
    return _PLAIN[type(info)]


_PLAIN: dict[type[inspect.Type], Schema] = {
    inspect.BoolType: {"type": "boolean"},
    inspect.NoneType: {"type": "null"},
    inspect.AnyType: {},
}


def _range(info: inspect.IntType | inspect.FloatType) -> Schema:
    bounds = {
        "minimum": info.ge,
        "exclusiveMinimum": info.gt,
        "maximum": info.le,
        "exclusiveMaximum": info.lt,
    }
    return _given(bounds)


def _given(bounds: dict[str, Any]) -> Schema:
    return {name: bound for name, bound in bounds.items() if bound is not None}
