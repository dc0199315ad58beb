from typing import Any

import pytest

from tests.wire.graphql.conftest import GraphQLCaller

UPSERT = """
mutation upsertView($input: UpsertViewInput!) {
  upsertView(input: $input) {
    view {
      id type name displayName description spec locked createdUsing parentId
      project { name entityName } user { username }
    }
    inserted
  }
}
"""
DELETE = """
mutation deleteView($id: ID!, $deleteDrafts: Boolean) {
  deleteView(input: { id: $id, deleteDrafts: $deleteDrafts }) { success pendingDrafts __typename }
}
"""
VIEWS = """
query Views($type: String, $name: String, $user: String, $first: Int, $after: String) {
  project(name: "p", entityName: "team") {
    allViews(viewType: $type, viewName: $name, userName: $user, first: $first, after: $after) {
      edges { node { id } cursor }
      pageInfo { hasNextPage }
    }
  }
}
"""
VIEW = "query SpecificReport($id: ID!) { view(id: $id) { id createdAt updatedAt spec } }"
WHERE = {"entityName": "team", "projectName": "p", "createdUsing": "WANDB_SDK"}


@pytest.fixture(autouse=True)
async def project(caller: GraphQLCaller) -> None:
    await caller.world.projects.ensure("team", "p", "ada")


async def save(caller: GraphQLCaller, **fields: object) -> Any:
    return (await caller.ask(UPSERT, input={**WHERE, **fields}))["upsertView"]


async def test_a_view_is_made_once_and_changed_by_its_id(caller: GraphQLCaller) -> None:
    made = await save(caller, type="runs", name="n", displayName="N", spec='{"a":  1}')
    view = made["view"]
    assert made["inserted"] is True
    assert view == {
        "id": view["id"],
        "type": "runs",
        "name": "n",
        "displayName": "N",
        "description": "",
        "spec": '{"a":  1}',
        "locked": False,
        "createdUsing": "WANDB_SDK",
        "parentId": None,
        "project": {"name": "p", "entityName": "team"},
        "user": {"username": "ada"},
    }
    changed = (await caller.ask(UPSERT, input={"id": view["id"], "locked": True}))["upsertView"]
    assert (changed["inserted"], changed["view"]) == (False, {**view, "locked": True})
    assert (caller.target.entity, caller.target.project) == ("team", "p")
    read = (await caller.ask(VIEW, id=view["id"]))["view"]
    assert (read["spec"], read["createdAt"]) == (view["spec"], "2026-01-01T00:00:00Z")
    assert await caller.ask(VIEW, id="nothing") == {"view": None}


async def test_a_view_can_be_made_by_create_view_too(caller: GraphQLCaller) -> None:
    query = "mutation($input: CreateViewInput!) { createView(input: $input) { view { id } } }"
    made = await caller.ask(query, input={**WHERE, "type": "project-view", "name": "nw-x-v"})
    edges = (await caller.ask(VIEWS, name="nw-x-v"))["project"]["allViews"]["edges"]
    assert [edge["node"] for edge in edges] == [made["createView"]["view"]]


async def test_views_are_listed_in_pages_that_inserts_do_not_shift(caller: GraphQLCaller) -> None:
    ids = [(await save(caller, displayName=str(i)))["view"]["id"] for i in range(3)]
    first = (await caller.ask(VIEWS, first=2))["project"]["allViews"]
    assert [edge["node"]["id"] for edge in first["edges"]] == [ids[2], ids[1]]
    await save(caller, displayName="new")
    rest = (await caller.ask(VIEWS, after=first["edges"][-1]["cursor"]))["project"]["allViews"]
    assert [edge["node"]["id"] for edge in rest["edges"]] == [ids[0]]
    assert (await caller.ask(VIEWS, user="bob"))["project"]["allViews"]["edges"] == []


async def test_a_report_with_drafts_goes_only_with_them(caller: GraphQLCaller) -> None:
    report = (await save(caller, type="runs"))["view"]["id"]
    draft = await save(caller, type="runs/draft", parentId=report.rstrip("="))
    assert draft["view"]["parentId"] == report
    kept = (await caller.ask(DELETE, id=report))["deleteView"]
    assert (kept["success"], kept["pendingDrafts"]) == (False, True)
    gone = (await caller.ask(DELETE, id=report, deleteDrafts=True))["deleteView"]
    assert gone == {"success": True, "pendingDrafts": False, "__typename": "DeleteViewPayload"}
    assert (await caller.ask(VIEWS))["project"]["allViews"]["edges"] == []
    assert (await caller.refused(DELETE, id=report))[0] == 404


@pytest.mark.parametrize(
    ("fields", "status", "complaint"),
    [
        ({**WHERE, "projectName": "none"}, 404, "project team/none not found"),
        ({**WHERE, "spec": "{"}, 400, "view spec is not valid JSON"),
        ({**WHERE, "parentId": "x"}, 404, "view x not found"),
        ({"id": "x"}, 404, "view x not found"),
    ],
)
async def test_what_cannot_be_a_view_is_refused(
    caller: GraphQLCaller, fields: dict[str, str], status: int, complaint: str
) -> None:
    got, message = await caller.refused(UPSERT, input=fields)
    assert got == status
    assert complaint in message
