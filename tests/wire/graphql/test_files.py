from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from mockwb.backend.run import RunKey
from mockwb.backend.run_files import blob_key
from mockwb.backend.run_upsert import RunFields
from tests.wire.graphql.conftest import BASE_URL, GraphQLCaller
from tests.wire.graphql.operations import CREATE_FILES, FILES

KEY = RunKey("ada", "vision", "r 1")
ODD = "media/a b/é#?%2F+.png"


@pytest.fixture(autouse=True)
async def run(caller: GraphQLCaller) -> None:
    await caller.world.run_upsert.apply("ada", RunFields(project="vision", name="r 1"))


async def upload(caller: GraphQLCaller, *names: str) -> None:
    for name in names:
        writer = caller.world.store.blob_writer(blob_key(KEY, name))
        await writer.write(b"hello")
        await caller.world.run_files.stored(KEY, name, await writer.commit())


async def create(caller: GraphQLCaller, *names: str) -> Any:
    where = {"entity": "ada", "project": "vision", "run": "r 1"}
    return (await caller.ask(CREATE_FILES, **where, files=list(names)))["createRunFiles"]


async def listed(caller: GraphQLCaller, **asked: object) -> Any:
    where = {"entity": "ada", "project": "vision", "name": "r 1"}
    return (await caller.ask(FILES, **where, **asked))["project"]["run"]


async def test_each_name_gets_an_upload_url_of_its_own(caller: GraphQLCaller) -> None:
    created = await create(caller, "b.txt", ODD, "a.txt")
    assert created["runID"]
    assert created["uploadHeaders"] == []
    assert [file["name"] for file in created["files"]] == ["b.txt", ODD, "a.txt"]
    assert caller.target.run == "r 1"


async def test_an_upload_url_is_absolute_and_proves_itself(caller: GraphQLCaller) -> None:
    (file,) = (await create(caller, ODD))["files"]
    url = urlsplit(file["uploadUrl"])
    assert f"{url.scheme}://{url.netloc}" == BASE_URL
    assert url.fragment == ""
    components = [unquote(part) for part in url.path.removeprefix("/storage/").split("/")]
    assert components[:4] == ["runs", "ada", "vision", "r 1"]
    assert "/".join(components[4:]) == ODD
    (token,) = parse_qs(url.query)["token"]
    assert caller.urls.verify("PUT", components, token)


async def test_names_that_leave_the_run_get_no_url(caller: GraphQLCaller) -> None:
    where = {"entity": "ada", "project": "vision", "run": "r 1"}
    status, message = await caller.refused(CREATE_FILES, **where, files=["ok", "../x"])
    assert status == 400
    assert "'../x'" in message


async def test_a_run_that_is_not_there_takes_no_files(caller: GraphQLCaller) -> None:
    where = {"entity": "ada", "project": "vision", "run": "no"}
    assert await caller.refused(CREATE_FILES, **where, files=["a"]) == (
        404,
        "run ada/vision/no not found",
    )


async def test_uploaded_files_are_listed_with_urls_to_get_them(caller: GraphQLCaller) -> None:
    await upload(caller, ODD)
    found = await listed(caller)
    assert found["fileCount"] == 1
    (edge,) = found["files"]["edges"]
    node = edge["node"]
    assert (node["name"], node["sizeBytes"], node["mimetype"]) == (ODD, 5, "image/png")
    assert node["md5"] == "XUFAKrxLKna5cZ2REBfFkg=="
    assert node["updatedAt"] == "2026-01-01T00:00:00Z"
    assert node["url"] == f"{BASE_URL}/files/ada/vision/r%201/media/a%20b/%C3%A9%23%3F%252F%2B.png"
    assert node["directUrl"].startswith(f"{BASE_URL}/storage/runs/ada/vision/r%201/media/")


async def test_a_name_that_is_not_there_comes_as_a_place_to_upload_to(
    caller: GraphQLCaller,
) -> None:
    found = await listed(caller, fileNames=["new.txt"], upload=True)
    assert found["fileCount"] == 0
    (edge,) = found["files"]["edges"]
    assert (edge["node"]["sizeBytes"], edge["node"]["updatedAt"]) == (0, None)
    assert edge["node"]["url"].startswith(f"{BASE_URL}/storage/runs/")


async def test_files_are_found_by_name_and_by_pattern_in_pages(caller: GraphQLCaller) -> None:
    await upload(caller, "a.json", "b.txt", "c.json")
    page = (await listed(caller, pattern="%.json", fileLimit=1))["files"]
    assert [edge["node"]["name"] for edge in page["edges"]] == ["a.json"]
    assert page["pageInfo"]["hasNextPage"] is True
    cursor = page["edges"][-1]["cursor"]
    rest = (await listed(caller, pattern="%.json", fileLimit=5, fileCursor=cursor))["files"]
    assert [edge["node"]["name"] for edge in rest["edges"]] == ["c.json"]
    named = (await listed(caller, fileNames=["b.txt"]))["files"]
    assert [edge["node"]["name"] for edge in named["edges"]] == ["b.txt"]


async def test_names_and_pattern_at_once_are_refused(caller: GraphQLCaller) -> None:
    where = {"entity": "ada", "project": "vision", "name": "r 1"}
    status, _ = await caller.refused(FILES, **where, fileNames=["a"], pattern="%")
    assert status == 400


async def test_deleted_files_are_gone(caller: GraphQLCaller) -> None:
    await upload(caller, "a", "b")
    ids = [edge["node"]["id"] for edge in (await listed(caller))["files"]["edges"]]
    query = """mutation deleteFiles($files: [ID!]!, $projectId: Int) {
      deleteFiles(input: { files: $files projectId: $projectId }) { success }
    }"""
    assert await caller.ask(query, files=ids[:1], projectId=1) == {"deleteFiles": {"success": True}}
    assert [e["node"]["name"] for e in (await listed(caller))["files"]["edges"]] == ["b"]
    assert (await caller.refused(query, files=ids[:1]))[0] == 404


async def test_marking_uploads_leaves_the_state_as_it_is(caller: GraphQLCaller) -> None:
    query = """mutation MarkRunFilesUploaded ($files: [String!]!) {
      markRunFilesUploaded(input: {entityName: "ada", projectName: "vision", runName: "r 1",
          files: $files}) { success }
    }"""
    before = await caller.world.runs.progress_of(KEY)
    data = await caller.ask(query, files=["a"])
    assert data["markRunFilesUploaded"]["success"] is True
    assert await caller.world.runs.uploaded(KEY) == ["a"]
    assert await caller.world.runs.progress_of(KEY) == before
