"""`serverInfo`: what this server can do, and which SDK versions it talks to."""

from typing import Any

from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field

FEATURES = {
    "CLIENT_IDS": True,
    "FILESTREAM_GZIP": True,
    "LARGE_FILENAMES": True,
    "MARK_RUN_FILES_UPLOADED": True,
    "STRUCTURED_CONSOLE_LOGS": True,
    "SWEEPS_LOCAL_SCHEDULER": True,
    "SWEEPS_QUERY_FILTERING": True,
    "TOTAL_COUNT_IN_FILE_CONNECTION": True,
    "USE_ARTIFACT_WITH_ENTITY_AND_PROJECT_INFORMATION": True,
}
"""What works here, each under a test; SDKs take what is not listed for off."""

CLI_VERSIONS = {"max_cli_version": "99.0.0", "min_cli_version": "0.0.1"}
"""Every SDK version is welcome; outside this range SDKs advise another version."""


@field("Query", "serverInfo")
def server_info(_root: None, context: GraphQLContext) -> dict[str, Any]:
    """The feature list, with the configuration's word above our own, and the version range."""
    features = {**FEATURES, **context.features}
    return {
        "features": [{"name": name, "is_enabled": on} for name, on in features.items()],
        "cli_version_info": CLI_VERSIONS,
    }
