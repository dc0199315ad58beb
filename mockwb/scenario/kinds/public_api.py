"""Workload kind `public_api`: modelled scripts that read runs and history, over real HTTP."""

from random import Random
from typing import Annotated

import msgspec

from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.public_client import PublicClient
from mockwb.scenario.wire import drive
from mockwb.scenario.workload import Surroundings, Workload
from mockwb.sdkmodel.public_operations import ProjectName
from mockwb.sdkmodel.public_reader import LISTED_TOGETHER, PublicReader, Read
from mockwb.units import Duration

_USUAL = {"runs": LISTED_TOGETHER, "history": 500, "scan_history": 1000}


class PublicApiWorkload(Workload, frozen=True, kw_only=True, tag="public_api"):
    """N scripts that page through what `project` holds, with `wandb.Api`."""

    read: Read = "runs"
    """`runs` pages through `api.runs()`; `history` asks for the `run.history()` of one run after
    the other; `scan_history` pages through their `run.scan_history()`."""
    pages: Annotated[int, msgspec.Meta(ge=1)]
    """Pages that each client reads, from the start again after the last one; each sampled history
    is a page."""
    per_page: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Runs, samples or steps in a page; the SDK's 50, 500 or 1000 if not given."""
    every: Duration = Duration(1)
    """Seconds from one page's request to the next, or longer if the answer takes longer."""

    async def run(self, around: Surroundings) -> list[ClientResult]:
        """Run all clients in this event loop; a stop ends them at once."""
        clients = [self.client(around, index) for index in range(self.count)]
        around.rows_logged[self.name] = lambda: 0
        started = [
            (client, self.start_delay(index, around.seed)) for index, client in enumerate(clients)
        ]
        return await drive(started, around, apart=True)

    def client(self, around: Surroundings, index: int) -> PublicClient:
        """Client number `index` (0-based), not started yet."""
        path = ProjectName(*self.project_of(index).parts)
        reader = PublicReader(
            path,
            api_key=around.api_key,
            read=self.read,
            pages=self.pages,
            per_page=self.per_page or _USUAL[self.read],
            every=self.every,
            random=Random(f"{around.seed}/{self.name}/{index}"),
        )
        return PublicClient(self.name, path, reader)
