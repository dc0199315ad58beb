"""The runs of a project: one by name, or pages of them."""

from typing import Any

from mockwb.backend.errors import NotFoundError
from mockwb.backend.listed_runs import ListedRuns
from mockwb.backend.projects import Project
from mockwb.backend.run import Run, RunKey
from mockwb.wire.graphql.connections import page
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field


@field("Project", "run")
async def run(
    project: Project, context: GraphQLContext, name: str, desc: str | None = None
) -> Run | None:
    """A run by its short id; null if there is none."""
    key = RunKey(project.entity, project.name, name)
    context.touch_run(key)
    return await context.world.runs.find(key)


@field("Project", "bucket")
async def bucket(
    project: Project,
    context: GraphQLContext,
    name: str,
    desc: str | None = None,
    missing_ok: bool | None = None,
) -> Run | None:
    """As `run`; a missing one is an error unless the caller says that it may be missing."""
    found = await run(project, context, name)
    if found is None and not missing_ok:
        raise NotFoundError(f"run {project.entity}/{project.name}/{name} not found")
    return found


@field("Project", "runs")
@field("Project", "buckets")
async def runs(
    project: Project,
    context: GraphQLContext,
    filters: str | None = None,
    first: int | None = None,
    after: str | None = None,
    order: str | None = None,
    names: list[str | None] | None = None,
) -> dict[str, Any]:
    """Runs by filter and order, in pages."""
    found = await context.world.run_listing.select(project.entity, project.name, filters, order)
    if names:
        found = found.kept(lambda run: run.name in names)
    return runs_page(found, first, after)


def runs_page(found: ListedRuns, first: int | None, after: str | None) -> dict[str, Any]:
    """A page of runs in any order, and how many there are on all pages."""
    pages = page(found, found.place_of, first=first, after=after, descending=found.descending)
    return {**pages, "total_count": len(found)}


@field("Project", "runCount")
async def run_count(project: Project, context: GraphQLContext, filters: str | None = None) -> int:
    """How many runs match the filter, over all pages."""
    return await context.world.run_listing.count(project.entity, project.name, filters)
