"""What faults do to a simulated request: the effects that `wire.fault_effects` has on a real one.

Called by `server` for the requests that a rule strikes.
"""

from collections.abc import Callable

from mockwb.faults.effect import Effect
from mockwb.sdkmodel.answer_headers import RateHeaders
from mockwb.sdkmodel.file_stream_body import FileStreamBody
from mockwb.simulate.flight import Answer, Fate, Flight
from mockwb.simulate.streamed import note

_BROKEN: Fate = (0.0, None)


def afflicted(
    flight: Flight, effect: Effect, proceed: Callable[[], Answer], took: float
) -> tuple[Fate, int]:
    """Handle an attempt as `effect` lets it be handled; its fate, and the status for accounts.

    `proceed` does what the server would, and takes `took` seconds. Delays before the handling have
    passed already. The status is 0 where nobody gets an answer.
    """
    if effect.refuse is not None or effect.disconnect in ("before", "during"):
        return _BROKEN, 0
    stall, instead = effect.stall, effect.answer
    if stall is not None and not stall.handled:
        _note(flight)
        return (stall.seconds, None), 0
    if instead is not None and not instead.handled:
        _note(flight)
        answer = Answer(instead.status, RateHeaders(), instead.body)
        if "Retry-After" in instead.headers:
            said = (instead.headers["Retry-After"],)
            answer = answer._replace(headers=RateHeaders(retry_after=said))
    else:
        answer = proceed()
        if effect.disconnect == "after":
            return _BROKEN, 0
        if stall is not None:
            return (stall.seconds, None), 0
        if instead is not None:
            answer = Answer(instead.status, RateHeaders(), instead.body)
    return _changed(effect, answer, took), answer.status


def _note(flight: Flight) -> None:
    """Lines that arrived and are dropped are known to be missing."""
    content = flight.request.content
    if isinstance(content, FileStreamBody):
        note(flight.record, content)


def _changed(effect: Effect, answer: Answer, took: float) -> Fate:
    """The answer as it goes out."""
    if effect.keep is not None and answer.body:  # it breaks off
        return took, None
    if effect.bytes_out:
        took += len(answer.body) / effect.bytes_out
    if effect.corrupt_every is not None and answer.body:
        answer = answer._replace(body=b"\xff" + answer.body[1:])
    if effect.headers:
        answer = answer._replace(headers=_other_headers(effect, answer.headers))
    return took, answer


def _other_headers(effect: Effect, headers: RateHeaders) -> RateHeaders:
    changes = effect.headers
    if "RateLimit-Remaining" in changes:
        headers = headers._replace(remaining=changes["RateLimit-Remaining"])
    if "RateLimit-Reset" in changes:
        headers = headers._replace(reset=changes["RateLimit-Reset"])
    if "Retry-After" in changes:
        value = changes["Retry-After"]
        headers = headers._replace(retry_after=() if value is None else (value,))
    return headers
