"""The same scenario again and again with another value of one variable: a curve.

`mockwb simulate --sweep clients=10,100,1000` calls it. Where clients are counted, it also looks
for the count at which the limits no longer let everything through in time.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import msgspec

from mockwb.scenario.errors import StartError
from mockwb.scenario.figures import REFUSED, quantile
from mockwb.scenario.judgement import judge
from mockwb.scenario.load import LoadedScenario
from mockwb.scenario.place import server_config
from mockwb.simulate.play import simulate
from mockwb.simulate.scaling import scaled

CLIENTS = "clients"
"""The variable that every scenario has: its clients in all."""
_IN_TIME = 0.9
"""Of the best throughput per client: with less, the limits are what decides it."""
_CLOSE = 1.1
"""The count that saturates is known to a tenth."""


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """What one value came to."""

    value: str
    clients: int
    seconds: float
    """Until the last client's end."""
    requests_per_second: float
    refused_share: float
    """Of file_stream requests, those answered with 429: 0..1."""
    rows_per_second: float
    """Stored, by all clients together."""
    rows_missing: int
    finish_p50: float | None
    """Seconds from the last log() to the end of finish(); None if no client finished."""
    finish_p95: float | None
    held_back_p95: float
    """Seconds for which runs were kept waiting, from first 429s to acceptances."""
    in_time: float
    """Rows stored per second, of those that would be if nothing held clients back: 0..1."""
    verdict: str
    thresholds_failed: list[str]
    added: bool = False
    """Whether nobody asked for it: it narrows down where the limits saturate."""


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """All points, in the order of their values where these are numbers."""

    variable: str
    points: list[Point]
    saturated_at: int | None = None
    """The fewest clients seen for which the limits let too little through."""
    fits: int | None = None
    """The most clients seen, below that, for which they do not."""
    text: str
    """What it comes to, in one line."""
    interrupted: bool = False
    """Whether values are left that nobody simulated."""


Load = Callable[[dict[str, str]], LoadedScenario]
"""Reads the scenario with these values of its variables."""
Seen = Callable[[Point], None]


def sweep(load: Load, variable: str, values: Sequence[str], seen: Seen = lambda _: None) -> Curve:
    """Simulate every value; StartError or FileError for one that does not fit the scenario.

    An interrupt (Ctrl-C) ends it with the values up to then, KeyboardInterrupt if there is none.
    """
    points: list[Point] = []
    interrupted = False
    try:
        for value in values:
            points.append(_point(_loaded(load, variable, value), value))
            seen(points[-1])
        if variable == CLIENTS:
            for point in _narrowed(load, points):
                points.append(point)
                seen(point)
    except KeyboardInterrupt:
        if not points:
            raise
        interrupted = True
    if variable == CLIENTS:
        points.sort(key=lambda point: point.clients)
    return _curve(variable, points, interrupted)


def _loaded(load: Load, variable: str, value: str) -> LoadedScenario:
    """The scenario with that value."""
    plain = load({})
    if variable != CLIENTS or CLIENTS in plain.scenario.variables:
        return load({variable: value})
    if not value.isdecimal() or not int(value):
        raise StartError(f"--sweep: expected numbers of clients such as 10,100, got {value!r}")
    return replace(plain, scenario=scaled(plain.scenario, int(value)))


def _point(loaded: LoadedScenario, value: str, *, added: bool = False) -> Point:
    scenario = loaded.scenario
    with loaded.placed():
        run = simulate(scenario, server_config(loaded))
    if run.ending == "interrupted":
        raise KeyboardInterrupt
    judgement = judge(scenario, run)
    total = judgement.tallies.total
    ideal = max(workload.logging_seconds for workload in scenario.workloads)
    streamed, refused = total.answered("file_stream"), total.answered("file_stream", REFUSED)
    in_time = total.rows.stored / total.rows.sent if total.rows.sent else 1.0
    return Point(
        value=value,
        clients=total.clients,
        seconds=run.seconds,
        requests_per_second=total.answered() / run.seconds,
        refused_share=refused / streamed if streamed else 0.0,
        rows_per_second=total.rows.stored / run.seconds,
        rows_missing=total.rows.missing,
        finish_p50=quantile(total.finish_seconds, 0.5),
        finish_p95=quantile(total.finish_seconds, 0.95),
        held_back_p95=quantile(total.throttled_seconds, 0.95) or 0.0,
        in_time=in_time * min(1.0, ideal / run.seconds),
        verdict=judgement.verdict,
        thresholds_failed=[one.text for one in judgement.outcomes if not one.holds],
        added=added,
    )


def _narrowed(load: Load, points: Sequence[Point]) -> Iterator[Point]:
    """Points between the last count that fits and the first that does not, ever closer."""
    points = list(points)
    while True:
        fits, saturated = _bounds(points)
        if fits is None or saturated is None or saturated.clients <= fits.clients * _CLOSE + 1:
            return
        between = round((fits.clients * saturated.clients) ** 0.5)
        if not fits.clients < between < saturated.clients:
            return
        point = _point(_loaded(load, CLIENTS, str(between)), str(between), added=True)
        points.append(point)
        yield point


def _bounds(points: Sequence[Point]) -> tuple[Point | None, Point | None]:
    """The most clients that fit, and the fewest that do not; None if there are none such."""
    best = max(point.in_time for point in points)
    late = [point for point in points if point.in_time < _IN_TIME * best]
    saturated = min(late, key=lambda point: point.clients, default=None)
    below = math.inf if saturated is None else saturated.clients
    fitting = [point for point in points if point.clients < below]
    return max(fitting, key=lambda point: point.clients, default=None), saturated


def _curve(variable: str, points: list[Point], interrupted: bool) -> Curve:
    fits, saturated = _bounds(points)
    text = _text(points, fits, saturated)
    return Curve(
        variable=variable,
        points=points,
        saturated_at=None if saturated is None else saturated.clients,
        fits=None if fits is None else fits.clients,
        text=f"interrupted; {text}" if interrupted else text,
        interrupted=interrupted,
    )


def _text(points: Sequence[Point], fits: Point | None, saturated: Point | None) -> str:
    most = max(point.clients for point in points)
    if saturated is None:
        text = f"up to {most:,} clients the limits do not saturate"
    elif fits is None:
        text = f"saturated with {saturated.clients:,} clients already"
    else:
        text = f"saturates between {fits.clients:,} and {saturated.clients:,} clients"
    refusing = [point.clients for point in points if point.refused_share > 0]
    return f"{text}; 429s from {min(refusing):,} on" if refusing else f"{text}; nothing is refused"
