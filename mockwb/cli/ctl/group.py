"""The `ctl` group: which server, and the commands."""

import click

from mockwb.cli.ctl.api import ControlApi
from mockwb.cli.ctl.clients import clients
from mockwb.cli.ctl.faults import fault
from mockwb.cli.ctl.freeze import freeze, release
from mockwb.cli.ctl.journal import journal
from mockwb.cli.ctl.overrides import override, unset_override
from mockwb.cli.ctl.plan import plan
from mockwb.cli.ctl.rules import rules, set_limits
from mockwb.cli.ctl.windows import limits, reset


@click.group()
@click.option(
    "--url",
    envvar="WANDB_BASE_URL",
    default="http://127.0.0.1:8080",
    show_default="WANDB_BASE_URL, else http://127.0.0.1:8080",
    help="The server.",
)
@click.option(
    "--admin-token",
    metavar="TEXT",
    envvar="MOCKWB_CONTROL__ADMIN_TOKEN",
    show_default="MOCKWB_CONTROL__ADMIN_TOKEN",
    help="What it was started with, if it was.",
)
@click.pass_context
def ctl(context: click.Context, url: str, admin_token: str | None) -> None:
    """Look at a running server, change its limits, and make it fail.

    Changes take effect with the next request; what counts against the limits carries over.
    """
    context.obj = ControlApi(url, admin_token)


for command in (
    limits,
    rules,
    set_limits,
    plan,
    override,
    unset_override,
    reset,
    freeze,
    release,
    clients,
    fault,
    journal,
):
    ctl.add_command(command)
