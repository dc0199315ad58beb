"""Reads a package's modules, classes and functions for the texts that they compose.

Calls of the package's own functions that have to do with GraphQL are followed, so that a template
that a helper fills in comes out whole. `python_documents` calls it, `python_statements` does the
work.
"""

import ast
from collections.abc import Sequence

from mockwb.coverage.documents import OPERATION_START
from mockwb.coverage.python_expressions import outcomes
from mockwb.coverage.python_modules import Function, Module, Modules
from mockwb.coverage.python_statements import Body
from mockwb.coverage.python_texts import Journal, Text, Value
from mockwb.coverage.python_worlds import World

_DEEPEST = 6
"""Calls followed inside calls."""
_SMALL = 40
"""Syntax nodes of a function that is followed although it has no GraphQL in it."""


class Reader:
    """Reads a package; what it finds is in its journal."""

    def __init__(self, modules: Modules, journal: Journal) -> None:
        """Read `modules` into `journal`."""
        self.modules = modules
        self.journal = journal
        self._constants: dict[tuple[Module, ast.ClassDef | None], dict[str, list[Value]]] = {}
        self._answers: dict[tuple[Function, frozenset[tuple[str, Value]]], list[Value]] = {}
        self._depth = 0

    def read(self, module: Module) -> None:
        """The module's statements, its classes, and its functions as if called."""
        self.constants(module, None)
        for class_ in module.classes:
            self.constants(module, class_)
        for function in module.functions:
            if self.concerns_graphql(module, function):
                self.answers(module, function, {})
                self.answers(module, function, self._defaults(module, function))

    def constants(self, module: Module, class_: ast.ClassDef | None) -> dict[str, list[Value]]:
        """What the names of a module, or of a class in it, can be at the end."""
        key = (module, class_)
        if key not in self._constants:
            found: dict[str, list[Value]] = {}
            self._constants[key] = found
            body = Body(self, module, class_)
            for world in body.run(class_.body if class_ else module.tree.body, [World()]):
                for name, value in world.names.items():
                    if value is not None and value not in found.setdefault(name, []):
                        found[name].append(value)
        return self._constants[key]

    def named(self, name: str, near: Module) -> list[Value]:
        """What a constant can be: of the module `near`, or else of the package."""
        found = self.constants(near, None).get(name)
        if found:
            return found
        values: dict[Value, None] = {}
        for module in self.modules.assigning(name):
            values |= dict.fromkeys(self.constants(module, None).get(name, ()))
            for class_ in module.classes:
                values |= dict.fromkeys(self.constants(module, class_).get(name, ()))
        return list(values)

    def answers(self, module: Module, function: Function, given: dict[str, Value]) -> list[Value]:
        """What a function can answer when it is given these, and knows nothing of the rest."""
        key = (function, frozenset(given.items()))
        if key not in self._answers:
            self._answers[key] = []  # of a function that calls itself nothing is known
            body = Body(self, module, class_of(module, function))
            self._depth += 1
            body.run(function.body, [World(dict(given))])
            self._depth -= 1
            self._answers[key] = list(body.returned)
        return self._answers[key] or [None]

    def follows(self, module: Module, function: Function) -> bool:
        """Whether a call of this function is looked into."""
        if self._depth >= _DEEPEST:
            return False
        small = sum(1 for _ in ast.walk(function)) <= _SMALL
        return small or self.concerns_graphql(module, function)

    def concerns_graphql(self, module: Module, function: Function) -> bool:
        """Whether a function has a document in it, or names one that its module or class has."""
        for node in ast.walk(function):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if _graphql(Text(node.value)):
                    return True
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "gql":
                return True
            elif isinstance(node, ast.Name | ast.Attribute):
                name = node.id if isinstance(node, ast.Name) else node.attr
                if any(map(_graphql, self.constants(module, None).get(name, ()))):
                    return True
        return False

    def _defaults(self, module: Module, function: Function) -> dict[str, Value]:
        scope = Body(self, module, None)
        arguments = function.args
        positional = [*arguments.posonlyargs, *arguments.args]
        pairs = [
            *zip(reversed(positional), reversed(arguments.defaults), strict=False),
            *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
        ]
        return {
            name.arg: value
            for name, default in pairs
            if default and (value := next(outcomes(default, World(), scope))[0]) is not None
        }

    def call(
        self,
        module: Module,
        function: Function,
        given: Sequence[Value],
        named: dict[str, Value],
    ) -> list[Value]:
        """What a call with these arguments can answer."""
        positional = [*function.args.posonlyargs, *function.args.args]
        if positional and positional[0].arg in ("self", "cls"):
            positional = positional[1:]
        bound = {argument.arg: value for argument, value in zip(positional, given, strict=False)}
        known = {k: v for k, v in {**bound, **named}.items() if v is not None}
        defaults = {
            k: v for k, v in self._defaults(module, function).items() if k not in bound | named
        }
        return self.answers(module, function, {**defaults, **known})


def _graphql(value: Value) -> bool:
    """Whether a value is the start of an operation, or a fragment."""
    if not isinstance(value, Text):
        return False
    return bool(OPERATION_START.match(value.text)) or value.text.lstrip().startswith("fragment ")


def class_of(module: Module, function: Function) -> ast.ClassDef | None:
    """The class that a method belongs to."""
    return next((class_ for class_ in module.classes if function in class_.body), None)
