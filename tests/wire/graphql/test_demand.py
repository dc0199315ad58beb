"""What requests ask for, as worked out before they run."""

import json
from typing import Any

import pytest

from mockwb.backend.node_ids import node_id
from mockwb.wire.graphql.demand import insertions, place_named
from mockwb.wire.graphql.endpoint import prepare
from tests.wire.graphql.conftest import GraphQLCaller
from tests.wire.graphql.operations import CONSOLE, CREATE_FILES, RESUME, RUNS, UPSERT

RUN_ID = node_id("Run", "v1", "r1", "vision", "team")
PROJECT_ID = node_id("Project", "v1", "vision", "team")
RUN = ("team", "vision", "r1")
PROJECT = ("team", "vision", None)
NAMES = 'entityName: "team", projectName: "vision"'


async def place(caller: GraphQLCaller, query: str, /, **variables: object) -> Any:
    prepared = prepare(caller.engine, json.dumps({"query": query}).encode())
    assert prepared.operation is not None, prepared.document.errors
    return await place_named(prepared.operation, variables, caller.user, caller.world)


async def inserted(caller: GraphQLCaller, query: str, /, **variables: object) -> list[Any]:
    prepared = prepare(caller.engine, json.dumps({"query": query}).encode())
    assert prepared.operation is not None, prepared.document.errors
    schema, world = caller.engine.schema, caller.world
    return await insertions(schema, prepared.operation, variables, caller.user, world)


@pytest.mark.parametrize(
    ("query", "variables", "expected"),
    [
        (UPSERT, {"entity": "team", "project": "vision", "name": "r1"}, RUN),
        (UPSERT, {"project": "vision"}, ("ada", "vision", None)),
        (UPSERT, {"entity": None, "name": "r1"}, ("ada", "uncategorized", "r1")),
        (UPSERT, {"id": RUN_ID}, RUN),
        (UPSERT, {"id": "bm90aGluZw=="}, None),
        (RESUME, {"entity": "team", "project": "vision", "name": "r1"}, RUN),
        (RUNS, {"entity": "team", "project": "vision"}, PROJECT),
        (CONSOLE, {"entity": "team", "project": "vision", "runName": "r1"}, RUN),
        (CREATE_FILES, {"entity": "team", "project": "vision", "run": "r1", "files": []}, RUN),
    ],
)
async def test_given_a_document_of_the_sdk_then_its_variables_name_the_place(
    caller, query, variables, expected
) -> None:
    assert await place(caller, query, **variables) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ viewer { id } }", None),
        ('{ entity(name: "team") { id } }', None),
        ('{ models(entityName: "team") { edges { node { id } } } }', None),
        ('{ __typename a: project(name: "vision", entityName: "team") { id } }', PROJECT),
        ('{ viewer { id } project(name: "vision", entityName: "team") { id } }', PROJECT),
        ("{ project { id } }", ("ada", "uncategorized", None)),
        ('{ artifact(id: "nothing") { id } }', None),
        (f'mutation {{ stopRun(input: {{id: "{RUN_ID}"}}) {{ success }} }}', RUN),
        ('mutation { stopRun(input: {id: "bm90aGluZw=="}) { success } }', None),
        (
            'mutation { upsertModel(input: {entityName: "team", name: "vision"}) { inserted } }',
            PROJECT,
        ),
        (
            f'mutation {{ upsertModel(input: {{id: "{PROJECT_ID}"}}) {{ inserted }} }}',
            PROJECT,
        ),
        (
            "mutation { deleteFiles(input: {files: "
            f'["{node_id("File", "v1", "team", "vision", "r1", "a:b")}"]}}) {{ success }} }}',
            RUN,
        ),
        (
            'mutation { rewindRun(input: {runName: "r1", metricName: "_step", metricValue: 1}) '
            "{ rewoundRun { id } } }",
            ("ada", "uncategorized", "r1"),
        ),
        (
            f'mutation {{ useArtifact(input: {{{NAMES}, runName: "r1", artifactID: "x"}}) '
            "{ artifact { id } } }",
            RUN,
        ),
    ],
)
async def test_given_literals_then_they_name_the_place(caller, query, expected) -> None:
    assert await place(caller, query) == expected


async def test_given_fragments_and_directives_then_only_what_runs_counts(caller) -> None:
    query = """
    query($no: Boolean = false, $name: String = "vision") {
      one: project(name: "other", entityName: "team") @include(if: $no) { id }
      ... @skip(if: true) { two: project(name: "other", entityName: "team") { id } }
      ...Mine
    }
    fragment Mine on Query { project(name: $name, entityName: "team") { ...Run } }
    fragment Run on Project { run(name: "r1") { id } }
    """
    assert await place(caller, query) == RUN
    assert await place(caller, query, no=True) == ("team", "other", None)
    assert await place(caller, query, name="audio") == ("team", "audio", "r1")


