"""`serverInfo`: what this server can do, and which SDK versions it talks to."""

from typing import Any

from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field

CLI_VERSIONS = {"max_cli_version": "99.0.0", "min_cli_version": "0.0.1"}
"""Every SDK version is welcome; outside this range SDKs advise another version."""


@field("Query", "serverInfo")
def server_info(_root: None, context: GraphQLContext) -> dict[str, Any]:
    """The feature list and the version range."""
    return {
        "features": [
            {"name": name, "is_enabled": enabled} for name, enabled in context.features.items()
        ],
        "cli_version_info": CLI_VERSIONS,
    }
