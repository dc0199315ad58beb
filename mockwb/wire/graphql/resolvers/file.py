"""Files of runs: where to upload them, what is there, where to get it."""

from operator import itemgetter
from typing import Any

from mockwb.backend.errors import InvalidError
from mockwb.backend.run import Run, RunKey
from mockwb.backend.run_files import RunFile
from mockwb.wire.graphql.connections import page
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field


@field("Run", "fileCount")
async def file_count(run: Run, context: GraphQLContext) -> int:
    """All uploaded files of the run."""
    return len(await context.world.run_files.all(run.key))


@field("Run", "files")
async def files(
    run: Run,
    context: GraphQLContext,
    names: list[str | None] | None = None,
    pattern: str | None = None,
    first: int | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    """Files by exact names, by LIKE pattern, or all.

    Names asked for and not there come as files without content: SDKs find the place to upload to
    in them, and in the first entry whatever they asked for.
    """
    wanted = [name for name in names or () if name is not None]
    if wanted and pattern:
        raise InvalidError("files can be asked for by names or by a pattern, not by both")
    if wanted:
        found = await context.world.run_files.named(run.key, wanted)
    elif pattern:
        found = await context.world.run_files.matching(run.key, pattern)
    else:
        found = await context.world.run_files.all(run.key)
    if wanted:  # in the order of the names
        places = list(enumerate(found))
        pages = page(places, itemgetter(0), first=first, after=after, node_of=itemgetter(1))
    else:
        pages = page(found, lambda file: file.name, first=first, after=after)
    return {**pages, "total_count": len(found), "upload_headers": []}


@field("File", "displayName")
def display_name(file: RunFile, _context: GraphQLContext) -> str:
    """The name, with slashes."""
    return file.name


@field("File", "url")
def url(file: RunFile, context: GraphQLContext, upload: bool | None = None) -> str:
    """Where to get it with an API key, or where to PUT it."""
    path = (file.entity, file.project, file.run, file.name)
    if upload:
        return context.urls.run_file_upload(*path)
    return context.urls.run_file_download(*path)


@field("File", "directUrl")
def direct_url(file: RunFile, context: GraphQLContext) -> str:
    """Where to get it without a key."""
    return context.urls.run_file_direct(file.entity, file.project, file.run, file.name)


@field("File", "sizeBytes")
def size_bytes(file: RunFile, _context: GraphQLContext) -> int:
    """Bytes; 0 before anything was uploaded."""
    return file.size


@field("File", "uploadHeaders")
def upload_headers(_file: RunFile, _context: GraphQLContext) -> list[str]:
    """None are needed: the URL says all."""
    return []


@field("Mutation", "createRunFiles")
async def create_run_files(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """One upload URL per name."""
    run = await context.world.runs.get(_key(context, values))
    named = await context.world.run_files.named(run.key, values["files"])
    return {
        "run_id": run.key.storage_id,
        "upload_headers": [],
        "files": [{"name": f.name, "upload_url": url(f, context, upload=True)} for f in named],
    }


@field("Mutation", "markRunFilesUploaded")
async def mark_run_files_uploaded(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Note that uploads are done; the run's state stays as it is."""
    run = await context.world.runs.get(_key(context, values))
    await context.world.runs.note_uploaded(run.key, values["files"])
    return {"success": True}


@field("Mutation", "deleteFiles")
async def delete_files(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Delete files by id, content and all."""
    for file_id in values["files"]:
        context.touch_run(await context.world.run_files.delete(file_id))
    return {"success": True}


def _key(context: GraphQLContext, values: dict[str, Any]) -> RunKey:
    key = RunKey(values["entity_name"], values["project_name"], values["run_name"])
    context.touch_run(key)
    return key
