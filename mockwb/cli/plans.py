"""`mockwb plans`: the limits that come with mockwb, listed, and printed to copy and edit."""

import click

from mockwb.cli.table import print_table
from mockwb.limits.plans import UnknownPlanError, plan_names, plan_summary, plan_text


@click.group(invoke_without_command=True)
@click.pass_context
def plans(context: click.Context) -> None:
    """List the plans: ready-made limits for `mockwb serve --plan`.

    To change one: mockwb plans show cloud-free > mine.yaml, edit it, then
    mockwb serve --plan ./mine.yaml
    """
    if context.invoked_subcommand is None:
        print_table(["plan", "what it is"], [[name, plan_summary(name)] for name in plan_names()])


@plans.command()
@click.argument("name")
def show(name: str) -> None:
    """Print the YAML of a plan, exactly as its file is."""
    try:
        text = plan_text(name)
    except UnknownPlanError as error:
        raise click.UsageError(str(error)) from error
    click.echo(text, nl=False)
