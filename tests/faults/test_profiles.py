"""Profiles: there, right by themselves, and in force when a server is asked for one."""

import pytest

from mockwb.config.load import load_config, rules_of
from mockwb.faults.profiles import (
    UnknownProfileError,
    profile_names,
    profile_rules,
    profile_summary,
)
from mockwb.faults.rule import check_names
from mockwb.yaml_file import FileError


def test_given_the_package_then_these_profiles_come_with_it() -> None:
    assert profile_names() == [
        "brownout",
        "flaky-network",
        "maintenance",
        "outage",
        "overloaded",
        "slow-network",
    ]


@pytest.mark.parametrize("name", profile_names())
def test_given_a_profile_then_its_rules_are_named_and_it_is_summed_up(name: str) -> None:
    rules = profile_rules(name)
    check_names(rules)
    assert rules
    assert all(rule.name for rule in rules)
    assert profile_summary(name).endswith(".")


def test_given_a_misspelt_profile_then_the_nearest_is_named() -> None:
    with pytest.raises(UnknownProfileError, match="did you mean brownout"):
        profile_rules("brown-out")
    with pytest.raises(FileError, match=r"fault_profile: .*known profiles: brownout"):
        load_config(overlay={"fault_profile": "zzz"})


def test_given_a_profile_and_faults_then_both_are_in_force() -> None:
    own = {"name": "mine", "what": {"kind": "stopped"}}
    config = load_config(overlay={"fault_profile": "outage", "faults": [own]})
    assert [rule.name for rule in rules_of(config)] == ["outage", "mine"]


def test_given_wrong_faults_in_a_file_then_the_error_names_line_and_key(tmp_path) -> None:
    file = tmp_path / "mockwb.yaml"
    file.write_text("faults:\n  - what:\n      kind: status\n      status: lots\n")
    with pytest.raises(FileError, match=r"mockwb.yaml:4: faults\[.*\].what.status: expected `int`"):
        load_config(file=file)
    twice = [{"name": "x", "what": {"kind": "reset"}}] * 2
    with pytest.raises(FileError, match="two faults are called x"):
        load_config(overlay={"faults": twice})
