from tests.wire.graphql.conftest import GraphQLCaller

QUERY = "query ServerFeaturesQuery { serverInfo { features { name isEnabled } cliVersionInfo } }"


async def features(caller: GraphQLCaller) -> dict[str, bool]:
    listed = (await caller.ask(QUERY))["serverInfo"]["features"]
    return {feature["name"]: feature["isEnabled"] for feature in listed}


async def test_what_works_is_listed(caller: GraphQLCaller) -> None:
    assert await features(caller) == {
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


async def test_the_configuration_has_the_last_word(caller: GraphQLCaller) -> None:
    caller.features = {"FILESTREAM_GZIP": False, "SOMETHING_NEW": True}
    listed = await features(caller)
    assert listed["FILESTREAM_GZIP"] is False
    assert listed["SOMETHING_NEW"] is True
    assert listed["CLIENT_IDS"] is True


async def test_every_sdk_version_is_welcome(caller: GraphQLCaller) -> None:
    versions = (await caller.ask(QUERY))["serverInfo"]["cliVersionInfo"]
    assert versions == {"max_cli_version": "99.0.0", "min_cli_version": "0.0.1"}


async def test_nothing_newer_is_advertised(caller: GraphQLCaller) -> None:
    query = "{ serverInfo { latestLocalVersionInfo { outOfDate latestVersionString } } }"
    assert (await caller.ask(query))["serverInfo"] == {"latestLocalVersionInfo": None}
