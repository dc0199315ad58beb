"""YAML as a tree whose every node knows its file and line, so that files can be put together.

`include` merges such trees, `variables` fills them in, and `document` turns the result back into
what `yaml_file.decode` reads.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mockwb.yaml_file import Document

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands."""

    value: Any
    """A dict of nodes, a list of nodes, or a scalar."""
    place: str
    """`file:line`."""

    @property
    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain for node in self.value]
        return self.value


def tree(document: Document) -> Node:
    """All of `document`."""
    return _node(document, document.data, ())


def document(root: Node, source: str) -> Document:
    """A document that names the place of every part; `source` is what messages call the whole."""
    return Document(source, root.plain, dict(_places(root, ())))


def _node(document: Document, data: Any, path: Path) -> Node:
    value = data
    if isinstance(data, dict):
        value = {key: _node(document, item, (*path, key)) for key, item in data.items()}
    elif isinstance(data, list):
        value = [_node(document, item, (*path, index)) for index, item in enumerate(data)]
    return Node(value, document.where(path))


def _places(node: Node, path: Path) -> Iterator[tuple[Path, str]]:
    if path:
        yield path, node.place
    if isinstance(node.value, dict):
        for key, item in node.value.items():
            yield from _places(item, (*path, key))
    elif isinstance(node.value, list):
        for index, item in enumerate(node.value):
            yield from _places(item, (*path, index))
