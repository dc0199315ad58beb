"""Settings of the watch on W&B's guidance."""

import math

import pytest

from mockwb.config.load import load_config
from mockwb.config.plain import plain
from mockwb.yaml_file import FileError


@pytest.mark.parametrize("off", [None, "unlimited"])
def test_given_null_or_unlimited_then_a_range_is_switched_off(off: object) -> None:
    guidance = load_config(
        overlay={"guidance": {"steps_per_run": off, "value_size": off, "config_size": "2MB"}}
    ).guidance
    assert (guidance.steps_per_run, guidance.value_size) == (math.inf, math.inf)
    assert guidance.config_size == 2_000_000


def test_given_settings_as_plain_data_then_they_read_back_as_they_were() -> None:
    config = load_config(
        overlay={"guidance": {"files_per_run": "unlimited", "video_per_minute": "1.5MB"}}
    )
    assert load_config(overlay=plain(config)).guidance == config.guidance


@pytest.mark.parametrize(
    ("setting", "value", "complaint"),
    [
        ("steps_per_run", "many", "guidance.steps_per_run: expected a whole number"),
        ("steps_per_run", 1.5, "guidance.steps_per_run: expected a whole number"),
        ("steps_per_run", True, "guidance.steps_per_run: expected a whole number"),
        ("config_size", "big", "guidance.config_size: expected a size"),
        ("value_size", "9kB", "guidance: value_size must be at least 10kB"),
        ("log_call_size", 9999, "guidance: log_call_size must be at least 10kB"),
        ("panels", 3, "guidance.panels: unknown key"),
    ],
)
def test_given_a_range_that_is_none_then_it_is_named(
    setting: str, value: object, complaint: str
) -> None:
    with pytest.raises(FileError) as error:
        load_config(overlay={"guidance": {setting: value}})
    assert complaint in str(error.value)
