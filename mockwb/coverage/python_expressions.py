"""Evaluates Python expressions as far as texts go: each way an expression can come out.

`python_reader` supplies names and calls; here are operators, methods of texts and displays.
"""

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from mockwb.coverage.documents import OPERATION_START
from mockwb.coverage.python_texts import (
    PLAIN_METHODS,
    Entries,
    Items,
    Journal,
    Text,
    Value,
    formatted,
    joined,
    percent,
    replaced,
    shown,
)
from mockwb.coverage.python_worlds import World

Outcome = tuple[Value, World]

PASS_THROUGH = {"gql", "gql_compat", "print_ast", "dedent", "str"}
"""Functions that answer the document they are given, in another shape or with less in it."""
_OF_A_DOCUMENT = {"loc", "source", "body"}
"""Attributes by which code gets from a parsed document back to its text."""


class Scope(Protocol):
    """What the names mean where an expression stands."""

    path: str
    journal: Journal

    def values_of(self, node: ast.Name | ast.Attribute, world: World) -> Iterator[Value]:
        """What a name or attribute can be."""

    def results_of(
        self, call: ast.Call, given: Sequence[Value], named: dict[str, Value]
    ) -> Iterator[Value] | None:
        """What a call of a function of the package can answer; None if it is of no interest."""


def outcomes(node: ast.expr, world: World, scope: Scope) -> Iterator[Outcome]:
    """Every value that an expression can have in a world."""
    return _WAYS.get(type(node), _unknown)(node, world, scope)


def together(
    nodes: Sequence[ast.expr], world: World, scope: Scope
) -> Iterator[tuple[list[Value], World]]:
    """Every combination of values of expressions that are evaluated one after the other."""
    if not nodes:
        yield [], world
        return
    for value, after in outcomes(nodes[0], world, scope):
        for rest, last in together(nodes[1:], after, scope):
            yield [value, *rest], last


def _unknown(node: ast.expr, world: World, scope: Scope) -> Iterator[Outcome]:
    """Of no known value; but its parts may hold texts and calls."""
    children = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    for _, after in together(children, world, scope):
        yield None, after


def _left_alone(_node: ast.expr, world: World, _scope: Scope) -> Iterator[Outcome]:
    yield None, world


def _constant(node: ast.Constant, world: World, scope: Scope) -> Iterator[Outcome]:
    if not isinstance(node.value, str):
        yield None, world
        return
    starts = OPERATION_START.match(node.value) is not None
    origins = frozenset([(scope.path, node.lineno)] if starts else [])
    yield scope.journal.see(Text(node.value, origins)), world


def _inside(
    node: ast.FormattedValue | ast.Await | ast.Starred, world: World, scope: Scope
) -> Iterator[Outcome]:
    return outcomes(node.value, world, scope)


def _operation(node: ast.BinOp, world: World, scope: Scope) -> Iterator[Outcome]:
    for (one, two), after in together([node.left, node.right], world, scope):
        yield _operated(node.op, one, two, scope.journal), after


def _choice(node: ast.IfExp, world: World, scope: Scope) -> Iterator[Outcome]:
    for way, chosen in world.choose(node.test):
        yield from outcomes(node.body if way else node.orelse, chosen, scope)


def _either(node: ast.BoolOp, world: World, scope: Scope) -> Iterator[Outcome]:
    for part in node.values:
        yield from outcomes(part, world, scope)


def _walrus(node: ast.NamedExpr, world: World, scope: Scope) -> Iterator[Outcome]:
    for value, after in outcomes(node.value, world, scope):
        yield value, after.bind(node.target.id, value)


def _items(node: ast.List | ast.Tuple | ast.Set, world: World, scope: Scope) -> Iterator[Outcome]:
    for values, after in together(node.elts, world, scope):
        yield Items(tuple(values)), after


def _entries(node: ast.Dict, world: World, scope: Scope) -> Iterator[Outcome]:
    keys = [key for key in node.keys if key is not None]
    if len(keys) < len(node.values):  # `**other`
        yield from _unknown(node, world, scope)
        return
    for values, after in together([*keys, *node.values], world, scope):
        pairs = zip(values[: len(keys)], values[len(keys) :], strict=True)
        yield Entries(tuple(pairs)), after


def _subscript(node: ast.Subscript, world: World, scope: Scope) -> Iterator[Outcome]:
    for (value, key), after in together([node.value, node.slice], world, scope):
        for item in _picked(value, key, node.slice):
            yield item, after


def _name(node: ast.Name, world: World, scope: Scope) -> Iterator[Outcome]:
    for value in scope.values_of(node, world):
        yield value, world


