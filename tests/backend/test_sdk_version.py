import pytest

from mockwb.backend.sdk_version import sdk_version


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ('{"_wandb": {"value": {"cli_version": "0.31.0"}}, "lr": {"value": 1}}', "0.31.0"),
        ('{"_wandb": {"value": {"cli_version": 31}}}', ""),
        ('{"_wandb": {"value": "x"}}', ""),
        ('{"_wandb": []}', ""),
        ('{"lr": {"value": NaN}}', ""),
        ("{", ""),
        ("[]", ""),
        (None, ""),
    ],
)
def test_given_a_config_then_the_version_is_what_its_notes_say(
    config: str | None, expected: str
) -> None:
    assert sdk_version(config) == expected
