"""What a resource of the control API is made of; `routes` serves it, `openapi` describes it.

A further resource is one file with a class that has `name`, `path` and `operations`, and one line
in `resources.control_resources`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter."""

    name: str
    description: str
    """What it takes, fit to follow `expected`."""
    required: bool = False
    repeated: bool = False
    """Whether it may be given several times."""
    choices: tuple[str, ...] = ()
    """The only values there are; empty takes any text that matches `pattern`."""
    pattern: str | None = None
    """Regular expression that the whole of every value matches."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request for an operation, checked against what the operation takes."""

    query: Mapping[str, Sequence[str]]
    """Values of the parameters that were given."""
    origin: str
    """Where it came from: an address, for the log."""
    body: Any = None
    """The body, as the type that the operation asks for."""
    data: Any = None
    """The body as it came: plain data."""

    def one(self, name: str) -> str | None:
        """The value of a parameter that is not repeated; None if it was not given."""
        values = self.query.get(name)
        return values[0] if values else None

    def every(self, name: str) -> Sequence[str]:
        """All values of a repeated parameter."""
        return self.query.get(name, ())


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method of a resource does."""

    method: str
    summary: str
    run: Callable[[Call], Awaitable[object]]
    """Answers with a value of type `answer`, or raises RefusedCallError."""
    answer: Any
    """Type of the answer."""
    parameters: tuple[Parameter, ...] = ()
    """All query parameters it takes; any other is answered with 400."""
    body: Any = None
    """Type of the body; None takes none."""
    errors: Mapping[int, str] = field(default_factory=dict)
    """Status -> when `run` answers with it. What holds for every operation is added to it."""


class Resource(Protocol):
    """One path of the control API."""

    @property
    def name(self) -> str:
        """What the index calls it."""

    @property
    def path(self) -> str:
        """Where it is, from `/_mockwb/` on."""

    @property
    def operations(self) -> Sequence[Operation]:
        """What can be done with it, one per method."""
