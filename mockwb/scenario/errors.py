"""Errors that end a scenario, each with the exit code that belongs to it."""

from mockwb.scenario.exit_code import ExitCode


class ScenarioError(Exception):
    """A scenario cannot go on; the message is for the person who started it."""

    exit_code = ExitCode.FAILED


class StartError(ScenarioError):
    """What the scenario needs is not there, so it was not run."""

    exit_code = ExitCode.BAD_START


class ServerGoneError(ScenarioError):
    """The server answered at the start and no longer does."""
