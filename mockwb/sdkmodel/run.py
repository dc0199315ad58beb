"""One virtual run, from init to the end of finish(), as wandb-core 0.31 would live it.

Nothing here touches a socket or a clock: whoever drives it calls due(), puts the requests on the
wire, and hands the answers back. `scenario` does so over HTTP.
"""

import math
from collections.abc import Mapping
from random import Random
from typing import Any

from mockwb.sdkmodel import operations, run_files
from mockwb.sdkmodel.answer_headers import Headers
from mockwb.sdkmodel.calls import Calls
from mockwb.sdkmodel.delivery import Outcome
from mockwb.sdkmodel.file_stream import FileStream
from mockwb.sdkmodel.finish_stage import FinishStage
from mockwb.sdkmodel.graphql_answer import adopted, data, enabled_features
from mockwb.sdkmodel.handed_files import FileBatch, FileSource
from mockwb.sdkmodel.lines import LineSource, LoggedLines, RowSource
from mockwb.sdkmodel.operations import RunName
from mockwb.sdkmodel.particulars import Particulars
from mockwb.sdkmodel.requests import Bytes, Content, Request, RequestMaker
from mockwb.sdkmodel.run_config import RunConfig
from mockwb.sdkmodel.run_uploads import RunUploads
from mockwb.sdkmodel.settings import SdkSettings
from mockwb.sdkmodel.status import Client
from mockwb.sdkmodel.tally import Tally
from mockwb.target import Surface

VIEWER_SECONDS = 5.0
"""init() waits for the Viewer answer no longer."""


