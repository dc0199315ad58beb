"""Users, teams, organisations, keys and permissions, as the public API and runs meet them."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mockwb.server import Server
from tests.sdk.conftest import Sdk, serving

pytestmark = pytest.mark.sdk

KEYS = {name: f"{name}{'0' * (40 - len(name))}" for name in ("root", "ada", "bob", "vic", "eve")}
PEOPLE = {
    "users": [{"name": name, "key": key, "admin": name == "root"} for name, key in KEYS.items()],
    "teams": [
        {
            "name": "crew",
            "organization": "Acme",
            "members": [
                {"user": "ada", "role": "admin"},
                {"user": "bob"},
                {"user": "vic", "role": "viewer"},
            ],
        }
    ],
    "organizations": [
        {"name": "Acme", "members": [{"user": "ada", "role": "admin"}, {"user": "bob"}]}
    ],
}
As = Callable[[str], Sdk]
REFUSED = "permission denied|403|not found|404|Could not find|401|not logged in|not yet initialized"


@pytest.fixture(scope="module")
def peopled() -> Iterator[Server]:
    """A server on which people are declared; eve belongs to nothing."""
    with serving(people=PEOPLE, fixture_port=0) as running:
        yield running


@pytest.fixture
def user(peopled: Server, tmp_path: Path) -> As:
    """The SDK with the key of a user."""
    return lambda name: KeyedSdk(peopled.url, tmp_path / name, KEYS.get(name, name))


class KeyedSdk(Sdk):
    """With a key of its own."""

    def __init__(self, url: str, folder: Path, key: str) -> None:
        super().__init__(url, folder)
        self.key = key

    def _environment(self) -> dict[str, str]:
        return super()._environment() | {"WANDB_API_KEY": self.key}


def who_am_i() -> Any:
    import wandb

    api = wandb.Api()
    viewer = api.viewer
    return {
        "user": [viewer.username, viewer.email, viewer.admin, viewer.teams],
        "keys": viewer.api_keys,
        "default": api.default_entity,
        "organization": [api.organization("Acme").org_entity.name, api.organization().name],
    }


def test_the_viewer_is_who_the_key_belongs_to(user: As) -> None:
    assert user("ada").run(who_am_i) == {
        "user": ["ada", "ada@mockwb.invalid", False, ["ada", "crew"]],
        "keys": ["ada00000"],
        "default": "ada",
        "organization": ["Acme-org", "Acme"],
    }


def change_keys() -> Any:
    import wandb

    viewer = wandb.Api().viewer
    secret = viewer.generate_api_key("for tests")
    by_new_key = wandb.Api(api_key=secret).viewer
    shown = by_new_key.api_keys
    deleted = by_new_key.delete_api_key(secret[:8])
    again = by_new_key.delete_api_key(secret[:8])
    try:
        wandb.Api(api_key=secret).viewer  # noqa: B018 -- it asks the server
        refused = ""
    except wandb.errors.AuthenticationError as error:
        refused = str(error)
    return [by_new_key.username, len(secret), secret[:8] in shown, deleted, again, refused]


def test_a_new_key_works_until_it_is_deleted(user: As) -> None:
    found = user("bob").run(change_keys, expected=REFUSED)
    assert found[:5] == ["bob", 40, True, True, False]
    assert "Failed to verify credentials" in found[5]


def look_for_users() -> Any:
    import wandb

    api = wandb.Api()
    found = {
        "name": api.user("bob").username,
        "email": api.user("bob@mockwb.invalid").username,
        "all": sorted(user.username for user in api.users("@mockwb.invalid")),
        "nobody": [api.user("nobody"), api.users("nobody")],
        "their_keys": api.user("ada").api_keys,
    }
    try:
        made = api.create_user("zoe@example.com", admin=True)
        found["made"] = [made.email, api.user("zoe").admin]
        api.create_user("zoe@example.com")
    except Exception as error:
        found["refused"] = [type(error).__name__, str(error)]
    return found


def test_users_are_found_by_everybody_and_made_by_admins_of_the_server(user: As) -> None:
    found = user("eve").run(look_for_users, expected=REFUSED)
    assert [found["name"], found["email"], found["nobody"]] == ["bob", "bob", [None, []]]
    assert {"ada", "bob", "eve", "root", "vic"} <= set(found["all"])
    assert found["their_keys"] == []
    assert found["refused"][0] == "WandbApiFailedError"
    assert "permission denied" in found["refused"][1]
    found = user("root").run(look_for_users, expected="zoe")
    assert found["their_keys"] == ["ada00000"]
    assert found["made"] == ["zoe@example.com", True]
    assert "email zoe@example.com belongs to user zoe" in found["refused"][1]


def build_team() -> Any:
    import wandb

    api = wandb.Api()
    team = api.create_team("builders")
    invited = [team.invite("eve"), team.invite("eve"), team.invite("nobody")]
    invited += [team.invite("new@example.com", admin=True)]
    account = team.create_service_account("CI")
    team.load(force=True)
    members = [[m.name, m.admin, m.pending, m.account_type] for m in team.members]
    run = wandb.init(
        entity="builders", project="ci", settings=wandb.Settings(api_key=account.api_key)
    )
    run.log({"x": 1})
    run.finish()
    robot = wandb.Api(api_key=account.api_key)
    leaving = ("eve", "new@example.com")
    removed = [member.delete() for member in team.members if member.name in leaving]
    team.load(force=True)
    return {
        "invited": invited,
        "members": members,
        "robot": [robot.viewer.name, robot.default_entity, robot.viewer.teams],
        "runs": [found.user.name for found in api.runs("builders/ci")],
        "removed": removed,
        "left": [member.name for member in team.members],
        "mine": api.viewer.teams,
    }


def try_to_change_team() -> Any:
    import wandb

    api = wandb.Api()
    team = api.team("crew")
    return {
        "invite": team.invite("eve"),
        "remove": [member.delete() for member in team.members if member.username == "ada"],
        "account": team.create_service_account("mine") is None,
        "taken": [member.username for member in api.create_team("crew").members],
        "keys": [member.api_key for member in team.members],
    }


def test_teams_are_made_filled_and_emptied(user: As) -> None:
    found = user("ada").run(build_team, expected="409|404|already|not found")
    assert found["invited"] == [True, False, False, True]
    assert found["members"] == [
        ["ada", True, False, "MEMBER"],
        ["eve", False, False, "MEMBER"],
        ["new@example.com", True, True, "MEMBER"],
        ["CI", False, False, "SERVICE"],
    ]
    assert found["robot"] == ["CI", "builders", ["builders"]]
    assert found["runs"] == ["CI"]
    assert [found["removed"], found["left"]] == [[True, True], ["ada", "CI"]]
    assert found["mine"] == ["ada", "crew", "builders"]


def test_only_admins_of_a_team_change_it(user: As) -> None:
    assert user("bob").run(try_to_change_team, expected=REFUSED + "|409|taken") == {
        "invite": False,
        "remove": [False],
        "account": True,
        "taken": ["ada", "bob", "vic"],
        "keys": [None, None, None],
    }


def write(entity: str, project: str, name: str) -> Any:
    import wandb

    try:
        run = wandb.init(entity=entity, project=project, id=name, config={"lr": 0.1})
    except wandb.errors.CommError as error:
        return str(error)
    run.log({"x": 1})
    run.finish()
    return run.path


def read(path: str) -> Any:
    import wandb
    from wandb.sdk.artifacts._gqlutils import is_project_read_only

    entity, project, name = path.split("/")
    api = wandb.Api()

    def attempt(ask: Any) -> Any:
        try:
            return ask()
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    def change(name: str) -> Any:
        run = api.run(f"{entity}/{project}/{name}")
        run.notes = "changed"
        run.update()

    def read_only() -> list[Any]:
        project_says = is_project_read_only(api._service_api, entity, project)
        if project_says is None:
            return [None, None, None]
        listed = [run.read_only for run in api.runs(f"{entity}/{project}")]
        return [api.run(path).read_only, listed, project_says]

    return {
        "read_only": read_only(),
        "run": attempt(lambda: api.run(path).config["lr"]),
        "runs": attempt(lambda: [run.id for run in api.runs(f"{entity}/{project}")]),
        "projects": attempt(lambda: [p.name for p in api.projects(entity) if p.name == project]),
        "project": attempt(lambda: api.project(project, entity).owner.username),
        "team": attempt(lambda: [member.username for member in api.team(entity).members]),
        "change": attempt(lambda: change(name)),
        "create": attempt(lambda: api.create_project(f"{project}-new", entity)),
    }


def test_members_read_and_write_viewers_read_and_strangers_see_nothing(
    user: As, project: str
) -> None:
    place = {"entity": "crew", "project": project}
    path = f"crew/{project}/r1"
    assert user("bob").run(write, name="r1", **place) == path
    seen = {
        "read_only": [False, [False], False],
        "run": 0.1,
        "runs": ["r1"],
        "projects": [project],
        "project": "bob",
        "team": ["ada", "bob", "vic"],
        "change": None,
        "create": None,
    }
    assert user("ada").run(read, path=path) == seen
    assert user("root").run(read, path=path) == seen
    viewer = user("vic").run(read, path=path, expected=REFUSED)
    assert viewer | {"change": None, "create": None, "read_only": seen["read_only"]} == seen
    assert viewer["read_only"] == [True, [True], True]
    assert viewer["change"] == "CommError: permission denied"
    assert viewer["create"].startswith("WandbApiFailedError: ")
    assert "permission denied" in user("vic").run(write, name="r2", expected=REFUSED, **place)
    stranger = user("eve").run(read, path=path, expected=REFUSED)
    assert stranger["read_only"] == [None, None, None]
    assert stranger["run"].startswith("CommError: Could not find run")
    assert stranger["runs"].startswith("ValueError: Could not find project")
    assert stranger["projects"].startswith("ValueError: Unable to parse")
    assert stranger["project"].startswith("ValueError: ")
    assert stranger["team"] == "KeyError: 'members'"
    assert stranger["change"].startswith("CommError: ")
    assert stranger["create"].startswith("WandbApiFailedError: ")
    assert "permission denied" in user("eve").run(write, name="r2", expected=REFUSED, **place)
    nowhere = user("eve").run(write, entity="none", project="p", name="r", expected=REFUSED)
    assert "entity none not found" in nowhere


def test_open_projects_take_every_user_and_public_ones_are_read_by_all(
    user: As, peopled: Server, project: str
) -> None:
    ask = user("eve").ask
    entry = {"entity": "crew", "name": project, "access": "USER_WRITE"}
    assert ask("people/projects", "PUT", entry) == entry
    path = f"crew/{project}/r1"
    assert user("eve").run(write, entity="crew", project=project, name="r1") == path
    ask("people/projects", "PUT", {**entry, "access": "USER_READ"})
    found = user("eve").run(read, path=path, expected=REFUSED)
    assert [found["run"], found["runs"], found["projects"]] == [0.1, ["r1"], [project]]
    assert found["change"] == "CommError: permission denied"
    assert found["read_only"] == [True, [True], True]
    ask("people/projects", "PUT", {**entry, "access": "RESTRICTED"})
    assert user("bob").run(read, path=path, expected=REFUSED)["runs"].startswith("ValueError")
    assert user("ada").run(read, path=path)["runs"] == ["r1"]


def list_projects(prefix: str) -> Any:
    import wandb

    api = wandb.Api()
    names = [f"{prefix}-{n}" for n in range(3)]
    for name in [*names, names[0]]:
        api.create_project(name, "pages")
    first = api.project(names[0], "pages").id
    api.create_project(names[0], "pages")
    projects = api.projects("pages", per_page=1)
    return {
        "listed": sorted(project.name for project in projects) == names,
        "same": wandb.Api().project(names[0], "pages").id == first,
    }


def test_projects_made_twice_are_one_and_pages_of_one_list_them_all(user: As, project: str) -> None:
    team = {"name": "pages", "members": [{"user": "bob"}]}
    user("bob").ask("people/teams", "PUT", team)
    found = user("bob").run(list_projects, prefix="p")
    assert found == {"listed": True, "same": True}


def test_viewers_of_an_organization_only_read_in_its_teams(user: As, project: str) -> None:
    ask = user("root").ask
    members = [{"user": "ada", "role": "admin"}, {"user": "eve", "role": "viewer"}]
    ask("people/organizations", "PUT", {"name": "Umbra", "members": members})
    team = {"name": "shade", "organization": "Umbra"}
    members = [{"user": "bob", "role": "admin"}, {"user": "eve", "role": "member"}]
    ask("people/teams", "PUT", {**team, "members": members})
    path = f"shade/{project}/r1"
    assert user("bob").run(write, entity="shade", project=project, name="r1") == path
    viewer = user("eve")
    seen = viewer.run(read, path=path, expected=REFUSED)
    assert (seen["run"], seen["runs"], seen["projects"]) == (0.1, ["r1"], [project])
    assert seen["team"] == ["bob", "eve"]
    assert seen["change"] == "CommError: permission denied"
    assert seen["create"].startswith("WandbApiFailedError: ")
    refused = viewer.run(write, entity="shade", project=project, name="r2", expected=REFUSED)
    assert "permission denied" in refused
    assert seen["read_only"] == [True, [True], True]
    assert user("ada").run(read, path=path)["change"] is None, "an admin of the organization"


def command(server: Server, what: str, **body: object) -> None:
    request = urllib.request.Request(
        f"{server.fixture_url}/db/{what}",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request) as response:
        assert response.status == 200


def log_as_fixture_user(team: str) -> Any:
    import wandb

    api = wandb.Api()
    for entity in (None, team):
        run = wandb.init(entity=entity, project="fixtures", id="r1")
        run.log({"x": 1})
        run.finish()
    return {
        "viewer": [api.viewer.username, api.default_entity, api.viewer.teams],
        "organization": api.organization().name,
        "runs": [len(api.runs(f"{entity}/fixtures")) for entity in (api.default_entity, team)],
    }


def test_what_the_fixture_service_makes_can_log_in_with_its_name(user: As, peopled: Server) -> None:
    name = "user_gw0-" + "a" * 40
    command(peopled, "user", command="up", username=name, password=None, admin=False)
    command(peopled, "user", command="password", username=name, password=name, admin=None)
    command(peopled, "organization", command="up", orgName="Fix", username=name, fixtureData=None)
    team = {"planName": "team", "team": {"name": "fixers"}, "organization": {"name": "Fix"}}
    command(peopled, "team", command="up", username=name, fixtureData=team)
    assert user(name).run(log_as_fixture_user, team="fixers") == {
        "viewer": [name, name, [name, "fixers"]],
        "organization": "Fix",
        "runs": [1, 1],
    }
    for what, body in (
        ("organization", {"orgName": "Fix", "username": name}),
        ("user", {"username": name}),
    ):
        command(peopled, what, command="down", **body)
    gone = user(name).ask("people")
    assert not any(found["name"] in (name, "fixers") for found in gone["users"] + gone["teams"])


def invite(team: str, names: list[str]) -> Any:
    import wandb

    found = wandb.Api().team(team)
    return [found.invite(name) for name in names]


def join(team: str, organization: str) -> Any:
    import wandb

    api = wandb.Api()
    viewer = api.viewer
    found = {"organization": api.organization(organization).name, "teams": viewer.teams[1:]}
    try:
        run = wandb.init(entity=team, project="joined", id=viewer.username.split("-")[1])
        run.log({"x": 1})
        run.finish()
        found["wrote"] = True
    except wandb.errors.CommError as error:
        found["wrote"] = str(error)
    try:
        found["runs"] = sorted(run.id for run in api.runs(f"{team}/joined"))
    except ValueError as error:
        found["runs"] = str(error)
    return found


def test_who_joins_an_organization_by_the_fixture_service_has_the_role_it_says(
    user: As, peopled: Server
) -> None:
    roles = ("admin", "member", "viewer")
    names = {role: f"user_gw1-{role}-" + "b" * 40 for role in ("owner", *roles)}
    for name in names.values():
        command(peopled, "user", command="up", username=name, password=None, admin=False)
        command(peopled, "user", command="password", username=name, password=name, admin=None)
    owner = {"orgName": "Joined", "username": names["owner"]}
    command(peopled, "organization", command="up", fixtureData=None, **owner)
    team = {"planName": "team", "team": {"name": "joiners"}, "organization": {"name": "Joined"}}
    command(peopled, "team", command="up", username=names["owner"], fixtureData=team)
    members = {"members": [{"username": names[role], "role": role} for role in roles]}
    command(peopled, "organization", command="add_members", fixtureData=members, **owner)
    place = {"team": "joiners", "organization": "Joined"}
    assert user(names["owner"]).run(join, **place)["wrote"] is True
    for role in ("owner", "admin"):
        assert user(names[role]).run(join, **place)["wrote"] is True
    member = user(names["member"])
    outside = member.run(join, expected=REFUSED, **place)
    assert (outside["organization"], outside["teams"]) == ("Joined", [])
    assert "permission denied" in outside["wrote"]
    assert outside["runs"].startswith("Could not find project")
    invited = [names["member"], names["viewer"]]
    assert user(names["owner"]).run(invite, team="joiners", names=invited) == [True, True]
    inside = member.run(join, **place)
    assert (inside["teams"], inside["wrote"]) == (["joiners"], True)
    viewer = user(names["viewer"]).run(join, expected=REFUSED, **place)
    assert (viewer["organization"], viewer["teams"]) == ("Joined", ["joiners"])
    assert "permission denied" in viewer["wrote"]
    assert viewer["runs"] == inside["runs"] == ["admin", "member", "owner"]
