"""Artifacts over GraphQL: what wandb-core and the public API ask, and what they get."""

import hashlib
import json
from typing import Any

import pytest

from tests.wandb_client import WandbClient
from tests.wire.graphql.artifact_uploader import (
    CLIENT_ID,
    COMMIT,
    DIGEST_ALGORITHM,
    ENTRY_URLS,
    UPDATE_MANIFEST,
    ArtifactUploader,
    artifact_digest,
    md5,
)

CONTENT = {"a.txt": b"alpha", "deep/d \u00fc#?.bin": b"\x00" * 300}
MEMBER = """
query M($name: String!) { project(name: "vision", entityName: "team") {
  artifactCollectionMembership(name: $name) {
    id versionIndex createdAt aliases { id alias }
    artifactCollection { __typename name project { name internalId entity { name } } }
    artifact {
      id versionIndex state size fileCount digest createdAt metadata description historyStep
      ttlDurationSeconds ttlIsInherited commitHash tags { name } artifactType { name }
      aliases { alias artifactCollection { __typename name } }
      currentManifest { type file { name directUrl sizeBytes md5 } }
    }
    files { totalCount edges { node { name displayName directUrl url sizeBytes md5 digest
      storagePath mimetype exists uploadUrl uploadHeaders updatedAt } } }
  }
} }
"""
FILE_PAGE = """
query F($after: String, $first: Int, $names: [String!]) {
  project(name: "vision", entityName: "team") { artifactCollection(name: "data") {
    artifactMembership(aliasName: "latest") { files(after: $after, first: $first, names: $names) {
      totalCount pageInfo { hasNextPage endCursor } edges { node { name } }
    } }
  } }
}
"""
VERSIONS = """
query V($order: String, $filters: JSONString, $first: Int) {
  project(name: "vision", entityName: "team") { artifactType(name: "dataset") {
    artifactCollection(name: "data") { __typename artifacts(order: $order, filters: $filters,
        first: $first) {
      totalCount edges { version node { id } }
    } }
  } }
}
"""
EDGES = """
query E($run: String!) { project(name: "vision", entityName: "team") { run(name: $run) {
  inputArtifacts { totalCount edges { node { id } } }
  outputArtifacts { totalCount edges { node { id } } }
} } }
"""
ABOUT = """
query A($id: ID!) { artifact(id: $id) {
  state currentManifest { id }
  createdBy { __typename ... on Run { name } ... on User { username } }
  usedBy { edges { node { name project { name } } } }
  artifactMemberships { edges { node { versionIndex artifactCollection { __typename } } } }
} }
"""
USE = """
mutation UseArtifact($entityName: String!, $projectName: String!, $runName: String!,
    $artifactID: ID!) {
  useArtifact(input: {entityName: $entityName, projectName: $projectName, runName: $runName,
      artifactID: $artifactID}) {
    artifact { id digest description state createdAt metadata }
  }
}
"""
ALIASES = """
mutation M($input: %sAliasesInput!) { result: %sAliases(input: $input) { success } }
"""
UPDATE = """
mutation U($input: UpdateArtifactInput!) {
  result: updateArtifact(input: $input) { artifact { description metadata tags { name } } }
}
"""
RUN = {"entityName": "team", "projectName": "vision"}


@pytest.fixture
async def uploader(client: WandbClient) -> ArtifactUploader:
    await client.start_run("r1")
    return ArtifactUploader(client)


async def member(uploader: ArtifactUploader, name: str) -> Any:
    data = await uploader.ask(MEMBER, name=name)
    return data["project"]["artifactCollectionMembership"]


async def test_when_an_upload_is_done_then_its_names_lead_to_its_bytes(
    uploader: ArtifactUploader,
) -> None:
    artifact_id = await uploader.log(CONTENT)
    for name in ("data", "data:latest", "data:v0"):
        found = await member(uploader, name)
        assert found["artifact"]["id"] == artifact_id
    nodes = [edge["node"] for edge in found["files"]["edges"]]
    assert {node["name"]: await uploader.get(node["directUrl"]) for node in nodes} == CONTENT
    assert [node["sizeBytes"] for node in nodes] == [5, 300]
    assert [node["md5"] for node in nodes] == [md5(content) for content in CONTENT.values()]
    assert all(node["storagePath"].startswith("wandb_artifacts/") for node in nodes)


