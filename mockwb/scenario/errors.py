"""Errors that end a scenario, each with the exit code that belongs to it."""

from mockwb.scenario.exit_code import ExitCode


class ScenarioError(Exception):
    """A scenario cannot go on; the message is for the person who started it."""

    exit_code = ExitCode.FAILED


class StartError(ScenarioError):
    """What the scenario needs is not there, so it was not run."""

    exit_code = ExitCode.BAD_START

    def __init__(self, message: str, *path: str | int) -> None:
        """`path` leads to the key of the scenario that asks for it, workloads by name."""
        super().__init__(message)
        self.path = path


class ServerGoneError(ScenarioError):
    """The server answered at the start and no longer does."""
