"""What `mockwb run` tells the shell, one cause each; its help lists them from here."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How a scenario ended, with the words for the help text."""

    cause: str

    def __new__(cls, value: int, cause: str) -> "ExitCode":
        """Attach the cause to the number."""
        code = int.__new__(cls, value)
        code._value_ = value
        code.cause = cause
        return code

    HELD = 0, "all thresholds hold"
    FAILED = 1, "a threshold does not hold (the output names it), or the server stopped answering"
    BAD_START = (
        2,
        "nothing was run: the scenario is wrong, the port taken, the URL or key bad, wandb missing",
    )
    INTERRUPTED = 130, "Ctrl-C or SIGTERM; the account up to then is printed all the same"