async def test_when_an_upload_is_done_then_the_version_says_what_it_is(
    uploader: ArtifactUploader,
) -> None:
    await uploader.log(
        CONTENT, metadata='{"k": 1}', description="first", historyStep=3, tags=[{"tagName": "t"}]
    )
    found = await member(uploader, "data")
    artifact = found["artifact"]
    assert artifact["digest"] == artifact_digest(CONTENT)
    assert (artifact["size"], artifact["fileCount"], artifact["state"]) == (305, 2, "COMMITTED")
    assert (artifact["metadata"], artifact["description"]) == ('{"k": 1}', "first")
    assert (artifact["historyStep"], artifact["tags"]) == (3, [{"name": "t"}])
    assert (artifact["ttlDurationSeconds"], artifact["ttlIsInherited"]) == (-2, True)
    assert artifact["artifactType"] == {"name": "dataset"}
    assert artifact["createdAt"] == "2026-01-01T00:00:00Z"
    assert {alias["alias"] for alias in artifact["aliases"]} == {"latest", "v0"}
    assert {alias["alias"] for alias in found["aliases"]} == {"latest", "v0"}
    assert found["artifactCollection"]["__typename"] == "ArtifactSequence"
    assert found["artifactCollection"]["project"]["entity"] == {"name": "team"}


async def test_when_the_manifest_is_fetched_then_it_is_the_one_that_was_sent(
    uploader: ArtifactUploader,
) -> None:
    artifact_id = await uploader.log(CONTENT, refs={"far": "s3://bucket/key"})
    found = await member(uploader, "data")
    file = found["artifact"]["currentManifest"]["file"]
    document = await uploader.get(file["directUrl"])
    assert (file["sizeBytes"], file["md5"]) == (len(document), md5(document))
    contents = json.loads(document)["contents"]
    assert contents["a.txt"]["birthArtifactID"] == artifact_id
    assert contents["far"] == {"digest": "s3://bucket/key", "ref": "s3://bucket/key"}


async def test_given_a_reference_then_its_urls_are_where_it_points_to(
    uploader: ArtifactUploader,
) -> None:
    await uploader.log({}, refs={"far": "s3://bucket/key"})
    (edge,) = (await member(uploader, "data"))["files"]["edges"]
    assert (edge["node"]["directUrl"], edge["node"]["url"]) == ("s3://bucket/key",) * 2
    assert edge["node"]["storagePath"] is None


async def test_when_the_same_content_comes_again_then_nothing_is_uploaded(
    uploader: ArtifactUploader,
) -> None:
    first = await uploader.log(CONTENT, clientID="c1")
    again = await uploader.create(CONTENT, clientID="c2")
    assert again == {
        "id": first,
        "state": "COMMITTED",
        "artifactSequence": {"latestArtifact": {"id": first}},
    }
    for client_id in ("c1", "c2"):
        data = await uploader.ask(CLIENT_ID, clientID=client_id)
        assert data["clientIDMapping"] == {"serverID": first}


async def test_when_a_file_changes_then_only_that_file_is_asked_for(
    uploader: ArtifactUploader,
) -> None:
    first = await uploader.log(CONTENT)
    uploader.sent.clear()
    changed = {**CONTENT, "a.txt": b"alphA"}
    second = await uploader.log(changed)
    assert uploader.sent == ["a.txt"]
    (a_txt, kept) = (await member(uploader, "data:v1"))["files"]["edges"]
    assert await uploader.get(a_txt["node"]["directUrl"]) == b"alphA"
    assert await uploader.get(kept["node"]["directUrl"]) == CONTENT["deep/d \u00fc#?.bin"]
    assert (await member(uploader, "data:latest"))["artifact"]["id"] == second
    assert (await member(uploader, "data:v0"))["artifact"]["id"] == first


