"""Puts a scenario together out of its file and those that it includes. `load` calls it.

What a file says itself wins over what it includes, and a later include over an earlier one.
Mappings merge key by key, workloads by their names; other lists and single values are replaced.
"""

from pathlib import Path

from mockwb.scenario.located import Node, tree
from mockwb.yaml_file import FileError, read_yaml


def read_with_includes(file: Path) -> Node:
    """The whole scenario as one tree; FileError names the file and line that is wrong."""
    return _read(file, ())


def _read(file: Path, within: tuple[Path, ...]) -> Node:
    root = tree(read_yaml(file))
    if not isinstance(root.value, dict):
        raise FileError(f"{file}: expected a mapping with name and workloads")
    own = dict(root.value)
    base: dict[str, Node] = {}
    for name in _names(own.pop("include", None)):
        included = file.parent / name.value
        base = _merged(base, _included(included, name.place, (*within, file)).value)
    return Node(_merged(base, own), root.place)


def _names(include: Node | None) -> list[Node]:
    if include is None:
        return []
    names = include.value if isinstance(include.value, list) else [include]
    for name in names:
        if not isinstance(name.value, str):
            raise FileError(f"{name.place}: include: expected a file or a list of files")
    return list(names)


def _included(file: Path, place: str, within: tuple[Path, ...]) -> Node:
    if file.resolve() in [other.resolve() for other in within]:
        way = " -> ".join(map(str, (*within, file)))
        raise FileError(f"{place}: include: {file} includes itself: {way}")
    if not file.is_file():
        raise FileError(f"{place}: include: no file {file}")
    return _read(file, within)


def _merged(base: dict[str, Node], over: dict[str, Node]) -> dict[str, Node]:
    merged = dict(base)
    for key, node in over.items():
        former = merged.get(key)
        if former is None:
            merged[key] = node
        elif key == "workloads":
            merged[key] = _merged_by_name(former, node)
        else:
            merged[key] = _merged_nodes(former, node)
    return merged


def _merged_nodes(base: Node, over: Node) -> Node:
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    value = dict(base.value)
    for key, node in over.value.items():
        value[key] = _merged_nodes(value[key], node) if key in value else node
    return Node(value, over.place)


def _merged_by_name(base: Node, over: Node) -> Node:
    """Those of `base`, each changed by the one of the same name, then the others of `over`."""
    if not (isinstance(base.value, list) and isinstance(over.value, list)):
        return over
    items = list(base.value)
    named = {_name(item): index for index, item in enumerate(items)}
    for item in over.value:
        index = named.get(_name(item)) if _name(item) is not None else None
        if index is None:
            items.append(item)
        else:
            items[index] = _merged_nodes(items[index], item)
    return Node(items, over.place)


def _name(workload: Node) -> object:
    name = workload.value.get("name") if isinstance(workload.value, dict) else None
    return name.value if isinstance(name, Node) and isinstance(name.value, str) else None
