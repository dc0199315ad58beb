"""What `MockServer` and the `mockwb` fixture have in common: they know runs and requests."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from mockwb.backend.run import RunKey
from mockwb.guidance import Finding
from mockwb.testing.assertions import (
    assert_logged,
    assert_no_guidance_findings,
    assert_nothing_lost,
)
from mockwb.testing.faults import MockFaults
from mockwb.testing.limits import MockLimits
from mockwb.testing.requests import SeenRequest, SeenRequests
from mockwb.testing.run import MockRun
from mockwb.testing.server_clock import MockClock
from mockwb.testing.server_thread import ServerThread


class MockWitness(ABC):
    """Looks at a running server, or at one user's part of it."""

    @property
    @abstractmethod
    def _thread(self) -> ServerThread: ...

    @property
    @abstractmethod
    def _seen(self) -> SeenRequests: ...

    @property
    def _only_user(self) -> str | None:
        """Whose runs and requests count; None: everybody's."""
        return None

    @property
    def url(self) -> str:
        """The base URL, for WANDB_BASE_URL."""
        return self._thread.server.url

    @property
    def runs(self) -> list[MockRun]:
        """All runs, project by project, oldest first."""
        return [MockRun(self._thread, key) for key in self._thread.wait_for(self._keys())]

    def run(self, run: Any = None) -> MockRun:
        """The run with that id or `entity/project/id`; or the only one there is.

        It may also be given as a run of the SDK. LookupError if there is no such run, or several.
        """
        if isinstance(run, MockRun):
            return run
        runs = self.runs
        wanted = run if isinstance(run, str) or run is None else run.id
        found = [each for each in runs if wanted in (None, each.id, each.path)]
        if len(found) == 1:
            return found[0]
        what = "a run" if wanted is None else f"a run {wanted!r}"
        paths = ", ".join(each.path for each in (found or runs))
        problem = f"there are {len(found)}" if found else "there is none"
        raise LookupError(f"asked for {what}, but {problem}: {paths or 'no run at all'}")

    @property
    def requests(self) -> list[SeenRequest]:
        """Finished requests, oldest first; the last 100,000 of the server."""
        return self._own(self._thread.call(self._seen.all))

    @property
    def undelivered(self) -> list[SeenRequest]:
        """The last attempt of each delivery that failed and was not made good since."""
        return self._own(self._thread.call(self._seen.undelivered))

    @property
    def findings(self) -> list[Finding]:
        """Which of W&B's recommended ranges were left, and where."""
        watch = self._thread.server.guidance
        found = self._thread.call(watch.query).findings
        user = self._only_user
        return [each for each in found if user is None or user in (each.user, each.entity)]

    @property
    def limits(self) -> MockLimits:
        """The server's limits."""
        return MockLimits(self._thread)

    @property
    def faults(self) -> MockFaults:
        """What befalls the server's requests on command."""
        return MockFaults(self._thread)

    @property
    def clock(self) -> MockClock:
        """The server's time."""
        return MockClock(self._thread)

    def assert_logged(self, run: Any, expected: Mapping[str, Any]) -> None:
        """See `mockwb.testing.assert_logged`; `run` as `run()` takes it."""
        __tracebackhide__ = True
        assert_logged(self.run(run), expected)

    def assert_nothing_lost(self) -> None:
        """See `mockwb.testing.assert_nothing_lost`."""
        __tracebackhide__ = True
        assert_nothing_lost(self)

    def assert_no_guidance_findings(self) -> None:
        """See `mockwb.testing.assert_no_guidance_findings`."""
        __tracebackhide__ = True
        assert_no_guidance_findings(self)

    async def _keys(self) -> list[RunKey]:
        runs = self._thread.server.world.runs
        return [
            run.key
            for project in await runs.projects()
            for run in await runs.of_project(*project)
            if self._only_user in (None, run.user)
        ]

    def _own(self, requests: list[SeenRequest]) -> list[SeenRequest]:
        """Uploads to storage come without a key, but say whose project they are for."""
        user = self._only_user
        if user is None:
            return requests
        return [request for request in requests if user in (request.user, request.entity)]
