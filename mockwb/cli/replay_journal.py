"""`mockwb replay-journal`: send recorded requests again."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import click
import uvloop

from mockwb.clock import RealClock
from mockwb.replay.recording import RecordingError, read_recording
from mockwb.replay.sender import Outcome, ReplayError, replay
from mockwb.units import format_duration

_DIFFERENT = 1
_NOT_SENT = 2


@click.command("replay-journal")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--url",
    envvar="WANDB_BASE_URL",
    required=True,
    show_default="WANDB_BASE_URL",
    help="The server to send them to.",
)
@click.option(
    "--api-key",
    metavar="TEXT",
    envvar="WANDB_API_KEY",
    required=True,
    show_default="WANDB_API_KEY",
    help="In place of the keys that were left out of the recording.",
)
@click.option(
    "--speed",
    default="1x",
    show_default=True,
    metavar="1x|10x|max",
    help="How fast, against the recording.",
)
def replay_journal(file: Path, url: str, api_key: str, speed: str) -> None:
    """Send recorded requests again, and say which get another status.

    FILE is a journal with bodies (`mockwb serve --journal FILE --journal-bodies`) or HAR. Requests
    go in their order, those that ran at the same time at the same time. Names and addresses that
    the other server gives out itself (entities, ids, where to put files) replace the recorded ones.

    Exits with 0 if every status is as recorded, with 1 if not, with 2 if nothing could be sent.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise click.UsageError(f"--url: expected http://HOST:PORT, got {url!r}")
    factor = _factor(speed)
    try:
        recording = read_recording(file)
        outcome = uvloop.run(replay(recording, url, api_key, factor, RealClock()))
    except (RecordingError, ReplayError) as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(_NOT_SENT) from error
    _print(outcome)
    raise SystemExit(_DIFFERENT if outcome.differing else 0)


def _factor(speed: str) -> float | None:
    if speed == "max":
        return None
    match = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)x?", speed)
    if match is None or float(match[1]) == 0:
        raise click.UsageError(f"--speed: expected 1x, 10x, 0.5x or max, got {speed!r}")
    return float(match[1])


def _print(outcome: Outcome) -> None:
    took = format_duration(round(outcome.seconds, 2))
    click.echo(f"{outcome.sent:,} requests sent in {took}, {outcome.same:,} with the same status")
    for kind, count in outcome.differing.most_common():
        endpoint, old, new = kind
        click.echo(f"  {count:,} {endpoint}: {old} was, {new or 'no answer'} is now")
        click.echo(f"    {outcome.examples[kind]}")
    for why, count in outcome.skipped.most_common():
        click.echo(f"  {count:,} not sent: {why}")