async def test_before_the_commit_then_the_version_is_known_by_ids_only(
    uploader: ArtifactUploader,
) -> None:
    created = await uploader.create(CONTENT, clientID="c1")
    assert created["state"] == "PENDING"
    assert created["artifactSequence"] == {"latestArtifact": None}
    assert await member(uploader, "data") is None
    data = await uploader.ask(CLIENT_ID, clientID="c1")
    assert data["clientIDMapping"] == {"serverID": created["id"]}
    about = (await uploader.ask(ABOUT, id=created["id"]))["artifact"]
    assert (about["state"], about["currentManifest"]) == ("PENDING", None)


async def test_when_a_next_version_is_created_then_latest_is_still_the_committed_one(
    uploader: ArtifactUploader,
) -> None:
    first = await uploader.log(CONTENT)
    second = await uploader.create({"b": b""})
    assert second["artifactSequence"] == {"latestArtifact": {"id": first}}


async def test_when_many_files_are_asked_for_then_the_answers_keep_their_order(
    uploader: ArtifactUploader,
) -> None:
    files = {f"f{number:03}": str(number).encode() for number in reversed(range(60))}
    created = await uploader.create(files)
    nodes = await uploader.request(created["id"], files)
    for node, content in zip(nodes, files.values(), strict=True):
        await uploader.put(node, content)
        assert f"Content-MD5:{md5(content)}" in node["uploadHeaders"]
        assert node["uploadMultipartUrls"] is None
        assert hashlib.md5(content).hexdigest() in node["uploadUrl"]
    again = await uploader.request(created["id"], files)
    assert [node["uploadUrl"] for node in again] == [None] * 60


async def test_when_clients_page_through_files_then_they_see_each_once(
    uploader: ArtifactUploader,
) -> None:
    names = [f"f{number}" for number in range(5)]
    await uploader.log({name: name.encode() for name in names})
    seen: list[str] = []
    after = None
    for _ in range(3):
        data = await uploader.ask(FILE_PAGE, after=after, first=2)
        files = data["project"]["artifactCollection"]["artifactMembership"]["files"]
        assert files["totalCount"] == 5
        seen += [edge["node"]["name"] for edge in files["edges"]]
        after = files["pageInfo"]["endCursor"]
    assert seen == names
    assert files["pageInfo"]["hasNextPage"] is False


async def test_when_files_are_asked_for_by_name_then_only_those_count(
    uploader: ArtifactUploader,
) -> None:
    await uploader.log(CONTENT)
    data = await uploader.ask(FILE_PAGE, names=["a.txt", "unknown"])
    files = data["project"]["artifactCollection"]["artifactMembership"]["files"]
    assert files["totalCount"] == 1
    assert files["edges"] == [{"node": {"name": "a.txt"}}]


async def test_when_urls_are_asked_for_by_manifest_entry_then_they_come_in_that_order(
    uploader: ArtifactUploader,
) -> None:
    artifact_id = await uploader.log(CONTENT)
    entries = [
        {
            "name": path,
            "digest": md5(content),
            "birthArtifactID": artifact_id,
            "size": None,
            "ref": None,
        }
        for path, content in reversed(CONTENT.items())
    ]
    data = await uploader.ask(
        ENTRY_URLS, id=artifact_id, entries=entries, storageLayout="V2", manifestVersion="1"
    )
    nodes = [edge["node"] for edge in data["artifact"]["filesByManifestEntries"]["edges"]]
    assert [node["name"] for node in nodes] == list(reversed(CONTENT))
    assert await uploader.get(nodes[1]["directUrl"]) == b"alpha"


