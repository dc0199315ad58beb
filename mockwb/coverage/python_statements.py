"""Follows Python statements from world to world: both ways of a branch, loops over what is known.

`python_reader` starts it on a function, a class or a module, and answers what is asked of others.
"""

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

from mockwb.coverage.python_expressions import outcomes, together
from mockwb.coverage.python_modules import Function, Module
from mockwb.coverage.python_texts import Items, Value
from mockwb.coverage.python_worlds import World, merged

if TYPE_CHECKING:
    from mockwb.coverage.python_reader import Reader

_MOST_WORLDS = 1024
"""Followed at a time. The SDK's releases so far stay below; 128 texts of CreateArtifact lead."""


class Body:
    """The statements of one function, class or module, and what names mean there."""

    def __init__(self, reader: "Reader", module: Module, class_: ast.ClassDef | None) -> None:
        self.path = module.path
        self.journal = reader.journal
        self.returned: dict[Value, None] = {}
        self._reader = reader
        self._module = module
        self._class = class_

    def run(self, statements: Iterable[ast.stmt], worlds: list[World]) -> list[World]:
        """The worlds after the statements, from those before; none where it ends for good."""
        for statement in statements:
            worlds = merged(w for world in worlds for w in self._statement(statement, world))
            if len(worlds) > _MOST_WORLDS:
                self.journal.cut.add((self.path, statement.lineno))
                del worlds[_MOST_WORLDS:]
        return worlds

    def values_of(self, node: ast.Name | ast.Attribute, world: World) -> Iterator[Value]:
        """What a name or attribute can be."""
        if isinstance(node, ast.Name):
            if node.id in world.names:
                yield world.names[node.id]
                return
            name = node.id
        else:
            dotted = ast.unparse(node)
            if dotted in world.names:
                yield world.names[dotted]
                return
            name = node.attr
        found: list[Value] = []
        if isinstance(node, ast.Attribute) and self._class is not None:
            found = self._reader.constants(self._module, self._class).get(name, [])
        if not found and (isinstance(node, ast.Name) or not _of_self(node)):
            found = self._reader.named(name, self._module) if name.upper() == name else []
            found = found or self._reader.constants(self._module, None).get(name, [])
        yield from found or [None]

    def results_of(
        self, call: ast.Call, given: Sequence[Value], named: dict[str, Value]
    ) -> Iterator[Value] | None:
        """What a call of a function of the package can answer; None if it is of no interest."""
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        found = self._reader.modules.functions(name, self._module) if name else []
        if len(found) != 1 or not self._reader.follows(*found[0]):
            return None
        return iter(self._reader.call(*found[0], given, named))

    def _statement(self, statement: ast.stmt, world: World) -> Iterator[World]:
        way = _WAYS.get(type(statement))
        return iter([world]) if way is None else way(self, statement, world)

    def assign(self, statement: ast.Assign, world: World) -> Iterator[World]:
        """`name = value`, with any number of targets."""
        for value, after in outcomes(statement.value, world, self):
            yield reduce(lambda w, target: _bound(target, value, w), statement.targets, after)

    def annotated(self, statement: ast.AnnAssign, world: World) -> Iterator[World]:
        """`name: type = value`."""
        if statement.value is None:
            yield world
            return
        for value, after in outcomes(statement.value, world, self):
            yield _bound(statement.target, value, after)

    def augmented(self, statement: ast.AugAssign, world: World) -> Iterator[World]:
        """`name += value`."""
        if not isinstance(statement.target, ast.Name):
            yield world
            return
        before = ast.Name(statement.target.id, ast.Load())
        sum_ = ast.copy_location(ast.BinOp(before, statement.op, statement.value), statement)
        for value, after in outcomes(sum_, world, self):
            yield after.bind(statement.target.id, value)

    def returning(self, statement: ast.Return, world: World) -> Iterator[World]:
        """`return value`: no world goes on."""
        for value, _ in outcomes(statement.value, world, self) if statement.value else ():
            self.returned[value] = None
        return iter(())

    def raising(self, _statement: ast.Raise, _world: World) -> Iterator[World]:
        """`raise`: no world goes on."""
        return iter(())

    def branch(self, statement: ast.If, world: World) -> Iterator[World]:
        """`if`: both ways, or the one that an equal condition has come out before."""
        for _, tested in outcomes(statement.test, world, self):
            for way, chosen in tested.choose(statement.test):
                yield from self.run(statement.body if way else statement.orelse, [chosen])

    def loop(self, statement: ast.For, world: World) -> Iterator[World]:
        """`for`: over a list that is written out; else not at all, or once."""
        for items, after in outcomes(statement.iter, world, self):
            if isinstance(items, Items):
                worlds = [after]
                for item in items.items:
                    worlds = [_bound(statement.target, item, w) for w in worlds]
                    worlds = self.run(statement.body, worlds)
            else:
                once = self.run(statement.body, [_bound(statement.target, None, after)])
                worlds = [after, *once]
            yield from self.run(statement.orelse, worlds)

    def repeat(self, statement: ast.While, world: World) -> Iterator[World]:
        """`while`: not at all, or once."""
        yield from self.run(statement.orelse, [world, *self.run(statement.body, [world])])

    def attempt(self, statement: ast.Try, world: World) -> Iterator[World]:
        """`try`: all goes well, or a handler takes over from the start."""
        ends = self.run(statement.orelse, self.run(statement.body, [world]))
        for handler in statement.handlers:
            ends += self.run(handler.body, [world])
        yield from self.run(statement.finalbody, ends)

    def within(self, statement: ast.With | ast.AsyncWith, world: World) -> Iterator[World]:
        """`with`: its body, the name after `as` unknown."""
        for _, after in together([i.context_expr for i in statement.items], world, self):
            yield from self.run(statement.body, [after])

    def expression(self, statement: ast.Expr, world: World) -> Iterator[World]:
        """A call, mostly."""
        if isinstance(statement.value, ast.Call) and self._changing(statement.value) is not None:
            yield from self._inline(statement.value, world)
            return
        for _, after in outcomes(statement.value, world, self):
            yield after

    def _changing(self, call: ast.Call) -> Function | None:
        """The nested function that a call runs, if it changes names of the function around it."""
        name = getattr(call.func, "id", "")
        for function in self._module.functions:
            if function.name == name and isinstance(function.body[0], ast.Nonlocal):
                return function
        return None

    def _inline(self, call: ast.Call, world: World) -> Iterator[World]:
        """As if the statements of a nested function stood in place of its call."""
        function = self._changing(call)
        if function is None:
            return
        for values, after in together(call.args, world, self):
            pairs = zip(function.args.args, values, strict=False)
            bound = reduce(lambda w, pair: w.bind(pair[0].arg, pair[1]), pairs, after)
            yield from self.run(function.body, [bound])


def _of_self(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def _bound(target: ast.expr, value: Value, world: World) -> World:
    if isinstance(target, ast.Tuple | ast.List):
        items = value.items if isinstance(value, Items) else ()
        known = len(items) == len(target.elts)
        for number, part in enumerate(target.elts):
            world = _bound(part, items[number] if known else None, world)
        return world
    if isinstance(target, ast.Name):
        return world.bind(target.id, value)
    if isinstance(target, ast.Attribute):
        return world.bind(ast.unparse(target), value)
    return world


_WAYS: dict[type[ast.stmt], Callable[[Body, Any, World], Iterator[World]]] = {
    ast.AnnAssign: Body.annotated,
    ast.Assign: Body.assign,
    ast.AsyncWith: Body.within,
    ast.AugAssign: Body.augmented,
    ast.Expr: Body.expression,
    ast.For: Body.loop,
    ast.If: Body.branch,
    ast.Raise: Body.raising,
    ast.Return: Body.returning,
    ast.Try: Body.attempt,
    ast.While: Body.repeat,
    ast.With: Body.within,
}
"""The others, such as imports and definitions, change no text."""