def _f_string(node: ast.JoinedStr, world: World, scope: Scope) -> Iterator[Outcome]:
    filled = [part for part in node.values if isinstance(part, ast.FormattedValue)]
    for values, after in together(filled, world, scope):
        queue = list(values)
        pieces = [
            str(part.value) if isinstance(part, ast.Constant) else shown(queue.pop(0))
            for part in node.values
        ]
        text = "".join(pieces)
        made = scope.journal.compose(text, values)
        if OPERATION_START.match(text):
            made = scope.journal.see(Text(text, made.origins | {(scope.path, node.lineno)}))
        yield made, after


def _operated(operator: ast.operator, one: Value, two: Value, journal: Journal) -> Value:
    match operator, one, two:
        case ast.Mod(), Text(), _:
            return percent(journal, one, two)
        case ast.Add(), Items(), Items():
            return Items(one.items + two.items)
        case (ast.Add(), Text(), _) | (ast.Add(), _, Text()):
            return journal.compose(shown(one) + shown(two), [one, two])
    return None


def _picked(value: Value, key: Value, index: ast.expr) -> list[Value]:
    """The items that `value[key]` can be."""
    if isinstance(value, Entries):
        of_key = [item for known, item in value.entries if known == key]
        return of_key or [item for _, item in value.entries]
    if isinstance(value, Items) and isinstance(index, ast.Constant):
        number = index.value
        if isinstance(number, int) and number < len(value.items):
            return [value.items[number]]
    return list(value.items) if isinstance(value, Items) and value.items else [None]


def _comprehension(
    node: ast.ListComp | ast.GeneratorExp, world: World, scope: Scope
) -> Iterator[Outcome]:
    """Over a list that is written out, with a plain name and no condition; else unknown."""
    loop = node.generators[0]
    target = loop.target
    for value, after in outcomes(loop.iter, world, scope):
        plain = isinstance(target, ast.Name) and not loop.ifs and len(node.generators) == 1
        if isinstance(value, Items) and isinstance(target, ast.Name) and plain:
            inner = [after.bind(target.id, item) for item in value.items]
            made = [next(outcomes(node.elt, each, scope))[0] for each in inner]
            yield Items(tuple(made)), after
        else:
            yield None, after


def _attribute(node: ast.Attribute, world: World, scope: Scope) -> Iterator[Outcome]:
    if node.attr in _OF_A_DOCUMENT:
        yield from outcomes(node.value, world, scope)
        return
    for _, after in outcomes(node.value, world, scope):
        for value in scope.values_of(node, after):
            yield value, after


def _call(node: ast.Call, world: World, scope: Scope) -> Iterator[Outcome]:
    callee = node.func
    subject = callee.value if isinstance(callee, ast.Attribute) else None
    name = callee.attr if isinstance(callee, ast.Attribute) else getattr(callee, "id", "")
    nodes = [*node.args, *(keyword.value for keyword in node.keywords)]
    if subject is not None:
        nodes.insert(0, subject)
    for values, after in together(nodes, world, scope):
        of = values.pop(0) if subject is not None else None
        given = values[: len(node.args)]
        rest = values[len(node.args) :]
        named = {k.arg: v for k, v in zip(node.keywords, rest, strict=True) if k.arg}
        if isinstance(of, Text):
            yield _method(name, of, given, named, scope.journal), after
        elif name in PASS_THROUGH:
            if name.startswith("gql"):
                scope.journal.hand_on(given[:1])
            yield (given[0] if given else None), after
        else:
            results = scope.results_of(node, given, named)
            if results is None:
                scope.journal.hand_on([*given, *named.values()])
                results = iter([None])
            for result in results:
                yield result, after


def _method(
    name: str, of: Text, given: Sequence[Value], named: dict[str, Value], journal: Journal
) -> Value:
    match name:
        case "format":
            return formatted(journal, of, given, named)
        case "replace":
            return replaced(journal, of, given)
        case "join":
            return joined(journal, of, given[0] if given else None)
        case _ if name in PLAIN_METHODS and not given:
            return journal.compose(PLAIN_METHODS[name](of.text), [of])
    journal.hand_on([of])
    return None


_WAYS: dict[type[ast.expr], Callable[[Any, World, Scope], Iterator[Outcome]]] = {
    ast.Attribute: _attribute,
    ast.Await: _inside,
    ast.BinOp: _operation,
    ast.BoolOp: _either,
    ast.Call: _call,
    ast.Constant: _constant,
    ast.Dict: _entries,
    ast.DictComp: _left_alone,
    ast.FormattedValue: _inside,
    ast.GeneratorExp: _comprehension,
    ast.IfExp: _choice,
    ast.JoinedStr: _f_string,
    ast.Lambda: _left_alone,
    ast.List: _items,
    ast.ListComp: _comprehension,
    ast.Name: _name,
    ast.NamedExpr: _walrus,
    ast.Set: _items,
    ast.SetComp: _left_alone,
    ast.Starred: _inside,
    ast.Subscript: _subscript,
    ast.Tuple: _items,
}
