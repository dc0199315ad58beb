"""The OpenAPI document: valid, complete, and true of the routes."""

import msgspec
import pytest
from openapi_spec_validator import validate

from mockwb.config.plain import plain
from mockwb.config.schemas import Schemas
from mockwb.control.routes import add_control_routes
from mockwb.limits.query_costs import OperationCost
from mockwb.limits.rules import LimitRules
from mockwb.units import Size
from tests.conftest import Serve
from tests.wandb_client import WandbClient

METHODS = {"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "TRACE"}


async def document(client: WandbClient, **kwargs):
    async with client.session.get(f"{client.url}/_mockwb/openapi.json", **kwargs) as response:
        return await response.json()


async def test_given_the_document_then_it_is_valid_openapi(client: WandbClient) -> None:
    described = await document(client)
    assert described["openapi"].startswith("3.1")
    validate(described)


async def test_given_the_routes_then_exactly_these_paths_and_methods_are_described(
    client: WandbClient, monkeypatch
) -> None:
    routed = []

    def noting(add_route, resources, *rest):
        def noted(method, path, handler):
            routed.append(path)
            add_route(method, path, handler)

        add_control_routes(noted, resources, *rest)

    monkeypatch.setattr("mockwb.app.add_control_routes", noting)
    from mockwb.app import create_app
    from mockwb.clock import VirtualClock
    from mockwb.config.load import load_config

    create_app(load_config(), VirtualClock())
    catch_all = {"/_mockwb", "/_mockwb/{rest:.*}"}
    paths = (await document(client))["paths"]
    assert set(paths) == set(routed) - catch_all
    for path, operations in paths.items():
        described = {method.upper() for method in operations}
        allowed = described | {"HEAD"} if "GET" in described else described
        for method in METHODS:
            async with client.session.request(method, client.url + path) as response:
                assert (response.status != 405) == (method in allowed), (method, path)


async def test_given_a_token_then_the_document_asks_for_it(serve: Serve) -> None:
    open_to_all = await document(await serve())
    assert open_to_all["security"] == []
    guarded = await serve(control={"admin_token": "open-sesame"})
    described = await document(guarded, headers={"Authorization": "Bearer open-sesame"})
    assert described["security"] == [{"adminToken": []}]
    assert described["components"]["securitySchemes"]["adminToken"]["scheme"] == "bearer"


async def test_given_any_operation_then_parameters_bodies_answers_and_errors_are_there(
    client: WandbClient,
) -> None:
    described = await document(client)
    put = described["paths"]["/_mockwb/limits/overrides"]["put"]
    assert set(put["responses"]) == {"200", "400", "401", "408", "413", "415"}
    assert put["requestBody"]["required"] is True
    delete = described["paths"]["/_mockwb/limits/overrides"]["delete"]
    assert [(p["name"], p["required"]) for p in delete["parameters"]] == [
        ("scope", True),
        ("match", True),
    ]
    assert "404" in delete["responses"]
    ids = [op["operationId"] for ops in described["paths"].values() for op in ops.values()]
    assert len(set(ids)) == len(ids)


def test_given_limits_then_their_schema_has_every_key_with_its_default() -> None:
    schemas = Schemas()
    assert schemas.of(LimitRules) == {"$ref": "#/components/schemas/LimitRules"}
    properties = schemas.components["LimitRules"]["properties"]
    assert {key: schema["default"] for key, schema in properties.items()} == plain(LimitRules())
    assert properties["remaining_floor"]["maximum"] == 1000


async def test_given_a_field_with_a_docstring_then_its_schema_says_it(client: WandbClient) -> None:
    schemas = (await document(client))["components"]["schemas"]
    order = schemas["FreezeOrder"]["properties"]
    assert order["reset"]["description"] == "RateLimit-Reset of a freeze without an end."
    section = schemas["LimitRules"]["properties"]["ip"]
    assert section["$ref"] == "#/components/schemas/RequestLimits"
    assert section["description"] == "GraphQL requests without a valid key, of each address."
    inherited = schemas["ProjectLimits"]["properties"]["storage_requests"]
    assert inherited["description"] == "File uploads and downloads."
    assert "description" not in schemas["ProjectLimits"]["properties"]["overrides"]


def test_given_a_note_and_a_unit_then_both_are_said() -> None:
    schemas = Schemas()
    schemas.of(OperationCost)
    base = schemas.components["OperationCost"]["properties"]["base"]["description"]
    assert base.startswith("Charged before the request runs. Text with units, or seconds;")


def test_given_a_type_that_nobody_needed_yet_then_there_is_no_silent_schema() -> None:
    with pytest.raises(TypeError, match="no schema for"):
        Schemas().of(msgspec.Raw)
    assert Schemas().of(Size)["anyOf"][1]["type"] == "integer"