@pytest.mark.parametrize(
    ("arguments", "versions"),
    [
        ({}, ["v2", "v1", "v0"]),
        ({"order": "+version_index"}, ["v0", "v1", "v2"]),
        ({"order": "-created_at", "first": 1}, ["v2"]),
        ({"filters": '{"state": "COMMITTED"}'}, ["v2", "v1", "v0"]),
        ({"filters": '{"state": "PENDING"}'}, []),
        ({"filters": '{"version_index": {"$gte": 1}}', "order": "version_index"}, ["v1", "v2"]),
    ],
)
async def test_when_versions_are_listed_then_filters_and_order_hold(
    client: WandbClient,
    uploader: ArtifactUploader,
    clock: Any,
    arguments: dict[str, object],
    versions: list[str],
) -> None:
    for number in range(3):
        await uploader.log({"a": str(number).encode()})
        clock.set(clock.now() + 1)
    data = await uploader.ask(VERSIONS, **arguments)
    listed = data["project"]["artifactType"]["artifactCollection"]["artifacts"]
    assert [edge["version"] for edge in listed["edges"]] == versions


async def test_given_an_order_that_there_is_none_then_the_error_names_it(
    client: WandbClient, uploader: ArtifactUploader
) -> None:
    await uploader.log(CONTENT)
    status, answer = await client.graphql(VERSIONS, order="-colour")
    assert status == 400
    assert "'colour'" in answer["errors"][0]["message"]


async def test_when_a_run_logs_and_another_uses_then_both_sides_are_told(
    client: WandbClient, uploader: ArtifactUploader
) -> None:
    await client.start_run("r2")
    artifact_id = await uploader.log(CONTENT)
    for _ in range(2):
        used = await uploader.ask(USE, **RUN, runName="r2", artifactID=artifact_id)
    assert used["useArtifact"]["artifact"]["digest"] == artifact_digest(CONTENT)
    one = {"totalCount": 1, "edges": [{"node": {"id": artifact_id}}]}
    none: dict[str, object] = {"totalCount": 0, "edges": []}
    data = await uploader.ask(EDGES, run="r1")
    assert data["project"]["run"] == {"inputArtifacts": none, "outputArtifacts": one}
    data = await uploader.ask(EDGES, run="r2")
    assert data["project"]["run"] == {"inputArtifacts": one, "outputArtifacts": none}
    about = (await uploader.ask(ABOUT, id=artifact_id))["artifact"]
    assert about["createdBy"] == {"__typename": "Run", "name": "r1"}
    (user,) = about["usedBy"]["edges"]
    assert user["node"] == {"name": "r2", "project": {"name": "vision"}}
    (membership,) = about["artifactMemberships"]["edges"]
    assert membership["node"]["artifactCollection"] == {"__typename": "ArtifactSequence"}


async def test_when_a_version_is_made_without_a_run_then_a_user_made_it(
    uploader: ArtifactUploader,
) -> None:
    artifact_id = await uploader.log(CONTENT, runName=None)
    about = (await uploader.ask(ABOUT, id=artifact_id))["artifact"]
    assert about["createdBy"]["__typename"] == "User"


async def test_given_a_project_that_there_is_none_then_an_upload_makes_it(
    uploader: ArtifactUploader,
) -> None:
    created = await uploader.create(CONTENT, projectName="fresh", runName=None)
    query = 'query P { project(name: "fresh", entityName: "team") { name } }'
    assert created["state"] == "PENDING"
    assert await uploader.ask(query) == {"project": {"name": "fresh"}}


async def test_when_aliases_are_changed_then_names_follow(uploader: ArtifactUploader) -> None:
    first = await uploader.log(CONTENT)
    second = await uploader.log({"b": b""})
    named = {"artifactCollectionName": "data", "alias": "prod", **RUN}
    for artifact_id in (first, second):
        wanted = {"artifactID": artifact_id, "aliases": [named]}
        await uploader.ask(ALIASES % ("Add", "add"), input=wanted)
        assert (await member(uploader, "data:prod"))["artifact"]["id"] == artifact_id
    await uploader.ask(ALIASES % ("Delete", "delete"), input=wanted)
    assert await member(uploader, "data:prod") is None