async def test_given_the_input_as_one_variable_then_it_is_looked_into(caller) -> None:
    query = "mutation($input: UpsertBucketInput!) { upsertBucket(input: $input) { inserted } }"
    given = {"entityName": "team", "modelName": "vision", "name": "r1"}
    assert await place(caller, query, input=given) == RUN
    assert await inserted(caller, query, input=given) == [RUN]
    assert await place(caller, query, input="broken") == ("ada", "uncategorized", None)
    assert await inserted(caller, query, input="broken") == []


async def test_given_the_id_of_an_artifact_then_its_project_is_found(caller) -> None:
    created = await caller.ask(
        """
        mutation { createArtifact(input: {entityName: "team", projectName: "vision",
          artifactTypeName: "model", artifactCollectionName: "m", digest: "d", clientID: "mine"})
        { artifact { id artifactSequence { id } } } }
        """
    )
    artifact = created["createArtifact"]["artifact"]
    collection = artifact["artifactSequence"]["id"]
    announced = await caller.ask(
        """
        mutation($id: ID!) { createArtifactManifest(input: {artifactID: $id, name: "m", digest: "",
          entityName: "team", projectName: "vision", runName: "r1"}) { artifactManifest { id } } }
        """,
        id=artifact["id"],
    )
    manifest = announced["createArtifactManifest"]["artifactManifest"]["id"]
    for query in (
        f'mutation {{ updateArtifactManifest(input: {{artifactManifestID: "{manifest}"}}) '
        "{ artifactManifest { id } } }",
        f'{{ artifact(id: "{artifact["id"]}") {{ id }} }}',
        f'{{ artifactCollection(id: "{collection}") {{ id }} }}',
        '{ clientIDMapping(clientID: "mine") { serverID } }',
        f'mutation {{ commitArtifact(input: {{artifactID: "{artifact["id"]}"}}) '
        "{ artifact { id } } }",
        f'mutation {{ createArtifactFiles(input: {{artifactFiles: [{{artifactID: "{artifact["id"]}"'
        ', name: "a", md5: ""}]}) { files { edges { node { id } } } } }',
    ):
        assert await place(caller, query) == PROJECT, query


async def test_given_upserts_then_those_of_new_runs_insert(caller) -> None:
    await caller.ask(UPSERT, entity="team", project="vision", name="r1")
    assert await inserted(caller, UPSERT, entity="team", project="vision", name="r1") == []
    assert await inserted(caller, UPSERT, id=RUN_ID) == []
    assert await inserted(caller, UPSERT, id=RUN_ID, name="r1") == []
    assert await inserted(caller, RUNS, entity="team", project="vision") == []
    named = await inserted(caller, UPSERT, entity="team", project="vision", name="r2")
    assert named == [("team", "vision", "r2")]
    assert await inserted(caller, UPSERT, project="vision") == [("ada", "vision", "")]


async def test_given_upserts_that_would_fail_then_they_insert_nothing(caller) -> None:
    for wrong in (
        {"name": "a/b"},
        {"config": "{"},
        {"config": 5},
        {"state": "asleep"},
        {"entity": "a:b"},
        {"project": "a/b"},
        {"id": "bm90aGluZw==", "name": "r2"},
        {"id": node_id("Run", "v1", "gone", "vision", "team")},
    ):
        variables = {"name": "r2", "project": "vision", **wrong}
        if "id" in wrong and "name" not in wrong:
            del variables["name"]
        assert await inserted(caller, UPSERT, **variables) == [], wrong
        await caller.refused(UPSERT, **variables)


async def test_given_several_upserts_in_one_document_then_each_new_run_counts(caller) -> None:
    await caller.ask(UPSERT, project="vision", name="old")
    wishes = ['"new"', '"newer"', '"old"', '"new"', '"a/b"', "null", "null"]
    fields = "\n".join(
        f'u{number}: upsertBucket(input: {{modelName: "vision", name: {name}}}) {{ inserted }}'
        for number, name in enumerate(wishes)
    )
    found = await inserted(caller, f"mutation {{ {fields} }}")
    assert [key.name for key in found] == ["new", "newer", "", ""]


async def test_given_one_upsert_said_twice_then_it_runs_and_counts_once(caller) -> None:
    field = 'upsertBucket(input: {modelName: "vision"}) { inserted }'
    assert len(await inserted(caller, f"mutation {{ {field} {field} }}")) == 1


async def test_given_a_look_ahead_then_nothing_has_changed(caller) -> None:
    await inserted(caller, UPSERT, project="vision")
    assert await caller.world.projects.find("ada", "vision") is None
    first = await caller.ask(UPSERT, project="vision")
    assert first["upsertBucket"]["inserted"] is True


async def test_given_fragments_that_multiply_then_each_is_looked_at_once(caller) -> None:
    levels = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60)]
    query = "\n".join(["{ ...F0 }", *levels, "fragment F60 on Query { viewer { id } }"])
    assert await place(caller, query) is None
