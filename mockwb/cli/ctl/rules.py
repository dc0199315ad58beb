"""`mockwb ctl rules` and `set`: the limits in force, and changing some of them."""

from typing import Any

import click
import msgspec
import yaml

from mockwb.cli.ctl.api import ControlApi
from mockwb.cli.ctl.json_option import json_option
from mockwb.cli.limit_words import LIMIT_NAMES, LimitWordsError, limit_lines, read_limits
from mockwb.limits.rules import LimitRules
from mockwb.yaml_file import Document, FileError, decode


class _InForce(msgspec.Struct):
    plan: str
    limits: dict[str, Any]


@click.command()
@json_option
@click.pass_obj
def rules(api: ControlApi, as_json: bool) -> None:
    """Print the limits in force, as YAML.

    Saved in a file, it is a plan: mockwb serve --plan FILE.yaml, mockwb ctl plan FILE.yaml
    """
    answer = api.call("GET", "limits/rules")
    if as_json:
        click.echo(answer)
        return
    in_force = api.read(answer, _InForce)
    section = {"limits": _without_nulls(in_force.limits)}
    click.echo(f"# Plan {in_force.plan}, with what has been changed since.")
    click.echo(yaml.safe_dump(section, sort_keys=False), nl=False)


@click.command("set", help=f"Change limits.\n\nThere are {LIMIT_NAMES}.")
@click.argument("limits", metavar="SCOPE.NAME=RATES...", nargs=-1, required=True)
@click.pass_obj
def set_limits(api: ControlApi, limits: tuple[str, ...]) -> None:
    """Change limits; see the decorator's help."""
    try:
        section = read_limits(limits)
    except LimitWordsError as error:
        raise click.UsageError(str(error)) from error
    print_in_force(api, api.call("PATCH", "limits/rules", body=section))


def print_in_force(api: ControlApi, answer: bytes) -> None:
    """Say what a change has led to; `answer` is that of a call that changes limits."""
    in_force = api.read(answer, _InForce)
    try:
        lines = limit_lines(decode(Document(api.url, in_force.limits, {}), LimitRules))
    except FileError as error:
        raise click.ClickException(f"the server speaks of other limits: {error}") from error
    click.echo(f"plan {in_force.plan}{'' if lines else ': nothing is limited'}")
    for line in lines:
        click.echo(f"  {line}")


def _without_nulls(value: Any) -> Any:
    """What is null says nothing: unlimited, or as in general."""
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_without_nulls(one) for one in value]
    return value
