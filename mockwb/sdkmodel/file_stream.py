"""The sender of one run's stream: what goes into which request, and when.

One request at a time; while it is under way, retries included, everything else is merged into the
next. Source: wandb SDK, core/internal/filestream (collectloop.go, transmitloop.go), and 0.31.0
observed on the wire.
"""

import math
from random import Random

from mockwb.sdkmodel.answer_headers import Headers
from mockwb.sdkmodel.delivery import Delivery, Outcome
from mockwb.sdkmodel.file_stream_body import FileStreamBody
from mockwb.sdkmodel.line_cursor import LineCursor
from mockwb.sdkmodel.lines import LineSource, RowSource, Summary
from mockwb.sdkmodel.pacing import HeaderPacing
from mockwb.sdkmodel.requests import Request, RequestMaker
from mockwb.sdkmodel.settings import SdkSettings
from mockwb.sdkmodel.status import Client
from mockwb.sdkmodel.stop_signal import says_stop
from mockwb.sdkmodel.tally import Tally

HEARTBEAT_SECONDS = 30.0
"""Fixed in the SDK; its setting `heartbeat_seconds` changes nothing."""


class FileStream:
    """State of one run's stream. Idle until begin()."""

    __slots__ = (
        "_beating",
        "_began",
        "_closing",
        "_console",
        "_delivery",
        "_events",
        "_exit_code",
        "_final",
        "_free_since",
        "_heartbeat_at",
        "_history",
        "_interval",
        "_maker",
        "_max_line_bytes",
        "_max_request_bytes",
        "_next_slot",
        "_only_summary",
        "_pacing",
        "_policy",
        "_preempting",
        "_random",
        "_rows",
        "_slot",
        "_summary_rows",
        "_summary_since",
        "_tally",
        "_uploaded",
        "_uploaded_since",
        "done",
        "fatal",
        "stopped",
    )

    def __init__(
        self,
        *,
        maker: RequestMaker,
        settings: SdkSettings,
        rows: RowSource,
        events: LineSource | None,
        console: LineSource | None = None,
        random: Random,
        tally: Tally,
    ) -> None:
        """Stream `rows` as history, `events` as system metrics, and `console`."""
        self.stopped = False
        """The server asked the run to stop; stays."""
        self.fatal: str | None = None
        """Why the stream died before its time."""
        self.done = False
        """Nothing more will be sent."""
        self._maker = maker
        self._max_line_bytes = settings.x_file_stream_max_line_bytes
        self._max_request_bytes = settings.max_request_bytes
        self._policy = settings.file_stream_policy
        self._interval = settings.transmit_interval
        self._rows = rows
        self._history = LineCursor(rows)
        self._events = LineCursor(events) if events is not None else None
        self._console = LineCursor(console) if console is not None else None
        self._random = random
        self._tally = tally
        self._pacing = HeaderPacing()
        self._delivery: Delivery | None = None
        self._began = math.inf
        self._free_since = math.inf
        self._heartbeat_at = math.inf
        self._next_slot = -math.inf
        """The transmit limiter: a bucket of one token, given back every interval."""
        self._slot: float | None = None
        """Reserved for what is waiting; None if nothing was."""
        self._only_summary = False
        self._summary_rows = 0
        self._summary_since = math.inf
        self._uploaded: list[str] = []
        self._uploaded_since = math.inf
        self._beating = False
        """A heartbeat is under way."""
        self._preempting = False
        self._closing = False
        self._final = False
        """The finish mark is under way."""
        self._exit_code: int | None = None

    @property
    def history_offset(self) -> int:
        """History lines that the server had from earlier."""
        return self._history.offset

    def begin(self, now: float, wall: float, history_offset: int) -> None:
        """The run exists, with so many history lines from earlier."""
        self._began = self._free_since = now
        self._heartbeat_at = now + HEARTBEAT_SECONDS
        self._history.begin(now, wall, history_offset)
        if self._events is not None:
            self._events.begin(now, wall, 0)
        if self._console is not None:
            self._console.begin(now, wall, 0)

    def add_uploaded(self, now: float, name: str) -> None:
        """Tell the server that a file's upload has ended."""
        self._uploaded.append(name)
        self._uploaded_since = min(self._uploaded_since, now)

    def mark_preempting(self) -> None:
        """Tell the server at once that silence may follow."""
        self._preempting = True

    def touch_summary(self, now: float) -> None:
        """The summary changed without a row: its runtime does when the run ends."""
        self._summary_since = min(self._summary_since, now)

    def close(self, exit_code: int | None) -> None:
        """Send all that waits without pacing, and at last the finish mark, if there is a code."""
        self._closing = True
        self._exit_code = exit_code

    def abort(self, reason: str) -> None:
        """Send nothing more."""
        self.fatal = self.fatal or reason
        self.done = True

    def due(self, now: float) -> Request | None:
        """The request to put on the wire now."""
        if self.done or now < self._began:
            return None
        delivery = self._delivery
        if delivery is None:
            delivery = self._start(now)
            if delivery is None:
                return None
        request = delivery.due(now)
        if request is None:
            self._conclude(now)
        return request

    def wake_at(self) -> float:
        """When due() has something to do; infinity if only an answer brings it on."""
        if self.done or self._began == math.inf:
            return math.inf
        if self._delivery is not None:
            return self._delivery.send_at
        if self._closing or self._preempting:
            return -math.inf
        slot, full_at = self._slot, self._full_at()
        if slot is None:  # what is next to come gets one as of its arrival; until then, rest
            since = self._waiting_since()
            slot, full_at = max(since, self._next_slot), max(since, full_at)
        return min(slot, full_at, self._heartbeat_at)

    def answered(self, now: float, status: int, headers: Headers, body: bytes, wall: float) -> None:
        """Take in the answer to the request on the wire."""
        if self._delivery is not None:
            self._delivery.answered(now, status, headers, body, wall)
            self._conclude(now)

    def failed(self, now: float, error: str) -> None:
        """The request on the wire got no answer."""
        if self._delivery is not None:
            self._delivery.failed(now, error)
            self._conclude(now)

    def _conclude(self, now: float) -> None:
        """Go on after a delivery that ended."""
        outcome = self._delivery.outcome if self._delivery is not None else None
        if outcome is None:
            return
        self._delivery = None
        self._free_since = now
        if self._beating:  # one heartbeat is enough, however long it took
            self._beating = False
            self._heartbeat_at = now + HEARTBEAT_SECONDS
        if not outcome.ok:
            self.abort(f"Fatal error while uploading data. {outcome.error}")
        elif self._final:
            self.done = True
        self._read(outcome)

    def _read(self, outcome: Outcome) -> None:
        self.stopped = self.stopped or (outcome.ok and says_stop(outcome.body))

    def _start(self, now: float) -> Delivery | None:
        """Take what waits, if it is time, and begin to deliver it."""
        if self._heartbeat_at < self._free_since:  # it fell due meanwhile, and waits in front
            return self._beat(now)
        self._reserve(now)
        if self._preempting or self._closing:
            self._only_summary = False
        elif not self._is_time(now):
            return None if now < self._heartbeat_at else self._beat(now)
        body = self._take(now)
        if self._closing and body == FileStreamBody():
            self.done = True
            return None
        return self._deliver(now, body)

    def _is_time(self, now: float) -> bool:
        return self._slot is not None and (now >= self._slot or now >= self._full_at())

    def _reserve(self, now: float) -> None:
        """Get a slot for what waits, as of the moment it arrived."""
        if self._slot is not None:
            return
        since = self._waiting_since()
        if since > now:
            return
        self._slot = max(since, self._next_slot)
        self._next_slot = self._slot + self._interval
        # A log() gives the SDK's sender a summary first and the row a moment later. A sender that
        # is idle and has its slot at once is gone with the summary before the row arrives.
        self._only_summary = self._slot <= since and since >= self._free_since

    def _waiting_since(self) -> float:
        """When the oldest piece of news arrived, or when the next is known to arrive."""
        since = self._rows.arrival(self._history.sent)
        if self._events is not None:
            since = min(since, self._events.waiting_since())
        if self._console is not None:
            since = min(since, self._console.waiting_since())
        return min(since, self._uploaded_since, self._summary_since)

    def _full_at(self) -> float:
        return self._rows.full_at(self._history.sent, self._max_request_bytes)

    def _take(self, now: float) -> FileStreamBody:
        """Everything that waits, up to the request's limit; it counts as sent from here on."""
        room = self._max_request_bytes
        rows = self._rows.arrived(now)
        history_offset = self._history.next_offset
        history = None if self._only_summary else self._history.take(rows, room)
        events_offset, events = 0, None
        if self._events is not None:
            events_offset = self._events.next_offset
            arrived = self._events.source.arrived(now)
            events = self._events.take(arrived, room - (history.size if history else 0))
        console_offset, console = 0, None
        if self._console is not None:
            console_offset = self._console.next_offset
            left = room - sum(chunk.size for chunk in (history, events) if chunk)
            console = self._console.take(self._console.source.arrived(now), left)
        summary = self._take_summary(now, rows)
        uploaded, self._uploaded = tuple(self._uploaded), []
        self._uploaded_since = math.inf
        preempting, self._preempting = self._preempting, False
        self._slot, self._only_summary = None, False
        self._final = self._closing and self._waiting_since() > now
        complete = self._final and self._exit_code is not None
        return FileStreamBody(
            history=history,
            history_offset=history_offset if history else 0,
            events=events,
            events_offset=events_offset if events else 0,
            console=console,
            console_offset=console_offset if console else 0,
            summary=summary,
            uploaded=uploaded,
            preempting=preempting,
            complete=complete,
            exit_code=self._exit_code if complete else None,
        )

    def _take_summary(self, now: float, rows: int) -> Summary | None:
        if rows == self._summary_rows and self._summary_since > now:
            return None
        if not self._only_summary:  # else its row, still to come, changes the summary once more
            self._summary_rows = rows
        self._summary_since = math.inf
        summary = self._rows.summary(rows, now - self._began)
        return summary if summary.size <= self._max_line_bytes else None

    def _beat(self, now: float) -> Delivery:
        self._beating = True
        return self._deliver(now, FileStreamBody())

    def _deliver(self, now: float, body: FileStreamBody) -> Delivery:
        self._heartbeat_at = now + HEARTBEAT_SECONDS
        delivery = self._delivery = Delivery(
            self._maker.file_stream(body),
            now,
            client=Client.FILE_STREAM,
            policy=self._policy,
            random=self._random,
            tally=self._tally,
            pacing=self._pacing,
        )
        return delivery
