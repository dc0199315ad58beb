"""Which layer wins, and what a wrong setting is told."""

from pathlib import Path

import msgspec
import pytest

from mockwb.config.load import load_config, plan_limits
from mockwb.config.model import ControlConfig, ServerConfig
from mockwb.limits.plans import plan_names
from mockwb.limits.rules import LimitRules
from mockwb.yaml_file import FileError


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mockwb.yaml"
    path.write_text(text)
    return path


def test_given_nothing_then_the_defaults_hold() -> None:
    config = load_config()
    # The plan `unlimited` spells out that nothing is limited.
    assert msgspec.structs.replace(config, limits=LimitRules()) == ServerConfig()
    assert (config.host, config.port, config.plan) == ("127.0.0.1", 8080, "unlimited")


def test_given_all_layers_then_the_later_one_wins_key_by_key(tmp_path) -> None:
    file = written(
        tmp_path,
        "port: 1\nlimits:\n  project: {requests: 1/1m, bytes: 1MB/1m}\nruns: {crash_after: 7s}\n",
    )
    config = load_config(
        file=file,
        environ={"MOCKWB_PORT": "2", "MOCKWB_LIMITS__PROJECT__REQUESTS": "2/1m", "HOME": "/x"},
        overlay={"port": 3},
    )
    assert config.port == 3
    assert str(config.limits.project.requests) == "2/1m"
    assert str(config.limits.project.bytes) == "1MB/1m"
    assert config.runs.crash_after == 7


def test_given_a_plan_file_then_it_lies_under_everything_else(tmp_path) -> None:
    plan = tmp_path / "mine.yaml"
    plan.write_text("limits: {project: {requests: 9/1s}, remaining_floor: 1}\n")
    config = load_config(plan=str(plan), overlay={"limits": {"project": {"requests": "5/1s"}}})
    assert config.plan == str(plan)
    assert str(config.limits.project.requests) == "5/1s"
    assert config.limits.remaining_floor == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("limits:\n  projct: 1\n", ":2: limits.projct: unknown key; expected one of project,"),
        ("limits:\n  project:\n    requests: 60\n", ":3: limits.project.requests: expected an"),
        (
            "limits: {project: {requests: 1.5/1m}}",
            "expected a whole number of at most 10000000000000000 per",
        ),
        ("limits: {project: {bytes: lots/1m}}", "expected a size such as 512, 10MB"),
        ("limits: {project: {requests: 5/0s}}", "expected a window of at least 1ms"),
        ("limits: {retry_after: 0s}", "expected at least 1s"),
        ("limits: {retry_after: soon}", "expected off, reset, next or a duration"),
        ("limits: {remaining_floor: 2000}", "limits.remaining_floor: expected `int` <= 1000"),
        ("port: web", ":1: port: expected `int`, got `str`"),
        ("runs: {crash_after: -3}", "expected a duration of at least 0"),
        ("runs: {crash_after: 5 parsecs}", "runs.crash_after: expected a duration such as"),
        ("port: 1\nport: 2\n", ":2: key 'port' is given twice"),
        ("port: [1", "not valid YAML"),
        ("- port", "expected `object`, got `array`"),
    ],
)
def test_given_a_wrong_file_then_the_error_names_line_key_and_expectation(
    tmp_path, text, message
) -> None:
    file = written(tmp_path, text)
    with pytest.raises(FileError) as caught:
        load_config(file=file)
    assert str(caught.value).startswith(str(file))
    assert message in str(caught.value)


def test_given_a_missing_file_then_the_error_names_it(tmp_path) -> None:
    with pytest.raises(FileError, match=r"nowhere\.yaml: No such file"):
        load_config(file=tmp_path / "nowhere.yaml")


def test_given_a_wrong_variable_then_the_error_names_it() -> None:
    with pytest.raises(FileError, match="environment variable MOCKWB_LIMTS__X: limts: unknown key"):
        load_config(environ={"MOCKWB_LIMTS__X": "1"})


def test_given_a_wrong_flag_then_the_error_says_flags() -> None:
    with pytest.raises(FileError, match=r"^flags: limits.project.requests: expected an amount"):
        load_config(overlay={"limits": {"project": {"requests": "many"}}})


def test_given_a_misspelt_plan_then_the_nearest_is_named() -> None:
    with pytest.raises(FileError, match="did you mean unlimited"):
        load_config(plan="unlimitd")
    with pytest.raises(FileError, match=r"known plans: .*unlimited"):
        load_config(plan="zzz")


@pytest.mark.parametrize("token", ["12345", "null-and-void", "yes", "#1", "0x1F"])
def test_given_a_token_in_the_environment_then_it_is_taken_as_it_stands(token) -> None:
    config = load_config(environ={"MOCKWB_CONTROL__ADMIN_TOKEN": token})
    assert config.control.admin_token == token


@pytest.mark.parametrize("nothing", ["", "null"])
def test_given_an_empty_token_then_there_is_none(nothing) -> None:
    assert load_config(environ={"MOCKWB_CONTROL__ADMIN_TOKEN": nothing}).control == ControlConfig()


def test_given_a_token_that_no_header_can_hold_then_the_error_keeps_it_to_itself() -> None:
    with pytest.raises(FileError, match=r"ADMIN_TOKEN: control.admin_token: expected") as caught:
        load_config(environ={"MOCKWB_CONTROL__ADMIN_TOKEN": "open sesame"})
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("name", plan_names())
def test_given_a_plan_that_comes_with_mockwb_then_its_limits_are_those_of_a_server_started_so(
    name,
) -> None:
    assert plan_limits(name) == load_config(plan=name).limits


def test_given_a_file_then_it_is_no_plan_that_comes_with_mockwb(tmp_path) -> None:
    with pytest.raises(FileError, match="no plan called"):
        plan_limits(str(written(tmp_path, "limits: {}")))


def test_given_parquet_histories_without_pyarrow_then_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mockwb.config.load.find_spec", lambda _name: None)
    with pytest.raises(FileError, match=r"runs\.parquet_history: .*mockwb\[parquet\]"):
        load_config(overlay={"runs": {"parquet_history": True}})
