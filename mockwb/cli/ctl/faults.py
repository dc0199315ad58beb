"""`mockwb ctl fault`: what befalls requests on command; `add` has a command for each kind."""

from collections.abc import Iterator
from typing import Any

import click
import msgspec
from msgspec import inspect

from mockwb.cli.ctl.api import ControlApi
from mockwb.cli.ctl.json_option import json_option
from mockwb.cli.table import print_table
from mockwb.config.field_notes import field_notes
from mockwb.config.plain import plain
from mockwb.faults.kinds.kind import FaultKind
from mockwb.faults.kinds.registry import KINDS
from mockwb.faults.match import Match
from mockwb.faults.profiles import profile_names, profile_summary
from mockwb.faults.when import When


class _Shown(msgspec.Struct):
    """One fault, as the server tells of it."""

    name: str
    kind: str
    rule: dict[str, Any]
    matched: int
    acted: int


class _InForce(msgspec.Struct):
    faults: list[_Shown]


@click.group()
def fault() -> None:
    """Make requests fail, on command.

    Faults act from the next request on, after the key is checked and before the limits.
    """


@fault.command("list")
@json_option
@click.pass_obj
def list_faults(api: ControlApi, as_json: bool) -> None:
    """Show the faults in force, and how many requests they matched and struck."""
    answer = api.call("GET", "faults")
    if as_json:
        click.echo(answer)
        return
    _print(api, answer)


@fault.command()
@click.argument("name", required=False)
@click.option("--all", "every", is_flag=True, help="Remove all of them.")
@click.pass_obj
def remove(api: ControlApi, name: str | None, every: bool) -> None:
    """Remove one fault, or all."""
    if (name is None) != every:
        raise click.UsageError("expected the NAME of a fault, or --all")
    _print(api, api.call("DELETE", "faults", query={"name": name}))


@fault.command(
    help="Put the faults of a profile in force, and no others.\n\n\b\n"
    + "\n".join(f"{name:14} {profile_summary(name)}" for name in profile_names())
)
@click.argument("name")
@click.pass_obj
def profile(api: ControlApi, name: str) -> None:
    """Take a profile; see the decorator's help."""
    _print(api, api.call("PUT", "faults/profile", body={"profile": name}))


@fault.group()
def add() -> None:
    """Add a fault of some kind."""


def _adding(name: str, kind: type[FaultKind]) -> click.Command:
    """`mockwb ctl fault add NAME`, with an option for every setting of the kind."""
    parts = {"what": kind, "match": Match, "when": When}
    options: list[click.Parameter] = [
        click.Option(["--name"], help=f"What to call it.  [default: {name}]")
    ]
    where: dict[str, tuple[str, str]] = {}
    for part, struct in parts.items():
        info = inspect.type_info(struct)
        assert isinstance(info, inspect.StructType)
        notes = field_notes(struct)
        for field in info.fields:
            variable = f"{part}_{field.name}"
            flag = f"--{field.encode_name.replace('_', '-')}"
            options.append(_option([flag, variable], field, notes.get(field.name, "")))
            where[variable] = part, field.encode_name

    def run(**given: Any) -> None:
        rule: dict[str, Any] = {"name": given.pop("name"), "what": {"kind": name}}
        for variable, value in given.items():
            if value is not None:
                part, setting = where[variable]
                rule.setdefault(part, {})[setting] = value
        api = click.get_current_context().find_object(ControlApi)
        assert api is not None
        added = api.read(api.call("POST", "faults", body=rule), _Shown)
        click.echo(f"fault {added.name} is in force")

    return click.Command(name, callback=run, params=options, help=kind.__doc__)


def _option(names: list[str], field: inspect.Field, note: str) -> click.Option:
    """The option for one setting; what it leaves open the server checks."""
    types = field.type.types if isinstance(field.type, inspect.UnionType) else (field.type,)
    (kind, *_) = [option for option in types if not isinstance(option, inspect.NoneType)]
    default = "" if field.default in (None, msgspec.NODEFAULT) else f"[default: {field.default}]"
    shown = "  ".join(filter(None, (note, default)))
    match kind:
        case inspect.BoolType():
            return click.Option(names, is_flag=True, default=None, help=note)
        case inspect.LiteralType():
            choices = click.Choice([str(value) for value in kind.values])
            return click.Option(names, type=choices, help=shown)
        case inspect.IntType():
            return click.Option(names, type=int, help=shown)
        case inspect.FloatType():
            return click.Option(names, type=float, help=shown)
        case inspect.CustomType():
            return click.Option(names, metavar=kind.cls.__name__.upper(), help=shown)
    return click.Option(names, metavar="TEXT", help=shown)


for _name, _kind in KINDS.items():
    add.add_command(_adding(_name, _kind))


def _print(api: ControlApi, answer: bytes) -> None:
    shown = api.read(answer, _InForce).faults
    if not shown:
        click.echo("no faults are in force", err=True)
        return
    columns = ["fault", "kind", "match", "when", "what", "matched", "acted"]
    rows = [
        [each.name, each.kind, *_settings(each), f"{each.matched:,}", f"{each.acted:,}"]
        for each in shown
    ]
    print_table(columns, rows, right=columns[5:])


def _settings(shown: _Shown) -> Iterator[str]:
    """What differs from the defaults of match, when and what; `-` where nothing does."""
    for part, struct in (("match", Match), ("when", When), ("what", KINDS.get(shown.kind))):
        defaults = {} if struct is None else plain(struct())
        given = shown.rule.get(part, {}).items()
        words = [f"{name}={value}" for name, value in given if defaults.get(name) != value]
        yield " ".join(words) or "-"
