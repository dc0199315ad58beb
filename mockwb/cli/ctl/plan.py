"""`mockwb ctl plan`: take the limits of another plan."""

from pathlib import Path

import click

from mockwb.cli.ctl.api import ControlApi
from mockwb.cli.ctl.rules import print_in_force
from mockwb.config.model import ServerConfig
from mockwb.yaml_file import FileError, decode, read_yaml


@click.command()
@click.argument("plan", metavar="NAME|FILE.yaml")
@click.pass_obj
def plan(api: ControlApi, plan: str) -> None:
    """Take the limits of another plan.

    One that comes with mockwb (`mockwb plans` lists them), or a YAML file such as
    `mockwb ctl rules` prints. What it leaves out has its default, which is no limit.
    """
    body: dict[str, object] = {"plan": plan}
    if plan.endswith((".yaml", ".yml")):
        body["limits"] = _limits_of(Path(plan))
    print_in_force(api, api.call("PUT", "limits/plan", body=body))


def _limits_of(file: Path) -> object:
    try:
        document = read_yaml(file)
        decode(document, ServerConfig)
    except FileError as error:
        raise click.UsageError(str(error)) from error
    settings = document.data if isinstance(document.data, dict) else {}
    if "limits" not in settings:
        raise click.UsageError(f"{file}: expected a `limits` section, found none")
    others = [key for key in settings if key != "limits"]
    if others:
        click.echo(f"{file}: only its limits are taken, not {', '.join(others)}", err=True)
    return settings["limits"]
