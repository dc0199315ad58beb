import pytest

from tests.wire.graphql.conftest import GraphQLCaller

CREATE = """
mutation CreateProject($input: UpsertModelInput!) {
  result: upsertModel(input: $input) {
    project { id name entityName description access views }
    model { id name }
    inserted
  }
}
"""
PROJECT = """
query GetProject($name: String!, $entity: String) {
  project(name: $name, entityName: $entity) {
    __typename id internalId name entityName createdAt isBenchmark readOnly totalRuns
    user { id name username }
    entity { name }
  }
}
"""
PROJECTS = """
query GetProjects($entity: String, $cursor: String, $perPage: Int = 50) {
  models(entityName: $entity, after: $cursor, first: $perPage) {
    pageInfo { __typename endCursor hasNextPage }
    edges { node { name } }
  }
}
"""


async def test_a_project_is_made_by_name_and_only_once(caller: GraphQLCaller) -> None:
    made = (await caller.ask(CREATE, input={"name": "p", "description": "d"}))["result"]
    again = (await caller.ask(CREATE, input={"name": "p"}))["result"]
    assert (made["inserted"], again["inserted"]) == (True, False)
    assert again["project"]["description"] == "d"
    assert made["model"]["id"] == again["project"]["id"]
    by_id = {"id": made["project"]["id"], "description": "new"}
    changed = (await caller.ask(CREATE, input=by_id))["result"]
    assert (changed["inserted"], changed["project"]["description"]) == (False, "new")


async def test_a_project_has_what_strict_readers_demand(caller: GraphQLCaller) -> None:
    await caller.ask(CREATE, input={"name": "p", "entityName": "crew"})
    project = (await caller.ask(PROJECT, name="p", entity="crew"))["project"]
    assert isinstance(project.pop("id"), str)
    assert isinstance(project.pop("internalId"), str)
    assert isinstance(project["user"].pop("id"), str)
    assert project == {
        "__typename": "Project",
        "name": "p",
        "entityName": "crew",
        "createdAt": "2026-01-01T00:00:00Z",
        "isBenchmark": False,
        "readOnly": False,
        "totalRuns": 0,
        "user": {"name": "ada", "username": "ada"},
        "entity": {"name": "crew"},
    }
    assert (caller.target.entity, caller.target.project) == ("crew", "p")


async def test_a_project_that_is_not_there_is_null(caller: GraphQLCaller) -> None:
    assert await caller.ask(PROJECT, name="p") == {"project": None}


async def test_projects_are_listed_in_pages(caller: GraphQLCaller) -> None:
    for name in ("a", "b", "c"):
        await caller.ask(CREATE, input={"name": name})
    found: list[str] = []
    cursor, more = None, True
    while more:
        models = (await caller.ask(PROJECTS, perPage=2, cursor=cursor))["models"]
        found += [edge["node"]["name"] for edge in models["edges"]]
        cursor, more = models["pageInfo"]["endCursor"], models["pageInfo"]["hasNextPage"]
    assert found == ["c", "b", "a"]


@pytest.mark.parametrize("values", [{"name": "a/b"}, {"name": "x" * 129}, {"id": "nonsense"}])
async def test_what_cannot_be_a_project_is_refused(
    caller: GraphQLCaller, values: dict[str, str]
) -> None:
    status, message = await caller.refused(CREATE, input=values)
    assert status == 400
    assert message.startswith("project")


async def test_a_deleted_project_is_gone_with_its_runs(caller: GraphQLCaller) -> None:
    """No call of the SDK deletes projects; W&B's app does."""
    made = (await caller.ask(CREATE, input={"name": "p", "entityName": "crew"}))["result"]
    upsert = 'mutation { upsertBucket(input: {entityName: "crew", modelName: "p", name: "r"}) '
    await caller.ask(upsert + "{ bucket { id } } }")
    delete = "mutation Delete($id: String!) { deleteModel(input: {id: $id}) { success } }"
    gone = await caller.ask(delete, id=made["project"]["id"])
    assert gone == {"deleteModel": {"success": True}}
    assert (await caller.ask(PROJECT, name="p", entity="crew"))["project"] is None
    assert (await caller.ask(PROJECTS, entity="crew"))["models"]["edges"] == []
    await caller.ask(CREATE, input={"name": "p", "entityName": "crew"})
    again = (await caller.ask(PROJECT, name="p", entity="crew"))["project"]
    assert again["totalRuns"] == 0
