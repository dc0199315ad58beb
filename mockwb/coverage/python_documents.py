"""Documents in Python sources: written out, or composed of templates, fragments and branches."""

import ast
from collections.abc import Iterator

from mockwb.coverage.documents import OPERATION_START, Document, Unreadable, beginning, read
from mockwb.coverage.python_modules import Module, Modules
from mockwb.coverage.python_reader import Reader
from mockwb.coverage.python_texts import HOLE, Journal, Origin, Text


def documents_in(sources: dict[str, bytes]) -> Iterator[Document | Unreadable]:
    """Every document of a package's sources, by path; each text once per file.

    A text is left out if it is only a step on the way to another that is a document, such as a
    template before its placeholders are filled.
    """
    modules = Modules(sources)
    journal = Journal()
    reader = Reader(modules, journal)
    for module in modules.with_graphql():
        reader.read(module)
    found = {text: read(text.text, _path(text)) for text in journal.seen if HOLE not in text.text}
    steps = _steps(journal, {t for t, one in found.items() if isinstance(one, Document)})
    read_origins: set[Origin] = set()
    for text, one in found.items():
        if isinstance(one, Document):
            read_origins |= text.origins
            if text in journal.handed_on or text not in steps:
                yield one
    yield from _unread(journal, found, read_origins)
    for module in modules.with_graphql():
        yield from _not_reached(module, read_origins)
    yield from modules.unreadable


def _path(text: Text) -> str:
    return min(text.origins)[0]


def _steps(journal: Journal, documents: set[Text]) -> set[Text]:
    """The texts that something in `documents` is made of."""
    sources: dict[Text, set[Text]] = {}
    for part, wholes in journal.made_into.items():
        for whole in wholes:
            sources.setdefault(whole, set()).add(part)
    steps: set[Text] = set()
    open_ = list(documents)
    while open_:
        for part in sources.get(open_.pop(), ()):
            if part not in steps:
                steps.add(part)
                open_.append(part)
    return steps


def _unread(
    journal: Journal, found: dict[Text, Document | Unreadable], read_origins: set[Origin]
) -> Iterator[Unreadable]:
    """A complaint for each literal that starts an operation and is in no document."""
    for text in journal.seen:
        missed = text.origins - read_origins
        if missed:
            read_origins |= missed
            one = found.get(text)
            reason = one.reason if isinstance(one, Unreadable) else "composed while it runs"
            yield Unreadable(_place(min(missed)), beginning(text.text), reason)
    for origin in sorted(journal.cut):
        yield Unreadable(_place(origin), "(branches)", "too many ways to go; some were left out")


def _not_reached(module: Module, known: set[Origin]) -> Iterator[Unreadable]:
    """A complaint for each literal that starts an operation in code that was not followed."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        origin = (module.path, node.lineno)
        if OPERATION_START.match(node.value) and origin not in known:
            yield Unreadable(_place(origin), beginning(node.value), "in code that is not followed")


def _place(origin: Origin) -> str:
    path, line = origin
    return f"{path}:{line}"
