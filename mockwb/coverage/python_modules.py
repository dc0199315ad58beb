"""The modules of a package as syntax trees, and which definition a name or attribute means."""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from mockwb.coverage.documents import Unreadable

Function = ast.FunctionDef | ast.AsyncFunctionDef
_GRAPHQL = re.compile(rb"\b(?:query|mutation|subscription|fragment)\b[^\n]*[({]|gql\(")
_DEFINITION = re.compile(rb"\bdef (\w+)\(")
_ASSIGNMENT = re.compile(rb"^\s*(\w+)\s*(?::[^=\n]+)?=", re.MULTILINE)


@dataclass(slots=True, eq=False)
class Module:
    """One source file."""

    path: str
    tree: ast.Module
    functions: list[Function] = field(default_factory=list)
    """All of them, methods and nested ones too."""
    classes: list[ast.ClassDef] = field(default_factory=list)


class Modules:
    """The modules of one package, parsed when somebody asks for them."""

    def __init__(self, sources: dict[str, bytes]) -> None:
        """`sources`: content by path."""
        self._sources = sources
        self._parsed: dict[str, Module | None] = {}
        self._defining = _index(_DEFINITION, sources)
        self._assigning = _index(_ASSIGNMENT, sources)
        self.unreadable: list[Unreadable] = []

    def with_graphql(self) -> list[Module]:
        """Those whose source has GraphQL in it, or something like it."""
        paths = [path for path, source in self._sources.items() if _GRAPHQL.search(source)]
        return self._modules(paths)

    def functions(self, name: str, near: Module) -> list[tuple[Module, Function]]:
        """The definitions of a function or method: of the module `near`, or else of any."""
        found = [(near, function) for function in near.functions if function.name == name]
        if found:
            return found
        return [
            (module, function)
            for module in self._modules(self._defining.get(name.encode(), ()))
            for function in module.functions
            if function.name == name
        ]

    def assigning(self, name: str) -> list[Module]:
        """The modules that assign a name at some line's start, or in a class."""
        return self._modules(self._assigning.get(name.encode(), ()))

    def module(self, path: str) -> Module | None:
        """The parsed module at a path; None if it is no Python that this interpreter reads."""
        if path not in self._parsed:
            self._parsed[path] = self._parse(path)
        return self._parsed[path]

    def _modules(self, paths: Iterable[str]) -> list[Module]:
        return [module for path in paths if (module := self.module(path)) is not None]

    def _parse(self, path: str) -> Module | None:
        try:
            tree = ast.parse(self._sources[path])
        except (SyntaxError, ValueError) as error:
            self.unreadable.append(Unreadable(path, "(whole file)", f"no Python: {error}"))
            return None
        module = Module(path, tree)
        for node in ast.walk(tree):
            if isinstance(node, Function):
                module.functions.append(node)
            elif isinstance(node, ast.ClassDef):
                module.classes.append(node)
        return module


def _index(pattern: re.Pattern[bytes], sources: dict[str, bytes]) -> dict[bytes, list[str]]:
    """The paths of the sources in which the pattern finds each name."""
    paths: dict[bytes, list[str]] = {}
    for path, source in sources.items():
        for name in dict.fromkeys(pattern.findall(source)):
            paths.setdefault(name, []).append(path)
    return paths
