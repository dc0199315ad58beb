"""`mockwb ctl freeze` and `release`: refuse everything for a while."""

import click

from mockwb.cli.ctl.api import ControlApi
from mockwb.control.freeze import FreezeState
from mockwb.units import format_duration, parse_duration


@click.command()
@click.option("--for", "seconds", metavar="TIME", help="So long, such as 30s; else until released.")
@click.option(
    "--reset",
    type=click.IntRange(min=1),
    help="RateLimit-Reset of refusals, in seconds, while no end is set.  [default: 10]",
)
@click.pass_obj
def freeze(api: ControlApi, seconds: str | None, reset: int | None) -> None:
    """Refuse every request with 429.

    Only those to W&B's API: this one goes on to answer.
    """
    try:
        duration = None if seconds is None else float(parse_duration(seconds))
    except ValueError as error:
        raise click.UsageError(f"--for: {error}") from error
    body = {"seconds": duration, "reset": reset}
    _print_state(api, api.call("PUT", "freeze", body=body))


@click.command()
@click.pass_obj
def release(api: ControlApi) -> None:
    """End a freeze."""
    _print_state(api, api.call("DELETE", "freeze"))


def _print_state(api: ControlApi, answer: bytes) -> None:
    state = api.read(answer, FreezeState)
    left = state.seconds_left
    end = "until released" if left is None else f"for {format_duration(round(left, 1))}"
    click.echo(f"frozen {end}" if state.frozen else "not frozen")
