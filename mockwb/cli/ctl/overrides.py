"""`mockwb ctl override` and `unset-override`: other limits for some keys of a scope."""

import click

from mockwb.cli.ctl.api import ControlApi
from mockwb.cli.ctl.rules import print_in_force
from mockwb.cli.limit_words import LimitWordsError, read_limits
from mockwb.limits.scopes import SCOPE_NAMES

_SCOPE = click.argument("scope", type=click.Choice(SCOPE_NAMES))
_MATCH = click.argument("match", metavar="GLOB")


@click.command()
@_SCOPE
@_MATCH
@click.argument("limits", metavar="NAME=RATES...", nargs=-1, required=True)
@click.pass_obj
def override(api: ControlApi, scope: str, match: str, limits: tuple[str, ...]) -> None:
    """Set other limits for some keys.

    Such as project 'team/*' requests=600/1m for all projects of a team.

    An override with that GLOB is replaced where it stands; a new one comes before all others.
    Limits that it does not name are as they are in general.
    """
    try:
        section = read_limits(limits, scope)
    except LimitWordsError as error:
        raise click.UsageError(str(error)) from error
    body = {"scope": scope, "match": match, **section[scope]}
    print_in_force(api, api.call("PUT", "limits/overrides", body=body))


@click.command("unset-override")
@_SCOPE
@_MATCH
@click.pass_obj
def unset_override(api: ControlApi, scope: str, match: str) -> None:
    """Remove an override: the one with exactly that GLOB."""
    query = {"scope": scope, "match": match}
    print_in_force(api, api.call("DELETE", "limits/overrides", query=query))
