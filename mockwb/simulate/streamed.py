"""What a file_stream request does to the run it is about. Called by `server`."""

from mockwb.record import Ingested, RequestRecord
from mockwb.sdkmodel.file_stream_body import CONSOLE, EVENTS, HISTORY, FileStreamBody
from mockwb.simulate.served_run import ServedRun


def note(record: RequestRecord, body: FileStreamBody) -> None:
    """Which lines the request has, stored or not."""
    history, events = body.history, body.events
    if history is not None and events is not None:
        record.chunks = (
            (HISTORY, body.history_offset, history.lines),
            (EVENTS, body.events_offset, events.lines),
        )
    elif history is not None:
        record.chunks = ((HISTORY, body.history_offset, history.lines),)
    elif events is not None:
        record.chunks = ((EVENTS, body.events_offset, events.lines),)
    if body.console is not None:
        console = (CONSOLE, body.console_offset, body.console.lines)
        record.chunks = (*record.chunks, console)


def store(run: ServedRun, body: FileStreamBody) -> Ingested | None:
    """Take everything in; what was new. None for a mere heartbeat."""
    if body.complete:
        run.complete(body.exit_code or 0)
    history, events = body.history, body.events
    if not (history or events or body.console or body.summary or body.complete):
        return None
    ingested = Ingested(completed=body.complete)
    if history is not None:
        first = body.history_offset
        new = run.history.store(first, first + history.lines)
        ingested.lines = ingested.rows = new
        if new == history.lines:
            ingested.values = history.values
        else:
            ingested.rows_resent = history.lines - new
            ingested.values = history.values * new // history.lines
            ingested.chunks_resent += not new
    if events is not None:
        first = body.events_offset
        new = run.events.store(first, first + events.lines)
        ingested.lines += new
        ingested.chunks_resent += not new
    if body.console is not None:
        first = body.console_offset
        new = run.console.store(first, first + body.console.lines)
        ingested.lines += new
        ingested.chunks_resent += not new
    return ingested
