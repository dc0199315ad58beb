"""How each client behaved towards limits and failures: the JSON of `/_mockwb/clients`.

`observe` keeps it, `control` serves it, and scenarios read it over HTTP and sum it up.
"""

from collections.abc import Iterable

import msgspec


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """How long a client waited before a retry, and how long it had been told to."""

    waited: float
    """Seconds from the end of the failed answer to the start of the next attempt."""
    advised: float
    """Seconds that Retry-After or, without one, RateLimit-Reset of the failed answer said."""

    @property
    def share(self) -> float:
        """What was waited of what was advised; 1 or more is as told."""
        return self.waited / self.advised


class RetryStep(msgspec.Struct, frozen=True, kw_only=True):
    """The first, second, ... retry of requests: one step of a backoff pattern."""

    retries: int
    median_wait: float
    """Seconds."""


class Behaviour(msgspec.Struct, kw_only=True):
    """What one client did, or several together.

    A retry is an attempt that repeats a failed one: answered 429, 408 or 5xx, or not at all.
    """

    requests: int = 0
    refused: int = 0
    """Answered with 429."""
    retries: int = 0
    premature_retries: int = 0
    """Retries before the advised time had passed."""
    requests_while_remaining_zero: int = 0
    """Requests although the answer before them had said that nothing was left, and its
    RateLimit-Reset had not passed."""
    bytes_resent: int = 0
    """Body bytes of retries."""
    most_attempts: int = 0
    """Of one request, the first included; 0 if nothing was retried."""
    shortest_wait: float | None = None
    """Seconds before a retry; None without any."""
    median_wait: float | None = None
    least_patient: Wait | None = None
    """The wait that fell shortest of what was advised; None if nothing was advised."""
    median_advised: float | None = None
    """Seconds that answers had advised before retries."""
    backoff: list[RetryStep] = []
    """Before the first retry of a request, the second, ...; the last step stands for all later."""


class ClientAccount(Behaviour, kw_only=True):
    """One client on one endpoint: a user, a run (or none) and a user agent."""

    endpoint: str
    """`file_stream`, `graphql` or `storage`."""
    user: str | None = None
    """User name; None without an API key, as with uploads to signed URLs."""
    ip: str | None = None
    """Remote address of a client without a user."""
    entity: str | None = None
    project: str | None = None
    run: str | None = None
    """None for requests that name none, such as logins and listings."""
    writer: str | None = None
    """Client ID of one of several writers to a run in shared mode."""
    user_agent: str = ""
    sdk_version: str | None = None
    """As the user agent says, else as the run's config says (`_wandb.cli_version`)."""


class ClientAccounts(msgspec.Struct, kw_only=True):
    """All clients that match a query."""

    clients: list[ClientAccount] = []
    forgotten_clients: int = 0
    """Clients no longer kept, because more of them came than the configured bound."""


def together(behaviours: Iterable[Behaviour]) -> Behaviour:
    """Several clients as one; medians are the median client's, weighted by retries."""
    every = list(behaviours)
    retried = [one for one in every if one.retries]
    advised = [one.least_patient for one in retried if one.least_patient is not None]
    waits = [one.shortest_wait for one in retried if one.shortest_wait is not None]
    return Behaviour(
        requests=sum(one.requests for one in every),
        refused=sum(one.refused for one in every),
        retries=sum(one.retries for one in every),
        premature_retries=sum(one.premature_retries for one in every),
        requests_while_remaining_zero=sum(one.requests_while_remaining_zero for one in every),
        bytes_resent=sum(one.bytes_resent for one in every),
        most_attempts=max((one.most_attempts for one in every), default=0),
        shortest_wait=min(waits, default=None),
        median_wait=weighted_median(
            (one.median_wait, one.retries) for one in retried if one.median_wait is not None
        ),
        least_patient=min(advised, key=lambda wait: wait.share, default=None),
        median_advised=weighted_median(
            (one.median_advised, one.retries) for one in retried if one.median_advised is not None
        ),
        backoff=_steps(retried),
    )


def weighted_median(values: Iterable[tuple[float, int]]) -> float | None:
    """The smallest of (value, weight) with half of all weight at or below it; None of none."""
    ordered = sorted(values)
    left = sum(weight for _, weight in ordered) / 2
    for value, weight in ordered:
        left -= weight
        if left <= 0:
            return value
    return None


def _steps(behaviours: list[Behaviour]) -> list[RetryStep]:
    steps = []
    for index in range(max((len(one.backoff) for one in behaviours), default=0)):
        same = [one.backoff[index] for one in behaviours if index < len(one.backoff)]
        median = weighted_median((step.median_wait, step.retries) for step in same)
        assert median is not None
        steps.append(RetryStep(retries=sum(step.retries for step in same), median_wait=median))
    return steps
