"""Console output, forward from the start or the last lines."""

from typing import Any

from mockwb.backend.errors import InvalidError
from mockwb.backend.file_stream import OUTPUT
from mockwb.backend.run import Run
from mockwb.wire.graphql.connections import connection
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field


@field("Run", "logLineCount")
async def log_line_count(run: Run, context: GraphQLContext) -> int:
    """Lines so far; a resumed run goes on behind them."""
    return await context.world.history.count(run.key, OUTPUT, context.writer)


@field("Run", "logLines")
async def log_lines(
    run: Run,
    context: GraphQLContext,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
    use_improved_pagination: bool | None = None,
) -> dict[str, Any]:
    """Lines in ascending order; cursors are line numbers."""
    console = context.world.console
    if last is not None:
        page = await console.backward(run.key, last, _number(before))
    else:
        page = await console.forward(run.key, first, _number(after))
    edges = [{"node": line, "cursor": str(line.number)} for line in page.lines]
    return connection(edges, has_next=page.has_next, has_previous=page.has_previous)


def _number(cursor: str | None) -> int | None:
    if not cursor:
        return None
    if not cursor.isdigit():
        raise InvalidError(f"{cursor!r} is no cursor of console lines")
    return int(cursor)
