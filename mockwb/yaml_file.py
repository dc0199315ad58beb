"""YAML files read strictly: complaints name the file, the line, the key and what was expected.

Configuration, plans and scenarios all come through here.
"""

import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from mockwb.units import Duration, Size, parse_duration, parse_size

T = TypeVar("T")

_PATH_PART = re.compile(r"\.([^.\[]+)|\[(\d+)\]|\[\.\.\.\]")
_PATTERN = "matching regex"
_NUMBER_FOR_TEXT = re.compile(r"Expected `str.*`, got `(int|float)`")
_UNKNOWN_FIELD = re.compile(r"unknown field `([^`]+)`")


class FileError(ValueError):
    """A file that cannot be used; the message says where and why."""


class PartError(ValueError):
    """A value that is read by itself is wrong somewhere inside: the message says where and why."""

    def __init__(self, problem: str, path: tuple[str | int, ...]) -> None:
        """`problem` at `path`, seen from the value."""
        super().__init__(f"{_dotted(path)}: {problem}" if path else problem)
        self.problem = problem
        self.path = path


class Document:
    """Parsed YAML, with the place of every key."""

    def __init__(self, source: str, data: object, places: dict[tuple[str | int, ...], str]) -> None:
        """Keep `data` (plain dicts, lists, scalars) and where each path is, as `file:line`."""
        self.source = source
        self.data = data
        self._places = places

    def where(self, path: tuple[str | int, ...]) -> str:
        """`file:line` of `path`, or of its nearest known parent."""
        while path and path not in self._places:
            path = path[:-1]
        return self._places.get(path, self.source)


def read_yaml(path: Path) -> Document:
    """Parse the file; FileError if it is missing, not UTF-8, not YAML, or repeats a key."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise FileError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise FileError(f"{path}: not UTF-8 text ({error.reason})") from error
    return parse_yaml(text, str(path))


def parse_yaml(text: str, source: str) -> Document:
    """Parse YAML text; `source` is what messages call it."""
    places: dict[tuple[str | int, ...], str] = {}
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is not None:
            _note_places(root, (), places, source)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{source}:{mark.line + 1}" if mark else source
        problem = getattr(error, "problem", None) or str(error)
        raise FileError(f"{where}: not valid YAML: {problem}") from error
    return Document(source, data, places)


def decode(document: Document, kind: type[T]) -> T:
    """Turn the document into `kind`; FileError names line, key and what was expected."""
    try:
        return convert({} if document.data is None else document.data, kind)
    except msgspec.ValidationError as error:
        problem, path = _explain(error, kind, document.data)
        key = _dotted(path)
        raise FileError(f"{document.where(path)}: {key + ': ' if key else ''}{problem}") from error


def convert(data: object, kind: type[T]) -> T:
    """Plain data as `kind`, with durations and sizes in human units; msgspec.ValidationError."""
    return msgspec.convert(data, kind, dec_hook=_decode_unit)


def convert_part(data: object, kind: type[T]) -> T:
    """As `convert`, for a `from_config` whose value has parts; PartError."""
    try:
        return convert(data, kind)
    except msgspec.ValidationError as error:
        raise PartError(*_explain(error, kind, data)) from error


def _decode_unit(kind: type, value: object) -> object:
    if kind is Duration:
        return parse_duration(value)
    if kind is Size:
        return parse_size(value)
    reader = getattr(kind, "from_config", None)
    if reader is None:
        raise NotImplementedError(f"no way to read a {kind.__name__}")
    return reader(value)


def _note_places(
    node: yaml.Node,
    path: tuple[str | int, ...],
    places: dict[tuple[str | int, ...], str],
    source: str,
) -> None:
    places.setdefault(path, f"{source}:{node.start_mark.line + 1}")
    if isinstance(node, yaml.MappingNode):
        seen: set[Any] = set()
        for key, value in node.value:
            where = f"{source}:{key.start_mark.line + 1}"
            if key.value in seen:
                raise FileError(f"{where}: key {key.value!r} is given twice")
            seen.add(key.value)
            places[(*path, key.value)] = where
            _note_places(value, (*path, key.value), places, source)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _note_places(value, (*path, index), places, source)


def _explain(
    error: msgspec.ValidationError, kind: type, data: object
) -> tuple[str, tuple[str | int, ...]]:
    """Split msgspec's message into what is wrong and the path to it."""
    text = str(error)
    problem, _, at = text.partition(" - at `$")
    path: tuple[str | int, ...] = tuple(
        name if name else int(index) if index else "..."
        for name, index in _PATH_PART.findall(at.rstrip("`"))
    )
    if isinstance(error.__cause__, PartError):
        return error.__cause__.problem, path + error.__cause__.path
    unknown = _UNKNOWN_FIELD.search(problem)
    if unknown:
        path = (*path, unknown.group(1))
        known = _known_fields(kind, path[:-1], data)
        problem = "unknown key" + (f"; expected one of {', '.join(known)}" if known else "")
    elif problem.startswith("Invalid "):
        choices = _choices(kind, path, data)
        problem += f"; expected one of {', '.join(choices)}" if choices else ""
    elif _PATTERN in problem:
        problem = _by_example(kind, path, data) or problem
    elif _NUMBER_FOR_TEXT.fullmatch(problem):
        problem += "; in quotes, a number is text"
    return problem[:1].lower() + problem[1:], path


