"""The uploads of one run: URLs are asked for, files put there, and the server is told."""

from collections import deque
from collections.abc import Callable, Mapping

from mockwb.sdkmodel import operations
from mockwb.sdkmodel.calls import Calls, Ended
from mockwb.sdkmodel.delivery import Outcome
from mockwb.sdkmodel.graphql_answer import data, uploads
from mockwb.sdkmodel.handed_files import FileBatch, WaitingFile
from mockwb.sdkmodel.operations import RunName
from mockwb.sdkmodel.requests import Content, Request, RequestMaker
from mockwb.sdkmodel.status import Client
from mockwb.sdkmodel.tally import Tally

_MOST_AT_ONCE = 128
"""Uploads of one run (wandb-core, file transfer)."""


class RunUploads:
    """Files from the moment that they wait. Idle until begin()."""

    __slots__ = (
        "_batch",
        "_calls",
        "_maker",
        "_name",
        "_own_content",
        "_queue",
        "_tally",
        "_tell",
        "_under_way",
        "wake_at",
    )

    def __init__(
        self,
        batch: FileBatch,
        *,
        calls: Calls,
        maker: RequestMaker,
        tally: Tally,
        own_content: Callable[[float, str], Content],
        tell: Callable[[float, str], None],
    ) -> None:
        """Upload what `batch` has.

        `own_content` makes the run's own files by their names, and `tell` is told, with the time,
        which file is uploaded.
        """
        self._batch = batch
        self._calls = calls
        self._maker = maker
        self._tally = tally
        self._own_content = own_content
        self._tell = tell
        self._name: RunName | None = None
        self._queue: deque[tuple[Request, WaitingFile]] = deque()
        self._under_way = 0
        self.wake_at = batch.wake_at
        """When act() has something to do; infinity if that is unknown."""

    def begin(self, now: float, name: RunName) -> None:
        """The run exists under that name."""
        self._name = name
        self._batch.begin(now)

    def act(self, now: float) -> None:
        """Take up new files, and offer all that wait if it is time."""
        self._tally.files_handed += self._batch.gather(now)
        if self._batch.due(now):
            self._offer(now)

    def finish(self, now: float, own: tuple[str, ...]) -> None:
        """Offer all that is there, and `own` files, at once."""
        self._tally.files_handed += self._batch.gather(now)
        self._batch.add(own)
        self._offer(now)

    def _offer(self, now: float) -> None:
        """Ask where to upload the files that wait."""
        files = self._batch.take()
        if not files or self._name is None:
            return
        request = operations.create_run_files(self._maker, self._name, list(files))
        self._calls.begin(now, request, lambda at, outcome: self._upload(at, files, outcome))

    def _upload(self, now: float, files: Mapping[str, WaitingFile], outcome: Outcome) -> None:
        """PUT what the server gave URLs for; without them the files are silently lost."""
        try:
            urls, headers = uploads(data(outcome), len(files))
        except ValueError:
            return
        for name in (name for name in urls if name in files):
            content = files[name].content or self._own_content(now, name)
            request = self._maker.put(name, urls[name], headers, content)
            self._queue.append((request, files[name]))
        self._put_next(now)

    def _put_next(self, now: float) -> None:
        """Begin as many of the uploads that wait as may be under way."""
        while self._queue and self._under_way < _MOST_AT_ONCE:
            request, file = self._queue.popleft()
            self._under_way += 1
            ended = self._ended(request.name, file)
            self._calls.begin(now, request, ended, client=Client.FILE_TRANSFER)

    def _ended(self, name: str, file: WaitingFile) -> Ended:
        def ended(now: float, outcome: Outcome) -> None:
            self._under_way -= 1
            if outcome.ok:
                self._tell(now, name)
                if file.content is not None:
                    self._tally.file_bytes += file.content.size
                    self._tally.upload_seconds.append(now - file.since)
            self._put_next(now)

        return ended
