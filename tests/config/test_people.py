"""People in the configuration, and what a wrong entry is told."""

from pathlib import Path

import pytest

from mockwb.config.load import load_config
from mockwb.yaml_file import FileError


def test_given_people_then_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "mockwb.yaml"
    path.write_text(
        "people:\n"
        "  users: [{name: ada, key: short, admin: true}]\n"
        "  organizations: [{name: Acme Inc., members: [{user: ada, role: admin}]}]\n"
        "  teams: [{name: crew, organization: Acme Inc., members: [{user: ada}]}]\n"
        "  projects: [{entity: crew, name: vision, access: USER_READ}]\n"
    )
    people = load_config(file=path).people
    assert (people.users[0].key, people.users[0].admin) == ("short", True)
    assert (people.teams[0].members[0].role, people.projects[0].access) == ("member", "USER_READ")


@pytest.mark.parametrize(
    ("people", "message"),
    [
        ({"users": [{"name": "a/b"}]}, "people.users[0].name"),
        ({"users": [{"name": "a", "e_mail": "x"}]}, "people.users[0].e_mail: unknown key"),
        ({"users": [{"name": "a"}, {"name": "a"}]}, "name a is given 2 times"),
        ({"users": [{"name": "a"}], "teams": [{"name": "a"}]}, "name a is given 2 times"),
        ({"users": [{"name": "a", "key": "k"}, {"name": "b", "key": "k"}]}, "a key is given 2"),
        ({"teams": [{"name": "t", "members": [{"user": "a"}]}]}, "t: member a is not among"),
        ({"teams": [{"name": "t", "organization": "o"}]}, "t: there is no organization o"),
        ({"projects": [{"entity": "e", "name": "p"}]}, "p: there is no entity e"),
        (
            {
                "users": [{"name": "a"}],
                "teams": [{"name": "t", "members": [{"user": "a", "role": "x"}]}],
            },
            "expected one of admin, member, viewer",
        ),
        ({"users": [{"name": "a", "key": "k" * 40}]}, "the key of a is another user's"),
        ({"teams": [{"name": "kim"}]}, "name kim is a user's among auth.keys"),
    ],
)
def test_given_people_that_cannot_be_then_the_message_says_why(people, message) -> None:
    keys = {"keys": [{"key": "k" * 40, "user": "kim"}]}
    with pytest.raises(FileError) as caught:
        load_config(overlay={"auth": keys, "people": people})
    assert message in str(caught.value)