async def test_when_a_version_is_changed_then_omitted_fields_stay(
    uploader: ArtifactUploader,
) -> None:
    artifact_id = await uploader.log(CONTENT, description="old", tags=[{"tagName": "x"}])
    change = {
        "artifactID": artifact_id,
        "metadata": "{}",
        "tagsToAdd": [{"tagName": "y"}],
        "tagsToDelete": [{"tagName": "x"}],
    }
    data = await uploader.ask(UPDATE, input=change)
    assert data["result"]["artifact"] == {
        "description": "old",
        "metadata": "{}",
        "tags": [{"name": "y"}],
    }


async def test_when_a_manifest_is_updated_then_its_upload_url_is_given(
    uploader: ArtifactUploader,
) -> None:
    created = await uploader.create(CONTENT)
    announced = await uploader.announce(created["id"], "", include_upload=False)
    assert set(announced["file"]) == {"id"}
    data = await uploader.ask(
        UPDATE_MANIFEST, artifactManifestID=announced["id"], digest="x", includeUpload=True
    )
    updated = data["updateArtifactManifest"]["artifactManifest"]
    assert updated["id"] == announced["id"]
    assert "Content-MD5:x" in updated["file"]["uploadHeaders"]
    assert updated["file"]["uploadUrl"].startswith(uploader.client.url)


@pytest.mark.parametrize(
    ("document", "variables", "status"),
    [
        (COMMIT, {"artifactID": "QXJ0aWZhY3Q6OTk="}, 404),
        (USE, {**RUN, "runName": "r1", "artifactID": "QXJ0aWZhY3Q6OTk="}, 404),
        (USE, {**RUN, "runName": "nobody", "artifactID": "QXJ0aWZhY3Q6OTk="}, 404),
        (
            UPDATE_MANIFEST,
            {"artifactManifestID": "nothing", "digest": "x", "includeUpload": True},
            404,
        ),
    ],
)
async def test_given_something_unknown_then_the_status_stops_retries(
    client: WandbClient,
    uploader: ArtifactUploader,
    document: str,
    variables: dict[str, object],
    status: int,
) -> None:
    got, answer = await client.graphql(document, **variables)
    assert got == status
    assert "not found" in answer["errors"][0]["message"]


async def test_given_a_committed_version_then_its_files_cannot_be_replaced(
    client: WandbClient, uploader: ArtifactUploader
) -> None:
    artifact_id = await uploader.log(CONTENT)
    with pytest.raises(AssertionError, match="is committed and cannot be changed"):
        await uploader.request(artifact_id, CONTENT)
    with pytest.raises(AssertionError, match="is committed and cannot be changed"):
        await uploader.announce(artifact_id, "", include_upload=True)


async def test_given_a_run_that_there_is_none_then_it_cannot_log(
    uploader: ArtifactUploader,
) -> None:
    with pytest.raises(AssertionError, match="run team/vision/nobody not found"):
        await uploader.create(CONTENT, runName="nobody")


async def test_given_absent_things_then_the_answer_is_null_without_errors(
    uploader: ArtifactUploader,
) -> None:
    assert await member(uploader, "data:latest") is None
    await uploader.log(CONTENT)
    assert await member(uploader, "data:v7") is None
    assert await member(uploader, "data:nope") is None
    assert (await uploader.ask(ABOUT, id="QXJ0aWZhY3Q6OTk="))["artifact"] is None
    assert (await uploader.ask(CLIENT_ID, clientID="x"))["clientIDMapping"] is None


async def test_when_the_digest_algorithm_is_asked_for_then_a_new_collection_has_none(
    uploader: ArtifactUploader,
) -> None:
    variables = {**RUN, "artifactTypeName": "dataset", "artifactCollectionName": "data"}
    data = await uploader.ask(DIGEST_ALGORITHM, **variables)
    assert data["project"]["artifactType"] is None
    await uploader.log(CONTENT)
    data = await uploader.ask(DIGEST_ALGORITHM, **variables)
    assert data["project"]["artifactType"]["artifactCollection"] == {
        "__typename": "ArtifactSequence",
        "digestAlgorithm": "MANIFEST_MD5",
    }
