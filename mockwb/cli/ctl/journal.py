"""`mockwb ctl journal`: every request that came, as a list, as they come, or as an HTTP archive."""

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from mockwb.cli.ctl.api import ControlApi
from mockwb.cli.ctl.json_option import json_option
from mockwb.cli.table import print_table
from mockwb.clock import RealClock
from mockwb.control.journal import Cleared
from mockwb.observe.har import Har
from mockwb.observe.journal import Page
from mockwb.observe.journal_entry import JournalEntry
from mockwb.target import Surface
from mockwb.units import format_duration, format_size, parse_duration

_COLUMNS = ("time", "method", "endpoint", "about", "status", "took", "in", "out")
_NUMBERS = ("status", "took", "in", "out")
_WIDTHS = (12, 6, 11, 48, 6, 8, 8, 8)
"""Of lines that come one by one, whose longest nobody knows yet."""
_POLL_SECONDS = 0.5
_PAGE = 1000

_Query = dict[str, str | Sequence[str] | None]


@click.command()
@click.option("--project", metavar="GLOB", multiple=True, help="Those of projects: 'team/*'.")
@click.option("--run", metavar="GLOB", multiple=True, help="Those of runs, by name.")
@click.option("--endpoint", type=click.Choice([one.value for one in Surface]), multiple=True)
@click.option("--status", metavar="CODE", multiple=True, help="Such as 200 or 4xx.")
@click.option("--since", metavar="TIME", help="5m ago, or 2026-01-31T12:00:00 (UTC).")
@click.option("--until", metavar="TIME", help="Likewise.")
@click.option("--limit", type=click.IntRange(1, 999_999), help="So many of the newest.")
@click.option("--follow", "-f", is_flag=True, help="Go on with those that come, until Ctrl-C.")
@click.option(
    "--har",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write all that match as an HTTP archive, for browsers' developer tools.",
)
@click.option("--clear", is_flag=True, help="Forget all requests.")
@json_option
@click.pass_obj
def journal(
    api: ControlApi,
    /,
    *,
    follow: bool,
    har: Path | None,
    clear: bool,
    as_json: bool,
    since: str | None,
    until: str | None,
    limit: int | None,
    **which: tuple[str, ...],
) -> None:
    """Show the requests that came.

    --json prints the server's answer; with --follow, a line for each request. `mockwb serve
    --journal-bodies` keeps headers and bodies too.
    """
    if sum((follow, har is not None, clear)) > 1:
        raise click.UsageError("give one of --follow, --har and --clear")
    query: _Query = {
        **which,
        "since": _instant("--since", since),
        "until": _instant("--until", until),
        "limit": None if limit is None else str(limit),
    }
    if clear:
        cleared = api.read(api.call("DELETE", "journal"), Cleared)
        click.echo(f"{cleared.entries:,} requests forgotten")
    elif har is not None:
        _write_har(api, query, har)
    elif follow:
        _follow(api, query, as_json=as_json)
    else:
        _list(api, query, as_json=as_json)


def _list(api: ControlApi, query: _Query, *, as_json: bool) -> None:
    answer = api.call("GET", "journal", query=query)
    if as_json:
        click.echo(answer)
        return
    page = api.read(answer, Page)
    if page.forgotten:
        click.echo(f"{page.forgotten:,} older requests are forgotten", err=True)
    if not page.entries:
        click.echo("no request that matches is remembered", err=True)
        return
    print_table(_COLUMNS, [_row(entry) for entry in page.entries], right=_NUMBERS)


def _follow(api: ControlApi, query: _Query, *, as_json: bool) -> None:
    """The newest that match, then all others in the order in which they end."""
    clock = RealClock()
    try:
        page = api.read(api.call("GET", "journal", query={"limit": "10"} | _given(query)), Page)
        while True:
            for entry in page.entries:
                line = msgspec.json.encode(entry).decode() if as_json else _line(_row(entry))
                click.echo(line)
            if len(page.entries) < _PAGE:
                asyncio.run(clock.sleep(_POLL_SECONDS))
            after = page.next
            more = {**query, "limit": str(_PAGE), "after": str(after)}
            page = api.read(api.call("GET", "journal", query=more), Page)
            if page.forgotten > after:
                missed = page.forgotten - after
                click.echo(
                    f"{missed:,} requests were forgotten before they were asked for", err=True
                )
    except KeyboardInterrupt:
        return


def _given(query: _Query) -> _Query:
    return {name: value for name, value in query.items() if value is not None}


def _write_har(api: ControlApi, query: _Query, file: Path) -> None:
    answer = api.call("GET", "journal/har", query=query)
    count = len(api.read(answer, Har).log.entries)
    try:
        file.write_bytes(answer)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    click.echo(f"{count:,} requests written to {file}")


def _row(entry: JournalEntry) -> list[str]:
    started = datetime.fromtimestamp(entry.time, UTC)
    status = str(entry.status) if entry.status else "gone"
    return [
        started.strftime("%H:%M:%S.") + f"{started.microsecond // 1000:03}",
        entry.method,
        entry.endpoint,
        _about(entry),
        status,
        format_duration(float(f"{entry.duration:.2g}")),
        format_size(entry.bytes_in),
        format_size(entry.bytes_out),
    ]


def _about(entry: JournalEntry) -> str:
    """What somebody would want to know it by: the operation, the place, the reason of a refusal."""
    place = "/".join(filter(None, (entry.entity, entry.project, entry.run)))
    said = [entry.operation or "", place]
    if not any(said):
        said = [entry.path]
    if entry.refused_by is not None:
        said.append(f"refused by {entry.refused_by}")
    return " ".join(filter(None, said))


def _line(row: Sequence[str]) -> str:
    cells = [
        cell.rjust(width) if name in _NUMBERS else cell.ljust(width)
        for name, cell, width in zip(_COLUMNS, row, _WIDTHS, strict=True)
    ]
    return "  ".join(cells).rstrip()


def _instant(option: str, text: str | None) -> str | None:
    """Seconds since the Unix epoch, from a duration before now or a time."""
    if text is None:
        return None
    try:
        if re.match(r"\d{4}-", text):
            time = datetime.fromisoformat(text)
            wall = (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
        else:
            wall = RealClock.wall() - parse_duration(text)
    except ValueError as error:
        expected = "a time such as 5m (ago) or 2026-01-31T12:00:00"
        raise click.UsageError(f"{option}: expected {expected}, got {text!r}") from error
    return f"{max(wall, 0.0):.6f}"
