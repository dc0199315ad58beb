"""How commands read a scenario file, and the values that they take for its variables."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from mockwb.scenario.load import LoadedScenario, load_scenario

Command = TypeVar("Command", bound=Callable[..., Any])


def set_option(command: Command) -> Command:
    """`--set NAME=VALUE`, as `settings`."""
    return click.option(
        "--set",
        "settings",
        metavar="NAME=VALUE",
        multiple=True,
        callback=_split,
        help="Another value for a variable of the scenario (repeatable); MOCKWB_SET_NAME in the "
        "environment does the same.",
    )(command)


def load(file: Path, settings: dict[str, str]) -> LoadedScenario:
    """The scenario with these values; FileError."""
    return load_scenario(file, settings, os.environ)


def _split(_: click.Context, __: click.Parameter, words: Sequence[str]) -> dict[str, str]:
    settings = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f"expected NAME=VALUE such as clients=500, got {word!r}")
        settings[name.strip()] = value
    return settings
