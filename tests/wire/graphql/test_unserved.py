import pytest
from graphql import GraphQLSchema

from mockwb.wire.graphql import registry
from mockwb.wire.graphql.schema_files import load_schema
from tests.wire.graphql.conftest import GraphQLCaller

UPSERT = "mutation U($input: UpsertModelInput!) { upsertModel(input: $input) { inserted } }"
REGISTRY = {"name": "wandb-registry-models", "allowAllArtifactTypesInRegistry": True}


@pytest.mark.parametrize(
    ("document", "named"),
    [
        (
            'mutation { deleteTrigger(input: {triggerID: "x"}) { success } }',
            "Mutation.deleteTrigger",
        ),
        ('{ entity(name: "ada") { projects { edges { cursor } } } }', "Entity.projects"),
        ("{ viewer { projects { edges { cursor } } } }", "User.projects"),
    ],
)
async def test_given_a_field_that_is_only_declared_then_the_error_names_it(
    caller: GraphQLCaller, document: str, named: str
) -> None:
    assert await caller.refused(document) == (400, f"mockwb does not serve {named} yet")


async def test_given_a_registry_then_it_is_refused_and_no_project_is_made(
    caller: GraphQLCaller,
) -> None:
    status, message = await caller.refused(UPSERT, input=REGISTRY)
    assert (status, message) == (400, "upsertModel: mockwb does not serve registries yet")
    assert await caller.world.projects.find("ada", REGISTRY["name"]) is None


async def test_given_nulls_for_what_registries_have_then_a_project_is_made(
    caller: GraphQLCaller,
) -> None:
    plain = {"name": "p", "allowAllArtifactTypesInRegistry": None, "artifactTypes": None}
    assert (await caller.ask(UPSERT, input=plain))["upsertModel"]["inserted"]


def test_given_a_resolver_for_an_unserved_field_then_the_schema_is_not_built(
    schema: GraphQLSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert schema.mutation_type is not None
    extra = {**registry._resolvers, ("Mutation", "deleteTrigger"): lambda *_: None}
    monkeypatch.setattr(registry, "_resolvers", extra)
    with pytest.raises(LookupError, match=r"Mutation.deleteTrigger, marked as unserved"):
        load_schema()
