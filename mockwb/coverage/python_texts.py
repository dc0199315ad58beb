"""Texts that Python code composes, known as far as the source tells, and where each came from.

`python_expressions` evaluates expressions to these values; `python_documents` reads the journal.
"""

import re
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

HOLE = "\0"
"""Stands in a text for a part that only a running program knows."""
_PERCENT = re.compile(r"%(?:\((?P<key>\w+)\))?[#0\- +]*\d*(?:\.\d+)?[%a-zA-Z]")

Origin = tuple[str, int]
"""Path of a source file and a line; of texts, where a literal starts an operation."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string that some expression can have as its value."""

    text: str
    origins: frozenset[Origin] = frozenset()
    """The literals in it that start operations."""


@dataclass(frozen=True, slots=True)
class Items:
    """A list, tuple or set whose items are written out."""

    items: tuple["Value", ...]


@dataclass(frozen=True, slots=True)
class Entries:
    """A dict that is written out."""

    entries: tuple[tuple["Value", "Value"], ...]


Value = Text | Items | Entries | None
"""What is known of an expression; None is nothing."""


@dataclass(slots=True)
class Journal:
    """What happened to the texts that start operations, over all the code that was read."""

    seen: dict[Text, None] = field(default_factory=dict)
    """In order of their appearance."""
    handed_on: set[Text] = field(default_factory=set)
    """Given to a function that does not only compose texts, such as the one that sends them."""
    made_into: dict[Text, set[Text]] = field(default_factory=dict)
    cut: set[Origin] = field(default_factory=set)
    """Where code has more ways to go than were followed."""

    def see(self, text: Text) -> Text:
        """`text`, noted if it holds the start of an operation."""
        if text.origins:
            self.seen[text] = None
        return text

    def compose(self, text: str, parts: Sequence[Value]) -> Text:
        """`text`, made of those of `parts` that are texts."""
        texts = [part for part in _flat(parts) if part.origins]
        made = self.see(Text(text, frozenset().union(*(part.origins for part in texts))))
        for part in texts:
            if part != made:
                self.made_into.setdefault(part, set()).add(made)
        return made

    def hand_on(self, values: Sequence[Value]) -> None:
        """Note that these leave the code that composes texts."""
        self.handed_on.update(text for text in _flat(values) if text.origins)


def shown(value: Value) -> str:
    """The text of a value inside another text."""
    return value.text if isinstance(value, Text) else HOLE


def percent(journal: Journal, template: Text, value: Value) -> Text:
    """`template % value`."""
    queue = list(value.items) if isinstance(value, Items) else [value]
    keyed = _by_key(value)

    def fill(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        if match["key"]:
            return shown(keyed.get(match["key"]))
        return shown(queue.pop(0)) if queue else HOLE

    return journal.compose(_PERCENT.sub(fill, template.text), [template, value])


def formatted(
    journal: Journal, template: Text, given: Sequence[Value], named: dict[str, Value]
) -> Text:
    """`template.format(*given, **named)`."""
    queue = list(given)
    try:
        parts = list(string.Formatter().parse(template.text))
    except ValueError:  # a brace alone: the real call would fail too
        return journal.compose(template.text + HOLE, [template])
    text = ""
    for literal, name, _, _ in parts:
        text += literal
        if name == "":
            text += shown(queue.pop(0)) if queue else HOLE
        elif name is not None and name.isdigit() and int(name) < len(given):
            text += shown(given[int(name)])
        elif name is not None:
            text += shown(named.get(name))
    return journal.compose(text, [template, *given, *named.values()])


def replaced(journal: Journal, text: Text, given: Sequence[Value]) -> Text:
    """`text.replace(*given)`."""
    if len(given) == 2 and isinstance(given[0], Text):
        made = text.text.replace(given[0].text, shown(given[1]))
    else:
        made = text.text + HOLE
    return journal.compose(made, [text, *given])


def joined(journal: Journal, separator: Text, value: Value) -> Text:
    """`separator.join(value)`."""
    if not isinstance(value, Items):
        return Text(HOLE)
    return journal.compose(separator.text.join(map(shown, value.items)), [separator, value])


PLAIN_METHODS: dict[str, Callable[[str], str]] = {
    "strip": str.strip,
    "lstrip": str.lstrip,
    "rstrip": str.rstrip,
}
"""Methods without arguments that keep a document the same document."""


def _by_key(value: Value) -> dict[str, Value]:
    if not isinstance(value, Entries):
        return {}
    return {key.text: entry for key, entry in value.entries if isinstance(key, Text)}


def _flat(values: Sequence[Value]) -> list[Text]:
    texts = []
    for value in values:
        if isinstance(value, Text):
            texts.append(value)
        elif isinstance(value, Items):
            texts += _flat(value.items)
        elif isinstance(value, Entries):
            texts += _flat([part for entry in value.entries for part in entry])
    return texts
