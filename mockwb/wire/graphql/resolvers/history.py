"""History, system metrics, and what resuming needs to know of both."""

from typing import Any

from mockwb.backend.file_stream import EVENTS, HISTORY
from mockwb.backend.history import parse_spec
from mockwb.backend.json_text import to_json
from mockwb.backend.run import Run
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field


@field("Run", "historyLineCount")
async def history_line_count(run: Run, context: GraphQLContext) -> int:
    """Lines so far; more than 0 becomes the offset of the stream's next line."""
    return await context.world.history.count(run.key, HISTORY, context.writer)


@field("Run", "eventsLineCount")
async def events_line_count(run: Run, context: GraphQLContext) -> int:
    """Lines of system metrics so far."""
    return await context.world.history.count(run.key, EVENTS, context.writer)


@field("Run", "historyTail")
async def history_tail(run: Run, context: GraphQLContext) -> str:
    """The newest row, from whose step a resumed run goes on."""
    return _as_list(await context.world.history.tail(run.key, HISTORY, context.writer))


@field("Run", "eventsTail")
async def events_tail(run: Run, context: GraphQLContext) -> str:
    """The newest system metrics, from whose run time a resumed run goes on."""
    return _as_list(await context.world.history.tail(run.key, EVENTS, context.writer))


def _as_list(line: str | None) -> str:
    return to_json([] if line is None else [line])


@field("Run", "history")
async def history(
    run: Run,
    context: GraphQLContext,
    samples: int | None = None,
    min_step: int | None = None,
    max_step: int | None = None,
) -> list[str]:
    """Whole rows."""
    return await context.world.history.rows(run.key, samples, min_step, max_step)


@field("Run", "events")
async def events(run: Run, context: GraphQLContext, samples: int | None = None) -> list[str]:
    """System metrics."""
    return await context.world.history.events(run.key, samples)


@field("Run", "sampledHistory")
async def sampled_history(
    run: Run, context: GraphQLContext, specs: list[str]
) -> list[list[dict[str, Any]]]:
    """Rows of chosen keys, one list per spec."""
    parsed = [parse_spec(spec) for spec in specs]
    return [await context.world.history.chosen_keys(run.key, spec) for spec in parsed]


@field("Run", "historyKeys")
async def history_keys(run: Run, context: GraphQLContext) -> dict[str, Any] | None:
    """What was logged under each key; null for a run without history."""
    return await context.world.history.keys(run.key)


@field("Run", "parquetHistory")
async def parquet_history(
    run: Run, context: GraphQLContext, live_keys: list[str]
) -> dict[str, Any]:
    """Files that hold the whole history; else where the live rows begin, at the first one.

    Readers then page through these. Files and live rows at once would not do: the pages of W&B's
    readers overlap the files, and rows in both would come twice.
    """
    parts = await context.world.history_export.parts(run.key)
    first = None if parts else await context.world.history.first_step(run.key)
    return {
        "parquet_urls": [context.urls.download(*part) for part in parts],
        "live_data": [] if first is None else [{"_step": first}],
    }
