"""`mockwb ctl clients`: how each client took being refused."""

import click

from mockwb.cli.ctl.api import ControlApi
from mockwb.cli.ctl.json_option import json_option
from mockwb.cli.table import print_table
from mockwb.client_account import ClientAccount, ClientAccounts
from mockwb.units import format_duration, format_size

_NUMBERS = ("sent", "429", "retries", "early", "at 0", "waited", "told", "resent")
_COLUMNS = ("client", "endpoint", *_NUMBERS, "backoff")


@click.command()
@click.option("--project", metavar="GLOB", help="Those of projects, such as 'team/*'.")
@click.option("--run", metavar="GLOB", help="Those of runs, by name.")
@json_option
@click.pass_obj
def clients(api: ControlApi, project: str | None, run: str | None, as_json: bool) -> None:
    """Show whether each client waited as told.

    \b
    sent     requests
    early    retries before the advised time had passed
    at 0     requests while nothing remained
    waited   median time before a retry
    told     median time that the answers before retries advised
    resent   bytes of retries
    backoff  median time before the 1st, 2nd, ... retry of a request
    """
    answer = api.call("GET", "clients", query={"project": project, "run": run})
    if as_json:
        click.echo(answer)
        return
    accounts: ClientAccounts = api.read(answer, ClientAccounts)
    if accounts.forgotten_clients:
        click.echo(f"{accounts.forgotten_clients:,} clients are forgotten", err=True)
    if not accounts.clients:
        click.echo("no client that matches has been seen", err=True)
        return
    print_table(_COLUMNS, [_row(client) for client in accounts.clients], right=_NUMBERS)


def _row(client: ClientAccount) -> list[str]:
    return [
        f"{_name(client)} ({_agent(client)})",
        client.endpoint,
        f"{client.requests:,}",
        f"{client.refused:,}",
        f"{client.retries:,}",
        f"{client.premature_retries:,}",
        f"{client.requests_while_remaining_zero:,}",
        _seconds(client.median_wait),
        _seconds(client.median_advised),
        format_size(client.bytes_resent),
        ", ".join(_seconds(step.median_wait) for step in client.backoff) or "-",
    ]


def _name(client: ClientAccount) -> str:
    place = [client.entity, client.project, client.run, client.writer]
    return "/".join(filter(None, place)) or client.user or client.ip or "-"


def _agent(client: ClientAccount) -> str:
    agent, version = client.user_agent, client.sdk_version
    if version is None or version in agent:
        return agent or "no user agent"
    return f"{agent or 'wandb'} {version}"


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else format_duration(round(seconds, 1))