def _by_example(kind: object, path: tuple[str | int, ...], data: object) -> str | None:
    """What was expected, for text that does not match a pattern that comes with examples."""
    info, value = _follow(kind, path, data)
    options = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    for option in options:
        if isinstance(option, msgspec.inspect.Metadata):
            pattern = getattr(option.type, "pattern", None)
            examples = (option.extra_json_schema or {}).get("examples", ())
            return f"expected text such as {', '.join(examples)} (regex {pattern}), got {value!r}"
    return None


def _known_fields(kind: object, path: tuple[str | int, ...], data: object) -> list[str]:
    """The keys that would have been right at `path`, where type and data say so plainly."""
    info = _plain(*_follow(kind, path, data))
    if not isinstance(info, msgspec.inspect.StructType):
        return []
    tag = [info.tag_field] if info.tag_field else []
    return [*tag, *(field.encode_name for field in info.fields)]


def _choices(kind: object, path: tuple[str | int, ...], data: object) -> list[str]:
    """The values that would have been right at `path`, where the type lists them."""
    info, _ = _follow(kind, path, data)
    if isinstance(info, msgspec.inspect.LiteralType):
        return [str(value) for value in info.values]
    if isinstance(info, msgspec.inspect.EnumType):
        return [str(member.value) for member in info.cls]
    around, _ = _follow(kind, path[:-1], data)
    tagged = around.types if isinstance(around, msgspec.inspect.UnionType) else ()
    structs = [t for t in tagged if isinstance(t, msgspec.inspect.StructType)]
    return [str(struct.tag) for struct in structs if path[-1:] == (struct.tag_field,)]


def _follow(
    kind: object, path: tuple[str | int, ...], data: object
) -> tuple[msgspec.inspect.Type, object]:
    """The type that is asked for at `path`, and what stands there; unions on the way made plain."""
    info = msgspec.inspect.type_info(kind)
    for part in path:
        info = _step_into(_plain(info, data), part)
        try:
            data = data[part]  # type: ignore[index]
        except (LookupError, TypeError):
            data = None
    return info, data


def _step_into(info: msgspec.inspect.Type, part: str | int) -> msgspec.inspect.Type:
    if isinstance(info, msgspec.inspect.StructType):
        for field in info.fields:
            if field.encode_name == part:
                return field.type
    if isinstance(info, msgspec.inspect.ListType):
        return info.item_type
    if isinstance(info, msgspec.inspect.DictType):
        return info.value_type
    return msgspec.inspect.AnyType()


def _plain(info: msgspec.inspect.Type, data: object) -> msgspec.inspect.Type:
    """The one struct that a union can mean here: its only one, or the one that `data` is tagged."""
    if not isinstance(info, msgspec.inspect.UnionType):
        return info
    structs = [t for t in info.types if isinstance(t, msgspec.inspect.StructType)]
    if len(structs) > 1 and isinstance(data, dict):
        structs = [t for t in structs if t.tag_field and data.get(t.tag_field) == t.tag]
    return structs[0] if len(structs) == 1 else info


def _dotted(path: tuple[str | int, ...]) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
