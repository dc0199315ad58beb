"""The variables of a scenario: `clients: 240` under `variables`, and `${clients}` anywhere else.

Values come from the file, `MOCKWB_SET_CLIENTS` in the environment and `--set clients=500`, in that
order; later ones win. `load` calls it.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from mockwb.config.load import SCENARIO_PREFIX
from mockwb.scenario.located import Node
from mockwb.yaml_file import FileError

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_REFERENCE = re.compile(r"\$\$\{|\$\{([^}]*)\}")
_ESCAPED = "$${"
_SECTION = "variables"


def fill_in(root: Node, given: Mapping[str, str], environ: Mapping[str, str]) -> Node:
    """`root` with every `${name}` replaced; FileError names an unknown variable and its place.

    `given` and `environ` hold text, read as YAML unless the variable's own value is text.
    """
    variables = _Variables(root.value.get(_SECTION))
    for name, text in sorted(environ.items()):
        if name.startswith(SCENARIO_PREFIX):
            variables.set_ignoring_case(name, text)
    for name, text in given.items():
        variables.set(name, text, f"--set {name}={text}")
    filled = {key: _filled(node, variables) for key, node in root.value.items() if key != _SECTION}
    if _SECTION in root.value:
        filled[_SECTION] = variables.node
    return Node(filled, root.place)


class _Variables:
    """Names and values; a value may refer to other variables."""

    def __init__(self, section: Node | None) -> None:
        if section is not None and not isinstance(section.value, dict):
            raise FileError(f"{section.place}: {_SECTION}: expected a mapping of names to values")
        self._place = section.place if section is not None else ""
        self._nodes: dict[Any, Node] = dict(section.value) if section is not None else {}
        for name, node in self._nodes.items():
            where = f"{node.place}: {_SECTION}.{name}"
            if not (isinstance(name, str) and NAME.fullmatch(name)):
                raise FileError(f"{where}: expected letters, digits and _ in the name")
            if not isinstance(node.value, str | int | float):  # bool is an int
                raise FileError(f"{where}: expected text, a number, true or false")

    @property
    def node(self) -> Node:
        """The section as it is in the end."""
        return Node({name: self._resolved(name, ()) for name in self._nodes}, self._place)

    def set(self, name: str, text: str, place: str) -> None:
        """Another value for `name`, which `place` gives."""
        known = self._nodes.get(name)
        if known is None:
            raise FileError(f"{place}: {_unknown(name, self._nodes)}")
        self._nodes[name] = Node(_typed(text, known.value), place)

    def set_ignoring_case(self, name: str, text: str) -> None:
        """What environment variable `name` says."""
        wanted = name.removeprefix(SCENARIO_PREFIX).lower()
        meant = next((known for known in self._nodes if known.lower() == wanted), wanted)
        self.set(meant, text, f"environment variable {name}")

    def value(self, name: str, place: str, within: tuple[str, ...] = ()) -> Any:
        """The value of a variable that stands at `place`."""
        if name not in self._nodes:
            hint = "($${ stands for a plain ${)"
            raise FileError(f"{place}: {_unknown(name, self._nodes)} {hint}")
        if name in within:
            way = " -> ".join((*within, name))
            raise FileError(f"{place}: variable {name} refers to itself: {way}")
        return self._resolved(name, (*within, name)).value

    def _resolved(self, name: str, within: tuple[str, ...]) -> Node:
        return _filled(self._nodes[name], self, within or (name,))


def _filled(node: Node, variables: _Variables, within: tuple[str, ...] = ()) -> Node:
    value = node.value
    if isinstance(value, dict):
        value = {key: _filled(item, variables, within) for key, item in value.items()}
    elif isinstance(value, list):
        value = [_filled(item, variables, within) for item in value]
    elif isinstance(value, str) and "${" in value:
        value = _replaced(value, node.place, variables, within)
    return Node(value, node.place)


def _replaced(text: str, place: str, variables: _Variables, within: tuple[str, ...]) -> Any:
    """The text with values put in; the value itself, with its type, where there is no more text."""
    whole = _REFERENCE.fullmatch(text)
    if whole is not None and whole.group(0) != _ESCAPED:
        return variables.value(whole.group(1).strip(), place, within)

    def put_in(match: re.Match[str]) -> str:
        if match.group(0) == _ESCAPED:
            return "${"
        return _text(variables.value(match.group(1).strip(), place, within))

    return _REFERENCE.sub(put_in, text)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _typed(text: str, default: object) -> object:
    """Text stays text, so that a release called 0.20 does not become a number."""
    if isinstance(default, str):
        return text
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    return value if isinstance(value, str | int | float) else text


def _unknown(name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(names) or 'none'}"
    return f"unknown variable {name!r}; {hint}"
