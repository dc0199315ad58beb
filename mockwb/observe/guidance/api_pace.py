"""Range: how fast somebody asks through the public API; a request per second is 60 a minute."""

from mockwb.observe.guidance.range import Place, Range, Subject
from mockwb.observe.guidance.rolling_minute import RollingMinute
from mockwb.record import RequestRecord


class _Requests(RollingMinute):
    __slots__ = ()

    def add(self, _record: RequestRecord, wall: float) -> None:
        self.put(int(wall), 1)


RANGE = Range(
    "api_requests_per_minute",
    "requests per minute",
    Subject.API,
    (Place.USER,),
    _Requests,
    "Leave a second between requests to the public API, ask for larger pages, and keep what was "
    "read.",
)
