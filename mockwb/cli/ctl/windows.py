"""`mockwb ctl limits` and `reset`: how full the windows are, and emptying them."""

import click

from mockwb.cli.ctl.api import ControlApi
from mockwb.cli.ctl.json_option import json_option
from mockwb.cli.table import print_table
from mockwb.control.freeze import FreezeState
from mockwb.control.limit_reset import EmptiedWindows
from mockwb.control.limits import Windows, WindowState
from mockwb.limits.scopes import SCOPE_NAMES, SCOPES
from mockwb.units import format_duration, format_size

_UNITS = {(scope.name, scope.limit): scope.unit for scope in SCOPES}
_SCOPE = click.option("--scope", type=click.Choice(SCOPE_NAMES), help="Those of one scope.")
_KEY = click.option("--key", metavar="GLOB", help="Those that belong to it, such as 'team/*'.")


@click.command()
@_SCOPE
@_KEY
@json_option
@click.pass_obj
def limits(api: ControlApi, scope: str | None, key: str | None, as_json: bool) -> None:
    """Show how full every window is.

    Those of keys that have been quiet for long are left out; their windows are empty.
    """
    answer = api.call("GET", "limits", query={"scope": scope, "key": key})
    if as_json:
        click.echo(answer)
        return
    if api.ask("freeze", FreezeState).frozen:
        click.echo("frozen: every request is refused; `mockwb ctl release` ends it", err=True)
    windows = api.read(answer, Windows).windows
    if not windows:
        click.echo("no window that matches is in use", err=True)
        return
    columns = ["limit", "key", "allows", "used", "remaining", "empty in"]
    print_table(columns, [_row(window) for window in windows], right=columns[3:])


@click.command()
@_SCOPE
@_KEY
@click.pass_obj
def reset(api: ControlApi, scope: str | None, key: str | None) -> None:
    """Empty windows: all, or those chosen."""
    answer = api.call("POST", "limits/reset", body={"scope": scope, "key": key})
    count = api.read(answer, EmptiedWindows).windows
    click.echo(f"{count} window{'' if count == 1 else 's'} emptied")


def _row(window: WindowState) -> list[str]:
    name = f"{window.scope}.{window.limit}"
    unit = _UNITS.get((window.scope, window.limit), "")
    allows = f"{_amount(window.amount, unit)}/{format_duration(window.window_seconds)}"
    return [
        name,
        window.key,
        allows if window.kind == "rolling" else f"{allows} {window.kind}",
        _amount(window.used, unit),
        _amount(window.remaining, unit),
        format_duration(round(window.reset_seconds, 1)),
    ]


def _amount(amount: int, unit: str) -> str:
    if unit == "B":
        return format_size(amount)
    return format_duration(amount / 1000) if unit == "ms" else str(amount)
