"""A run as a test sees it: each look at it asks the running server anew."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockwb.account import Delivery, RunAccount
from mockwb.backend.errors import NotFoundError
from mockwb.backend.history_row import parse_row
from mockwb.backend.run import Run, RunKey
from mockwb.backend.run_config import config_values
from mockwb.backend.run_files import blob_key
from mockwb.backend.world import World
from mockwb.testing.server_thread import ServerThread

_SDK = "_wandb"
"""What the SDK keeps for itself in config and summary."""
_SPECIALS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
"""How histories spell floats that JSON has no word for."""

Gap = tuple[str, int, int]
"""(file, first missing line, one past the last)."""


class MockRun:
    """One run. NotFoundError from each property once the run is deleted."""

    def __init__(self, thread: ServerThread, key: RunKey) -> None:
        """The run at `key` of the server in `thread`."""
        self._thread = thread
        self._key = key

    @property
    def entity(self) -> str:
        """User or team."""
        return self._key.entity

    @property
    def project(self) -> str:
        """Name of the project."""
        return self._key.project

    @property
    def id(self) -> str:
        """The short id in URLs; `run.id` of the SDK."""
        return self._key.name

    @property
    def path(self) -> str:
        """`entity/project/id`."""
        return str(self._key)

    @property
    def name(self) -> str:
        """The display name; `run.name` of the SDK."""
        return self._run.display_name

    @property
    def user(self) -> str:
        """Whose API key made the run."""
        return self._run.user

    @property
    def group(self) -> str | None:
        """As the client said."""
        return self._run.group

    @property
    def job_type(self) -> str | None:
        """As the client said."""
        return self._run.job_type

    @property
    def notes(self) -> str | None:
        """As the client said."""
        return self._run.notes

    @property
    def tags(self) -> list[str]:
        """As the client said."""
        return list(self._run.tags)

    @property
    def state(self) -> str:
        """As W&B shows it: running, finished, failed, crashed, ..."""
        return str(self._thread.wait_for(self._world.runs.state(self._key)))

    @property
    def exit_code(self) -> int | None:
        """Of the client's process; None while it has not said."""
        return self._thread.wait_for(self._world.runs.progress_of(self._key)).exit_code

    @property
    def config(self) -> dict[str, Any]:
        """Values by name, without what the SDK adds for itself."""
        values = config_values(self._run.config)
        values.pop(_SDK, None)
        return values

    @property
    def summary(self) -> dict[str, Any]:
        """Values by key, with the SDK's `_step`, `_runtime` and `_timestamp`."""
        values = self._thread.wait_for(self._world.summaries.values(self._key))
        values.pop(_SDK, None)
        return values

    @property
    def history(self) -> list[dict[str, Any]]:
        """A dict per row in order of step, with the SDK's `_step`, `_runtime`, `_timestamp`."""
        lines = self._thread.wait_for(self._world.history.all_rows(self._key))
        return [{key: _number(value) for key, value in parse_row(line).items()} for line in lines]

    @property
    def system_metrics(self) -> list[dict[str, Any]]:
        """Likewise, of what the SDK measures about the machine."""
        lines = self._thread.wait_for(self._world.history.events(self._key))
        return [parse_row(line) for line in lines]

    @property
    def output(self) -> list[str]:
        """Console output, line by line."""
        page = self._thread.wait_for(self._world.console.forward(self._key, None, None))
        return [line.line for line in page.lines]

    @property
    def files(self) -> "MockFiles":
        """Uploaded files: name -> bytes."""
        return MockFiles(self._thread, self._key)

    @property
    def gaps(self) -> list[Gap]:
        """What never arrived though later lines did: (file, first line, one past the last)."""
        return self._thread.wait_for(self._gaps())

    @property
    def delivery(self) -> Delivery:
        """What became of the lines that its client sent, and a verdict on that."""
        return self._account.delivery

    @property
    def rows_overwritten(self) -> int:
        """Rows that came after others on the same lines, and took their place."""
        return self._account.rows_changed

    @property
    def _world(self) -> World:
        return self._thread.server.world

    @property
    def _run(self) -> Run:
        return self._thread.wait_for(self._world.runs.get(self._key))

    @property
    def _account(self) -> RunAccount:
        told = self._thread.wait_for(self._thread.server.accounts.of_run(*self._key))
        return told or RunAccount(entity=self.entity, project=self.project, run=self.id)

    async def _gaps(self) -> list[Gap]:
        store = self._world.store
        return [
            (file.name, first, end)
            for file in await store.line_files(*self._key)
            for first, end in await store.missing_lines(file)
        ]

    def __repr__(self) -> str:
        return f"<MockRun {self.path}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MockRun):
            return NotImplemented
        return self._key == other._key and self._thread is other._thread

    def __hash__(self) -> int:
        return hash(self._key)


class MockFiles(Mapping[str, bytes]):
    """The uploaded files of one run."""

    def __init__(self, thread: ServerThread, key: RunKey) -> None:
        """Those of the run at `key`."""
        self._thread = thread
        self._key = key

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes by name, without reading the files."""
        files = self._thread.wait_for(self._thread.server.world.run_files.all(self._key))
        return {file.name: file.size for file in files}

    def __getitem__(self, name: str) -> bytes:
        if name not in self.sizes:
            raise KeyError(name)
        return self._thread.wait_for(self._read(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self.sizes)

    def __len__(self) -> int:
        return len(self.sizes)

    def __repr__(self) -> str:
        return f"<MockFiles {self.sizes}>"

    async def _read(self, name: str) -> bytes:
        store = self._thread.server.world.store
        try:
            return b"".join([part async for part in store.read_blob(blob_key(self._key, name))])
        except NotFoundError:
            raise KeyError(name) from None


def _number(value: Any) -> Any:
    return _SPECIALS.get(value, value) if isinstance(value, str) else value
