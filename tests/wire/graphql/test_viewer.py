from tests.wire.graphql.conftest import GraphQLCaller


async def test_the_viewer_is_the_owner_of_the_key_and_a_team_of_his_own(
    caller: GraphQLCaller,
) -> None:
    data = await caller.ask("""query Viewer {
      viewer {
        id entity username email flags admin photoUrl deletedAt
        teams { edges { node { name } } }
        apiKeys { edges { node { id name description } } }
      }
    }""")
    viewer = data["viewer"]
    assert isinstance(viewer.pop("id"), str)
    assert viewer == {
        "entity": "ada",
        "username": "ada",
        "email": "ada@mockwb.invalid",
        "flags": "{}",
        "admin": False,
        "photoUrl": None,
        "deletedAt": None,
        "teams": {"edges": [{"node": {"name": "ada"}}]},
        "apiKeys": {"edges": []},
    }


async def test_users_are_searched(caller: GraphQLCaller) -> None:
    query = "query SearchUsers($query: String) { users(query: $query) { edges { node { name } } } }"
    await caller.world.users.get("bob")
    assert (await caller.ask(query, query="bob"))["users"]["edges"] == [{"node": {"name": "bob"}}]
    assert (await caller.ask(query, query="nobody"))["users"]["edges"] == []


async def test_entities_are_personal_or_teams(caller: GraphQLCaller) -> None:
    query = """query GetTeamEntity($name: String!) {
      entity(name: $name) {
        id name available photoUrl readOnly readOnlyAdmin isTeam entityType privateOnly
        storageBytes codeSavingEnabled defaultAccess isPaid xxhashDigestsEnabled
        members { id admin pending email username name photoUrl accountType apiKey }
        user { username }
        organization { coreWeaveOrganizationId }
      }
    }"""
    await caller.world.users.get("ada")
    own = (await caller.ask(query, name="ada"))["entity"]
    team = (await caller.ask(query, name="crew"))["entity"]
    assert (own["isTeam"], own["user"]["username"]) == (False, "ada")
    assert [member["username"] for member in own["members"]] == ["ada"]
    assert (team["isTeam"], team["user"], team["members"]) == (True, None, [])
    assert team["organization"] is None


async def test_there_are_no_organizations(caller: GraphQLCaller) -> None:
    data = await caller.ask(
        """query OrgFeatureFlags ($org: String!) {
      organization(name: $org) { featureFlags(rampIDType: OrgName) { rampKey isEnabled } }
    }""",
        org="acme",
    )
    assert data == {"organization": None}