class VirtualRun:
    """State of one run. Call start() once, then obey wake_at(); finish() when all is logged."""

    __slots__ = (
        "_calls",
        "_config",
        "_console",
        "_events",
        "_exit_code",
        "_finish_by",
        "_maker",
        "_particulars",
        "_random",
        "_rows",
        "_settings",
        "_stage",
        "_started",
        "_stream",
        "_uploads",
        "_wall_offset",
        "done_at",
        "error",
        "exists",
        "name",
        "stopped",
        "tally",
    )

    def __init__(
        self,
        name: RunName,
        *,
        api_key: str,
        settings: SdkSettings,
        random: Random,
        rows: RowSource | None = None,
        files: FileSource | None = None,
        particulars: Particulars | None = None,
    ) -> None:
        """Prepare a run that logs `rows`, or else what log() is given, and uploads `files`."""
        self.name = name
        """After init with the names the server chose."""
        self.tally = Tally()
        self.done_at: float | None = None
        """When finish() returned, or init failed."""
        self.error: str | None = None
        """What the user would have seen go wrong."""
        self._settings = settings
        self._random = random
        self._rows: RowSource = rows or LoggedLines(settings.x_file_stream_max_line_bytes)
        self._particulars = particulars = particulars or Particulars()
        self._console = particulars.console
        self._events: LineSource | None = None
        if not settings.x_disable_stats:
            self._events = particulars.system_metrics or run_files.system_metrics(settings)
        self._maker = RequestMaker(api_key, settings.x_extra_http_headers)
        self._stream = FileStream(
            maker=self._maker,
            settings=settings,
            rows=self._rows,
            events=self._events,
            console=self._console,
            random=random,
            tally=self.tally,
        )
        self._calls = Calls(settings, random, self.tally)
        self._config = RunConfig(particulars.config, calls=self._calls, maker=self._maker)
        self._uploads = RunUploads(
            FileBatch(run_files.files_at_start(settings), files),
            calls=self._calls,
            maker=self._maker,
            tally=self.tally,
            own_content=self._own_content,
            tell=self._stream.add_uploaded,
        )
        self.exists = False
        """init() is through."""
        self.stopped = False
        """The server asked this run to stop."""
        self._stage = FinishStage.NOT_ASKED
        self._exit_code = 0
        self._finish_by = math.inf
        self._started = math.inf
        self._wall_offset = 0.0

    @property
    def done(self) -> bool:
        """Nothing more will be sent."""
        return self.done_at is not None

    @property
    def exit_code(self) -> int | None:
        """Of the process: None before the end, 1 if init failed."""
        return None if not self.done else self._exit_code if self.exists else 1

    def rows(self, now: float) -> int:
        """History rows logged so far."""
        return self._rows.arrived(now)

    def logged_at(self, line: int) -> float:
        """When the history row was logged that has this number on the server."""
        return self._rows.arrival(line - self._stream.history_offset)

    def values(self, now: float) -> int:
        """Logged points so far."""
        return self._rows.values(now)

    def start(self, now: float, wall: float) -> None:
        """Begin init at `now`, which is `wall` seconds since the epoch."""
        self._started = now
        self._wall_offset = wall - now
        if self._settings.x_disable_viewer:
            self._init(now)
            return
        viewer = operations.viewer(self._maker)
        self._calls.begin(now, viewer, lambda at, _: self._init(at), deadline=now + VIEWER_SECONDS)

    def log(self, now: float, row: Mapping[str, Any]) -> bool:
        """Add a history row; False if it is longer than the SDK takes.

        Raises TypeError if the run was given its rows at the start.
        """
        if not isinstance(self._rows, LoggedLines):
            raise TypeError("this run's rows are known in advance")
        return self._rows.log(now, row)

    def mark_preempting(self) -> None:
        """Tell the server at once that silence may follow."""
        self._stream.mark_preempting()

    def finish(self, now: float, exit_code: int = 0) -> None:
        """End the run: nothing more is logged; done_at tells when it is through."""
        if self._stage is not FinishStage.NOT_ASKED:
            return
        self._exit_code = exit_code
        self._stage = FinishStage.CONFIG
        self._rows.stop(now)
        if self._events is not None:
            self._events.stop(now)
        if self._console is not None:
            self._console.stop(now)
        if self._settings.finish_timeout > 0:
            self._finish_by = now + self._settings.finish_timeout
        if self.exists:
            self._stream.touch_summary(now)
            self._proceed(now)

    def due(self, now: float) -> list[Request]:
        """The requests to put on the wire now."""
        if self.done_at is not None:
            return []
        if now >= self._finish_by:
            self._end(now, "Timed out finishing run.")
            return []
        if now >= self._config.due_at:
            self._config.send(now)
        if now >= self._uploads.wake_at():
            self._uploads.act(now)
        requests = self._calls.due(now) if self._calls.under_way else []
        streamed = self._stream.due(now)
        if streamed is not None:
            requests.append(streamed)
        if self._stage is not FinishStage.NOT_ASKED:
            self._proceed(now)
        return requests

    def wake_at(self) -> float:
        """When due() has something to do, perhaps already; infinity if only an answer helps."""
        if self.done_at is not None:
            return math.inf
        at = min(
            self._stream.wake_at(), self._uploads.wake_at(), self._config.due_at, self._finish_by
        )
        return min(at, self._calls.wake_at()) if self._calls.under_way else at

    def answered(
        self, now: float, request: Request, status: int, headers: Headers, body: bytes
    ) -> None:
        """Take in the answer to a request that due() gave."""
        wall = now + self._wall_offset
        if request.surface is Surface.FILE_STREAM:
            self._stream.answered(now, status, headers, body, wall)
            self.stopped = self._stream.stopped
        else:
            self._calls.answered(now, request, status, headers, body, wall)
        if self._stage is not FinishStage.NOT_ASKED:
            self._proceed(now)

    def failed(self, now: float, request: Request, error: str) -> None:
        """A request that due() gave got no answer."""
        if request.surface is Surface.FILE_STREAM:
            self._stream.failed(now, error)
        else:
            self._calls.failed(now, request, error)
        self._proceed(now)

    def _init(self, now: float) -> None:
        """Make the run exist on the server."""
        host = None if self._settings.x_disable_machine_info else self._particulars.host
        deadline = self._started + self._settings.init_timeout
        request = operations.upsert_bucket(
            self._maker,
            self.name,
            self._config.text,
            host=host,
            program="train.py",
            **self._particulars.about,
        )
        self._calls.begin(now, request, self._adopt, client=Client.UPSERT_BUCKET, deadline=deadline)

    def _adopt(self, now: float, outcome: Outcome) -> None:
        """The end of init."""
        try:
            run = adopted(data(outcome), *self.name)
        except ValueError as error:
            self._end(now, str(error))
            return
        self.name = RunName(run.entity, run.project, run.run)
        self._maker.adopt(run.entity, run.project, run.run)
        self.exists = True
        self._stream.begin(now, now + self._wall_offset, run.history_offset)
        self._uploads.begin(now, self.name)
        writer = f"{self._random.getrandbits(64):016x}"
        environment = run_files.environment(writer, not self._settings.x_disable_machine_info)
        self._config.begin(now, self.name, environment)
        if not self._settings.x_disable_stats:
            request = operations.organization(self._maker, run.entity)
            self._calls.begin(now, request, lambda *_: None, needed=False)
        if self._console is not None:
            self._calls.begin(now, operations.server_features(self._maker), self._choose_console)
        if self._stage is not FinishStage.NOT_ASKED:
            self._stream.touch_summary(now)
            self._proceed(now)

    def _choose_console(self, now: float, outcome: Outcome) -> None:
        """What is not answered counts as off."""
        try:
            features = enabled_features(data(outcome))
        except ValueError:
            features = set()
        if self._console is not None:
            self._console.choose(now, structured="STRUCTURED_CONSOLE_LOGS" in features)

    def _own_content(self, now: float, name: str) -> Content:
        """One of the run's own files, as of now."""
        summary = self._rows.summary(self._rows.arrived(now), now - self._started)
        return Bytes(run_files.file_content(name, self._config.text, summary))

    def _proceed(self, now: float) -> None:
        """Take every step of finish() that is possible now."""
        if not self.exists or self.done:
            return
        if self._stage is FinishStage.CONFIG and not self._config.under_way:
            self._config.send(now)
            self._stage = FinishStage.FILES
        if self._stage is FinishStage.FILES and not self._config.under_way:
            own = (run_files.SUMMARY, run_files.CONFIG) if self._settings.x_primary else ()
            self._uploads.finish(now, own)
            self._stage = FinishStage.UPLOADS
        if self._stage is FinishStage.UPLOADS and not self._calls.needed:
            self._stream.close(self._exit_code if self._settings.x_update_finish_state else None)
            self._stage = FinishStage.STREAM
        if self._stage is FinishStage.STREAM and self._stream.done:
            self._end(now, self._stream.fatal)

    def _end(self, now: float, error: str | None) -> None:
        self._stage = FinishStage.DONE
        self._calls.drop()
        self.error = error
        self.done_at = now
