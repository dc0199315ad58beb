"""The GraphQL operations of a run's life, in the SDK's names, variables and selections.

Source: wandb SDK, core/api/graphql (0.31); only the layout of the documents is our own.
"""

from typing import Any, NamedTuple

from mockwb.sdkmodel.requests import Request, RequestMaker


class RunName(NamedTuple):
    """Where a run wants to be."""

    entity: str | None
    """None lets the server choose."""
    project: str
    run: str


_VIEWER = "query Viewer {viewer {id entity username email flags teams {edges {node {name}}}}}"

_ORGANIZATION = (
    "query OrganizationCoreWeaveOrganizationID($entityName: String!) "
    "{entity(name: $entityName) {organization {coreWeaveOrganizationId}}}"
)

_SERVER_FEATURES = "query ServerFeaturesQuery {serverInfo {features {name isEnabled}}}"

_CREATE_RUN_FILES = (
    "mutation CreateRunFiles"
    "($entity: String!, $project: String!, $run: String!, $files: [String!]!) "
    "{createRunFiles(input: {entityName: $entity, projectName: $project, runName: $run, "
    "files: $files}) {runID uploadHeaders files {name uploadUrl}}}"
)

_UPSERT_VARIABLES = {
    # variable: (type, field of the input)
    "id": ("String", "id"),
    "name": ("String", "name"),
    "project": ("String", "modelName"),
    "entity": ("String", "entityName"),
    "groupName": ("String", "groupName"),
    "description": ("String", "description"),
    "displayName": ("String", "displayName"),
    "notes": ("String", "notes"),
    "commit": ("String", "commit"),
    "config": ("JSONString", "config"),
    "host": ("String", "host"),
    "debug": ("Boolean", "debug"),
    "program": ("String", "jobProgram"),
    "repo": ("String", "jobRepo"),
    "jobType": ("String", "jobType"),
    "state": ("String", "state"),
    "sweep": ("String", "sweep"),
    "tags": ("[String!]", "tags"),
    "summaryMetrics": ("JSONString", "summaryMetrics"),
}

_UPSERT_BUCKET = (
    "mutation UpsertBucket("
    + ", ".join(f"${name}: {kind}" for name, (kind, _) in _UPSERT_VARIABLES.items())
    + ") {upsertBucket(input: {"
    + ", ".join(f"{field}: ${name}" for name, (_, field) in _UPSERT_VARIABLES.items())
    + "}) {bucket {id name displayName description config sweepName "
    "project {id name entity {id name}} historyLineCount} inserted}}"
)


def viewer(maker: RequestMaker) -> Request:
    """Who am I; asked once per process."""
    return maker.graphql("Viewer", _VIEWER, None)


def organization(maker: RequestMaker, entity: str) -> Request:
    """Asked once when system metrics are on."""
    name = "OrganizationCoreWeaveOrganizationID"
    return maker.graphql(name, _ORGANIZATION, {"entityName": entity})


def server_features(maker: RequestMaker) -> Request:
    """What the server can do; asked before the first line of console output."""
    return maker.graphql("ServerFeaturesQuery", _SERVER_FEATURES, None)


def upsert_bucket(maker: RequestMaker, name: RunName, config: str, **given: Any) -> Request:
    """Create or update a run: all variables, null where not given; KeyError for an unknown one."""
    variables: dict[str, Any] = dict.fromkeys(_UPSERT_VARIABLES)
    named = {"entity": name.entity, "project": name.project, "name": name.run, "config": config}
    for key, value in (named | given).items():
        if key not in variables:
            raise KeyError(key)
        variables[key] = value
    return maker.graphql("UpsertBucket", _UPSERT_BUCKET, variables)


def create_run_files(maker: RequestMaker, name: RunName, files: list[str]) -> Request:
    """Ask for URLs to upload a run's files to."""
    variables = {"entity": name.entity, "project": name.project, "run": name.run, "files": files}
    return maker.graphql("CreateRunFiles", _CREATE_RUN_FILES, variables)
