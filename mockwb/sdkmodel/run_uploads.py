"""The uploads of one run: URLs are asked for, files put there, and the server is told."""

from collections.abc import Callable, Mapping

from mockwb.sdkmodel import operations
from mockwb.sdkmodel.calls import Calls, Ended
from mockwb.sdkmodel.delivery import Outcome
from mockwb.sdkmodel.graphql_answer import data, uploads
from mockwb.sdkmodel.handed_files import FileBatch
from mockwb.sdkmodel.operations import RunName
from mockwb.sdkmodel.requests import Content, RequestMaker
from mockwb.sdkmodel.status import Client


class RunUploads:
    """Files from the moment that they wait. Idle until begin()."""

    __slots__ = ("_batch", "_calls", "_maker", "_name", "_own_content", "_tell")

    def __init__(
        self,
        batch: FileBatch,
        *,
        calls: Calls,
        maker: RequestMaker,
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
        self._own_content = own_content
        self._tell = tell
        self._name: RunName | None = None

    def begin(self, now: float, name: RunName) -> None:
        """The run exists under that name."""
        self._name = name
        self._batch.begin(now)

    def act(self, now: float) -> None:
        """Take up new files, and offer all that wait if it is time."""
        self._batch.gather(now)
        if self._batch.due(now):
            self._offer(now)

    def finish(self, now: float, own: tuple[str, ...]) -> None:
        """Offer all that is there, and `own` files, at once."""
        self._batch.gather(now)
        self._batch.add(own)
        self._offer(now)

    def wake_at(self) -> float:
        """When act() has something to do; infinity if that is unknown."""
        return self._batch.wake_at()

    def _offer(self, now: float) -> None:
        """Ask where to upload the files that wait."""
        files = self._batch.take()
        if not files or self._name is None:
            return
        request = operations.create_run_files(self._maker, self._name, list(files))
        self._calls.begin(now, request, lambda at, outcome: self._upload(at, files, outcome))

    def _upload(self, now: float, files: Mapping[str, Content | None], outcome: Outcome) -> None:
        """PUT what the server gave URLs for; without them the files are silently lost."""
        try:
            urls, headers = uploads(data(outcome), len(files))
        except ValueError:
            return
        for name in (name for name in urls if name in files):
            content = files[name] or self._own_content(now, name)
            request = self._maker.put(name, urls[name], headers, content)
            self._calls.begin(now, request, self._uploaded(name), client=Client.FILE_TRANSFER)

    def _uploaded(self, name: str) -> Ended:
        def ended(now: float, outcome: Outcome) -> None:
            if outcome.ok:
                self._tell(now, name)

        return ended
