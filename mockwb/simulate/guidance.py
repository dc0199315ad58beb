"""W&B's guidance in a simulation: the server's own watch, shown what simulated requests bring.

Rows have to be written for that, which the rest of a simulation goes without. `play` decides by
their number whether it is worth the time, `server` shows what has ended.
"""

import json
from collections import defaultdict

from mockwb.backend.row_facts import RowFacts
from mockwb.clock import VirtualClock
from mockwb.config.model import ServerConfig
from mockwb.guidance import Finding
from mockwb.observe.guidance.watch import GuidanceWatch
from mockwb.record import HISTORY_FILE, RequestRecord, Upserted
from mockwb.sdkmodel.file_stream_body import FileStreamBody
from mockwb.sdkmodel.requests import GraphQLCall, Request
from mockwb.target import Surface

MOST_ROWS = 1_000_000
"""Of all clients of a scenario; with more, guidance is not watched."""


class SimulatedGuidance:
    """What is known of the guidance that simulated runs keep to."""

    def __init__(self, config: ServerConfig, clock: VirtualClock) -> None:
        """Watch the ranges that `config` names."""
        self._config = config
        self._clock = clock
        self.forget()

    def forget(self) -> None:
        """Know nothing, as a server that has just been started."""
        guidance = self._config.guidance
        self._runs: defaultdict[tuple[str | None, str | None], set[str | None]] = defaultdict(set)
        """(entity, project) -> runs."""
        self._watch = GuidanceWatch(
            guidance.ranges,
            self._clock,
            max_projects=guidance.max_projects,
            max_runs=self._config.account.max_runs,
        )

    def saw(self, record: RequestRecord, request: Request) -> None:
        """A request has ended."""
        if not self._config.guidance.enabled:
            return
        content, ingested = request.content, record.ingested
        if isinstance(content, FileStreamBody):
            if ingested is None or not ingested.rows or content.history is None:
                return
            # Rows come in order, so what is new stands last.
            lines = json.loads(f"[{content.history.encode()}]")[-ingested.rows :]
            first = content.history_offset + content.history.lines - len(lines)
            ingested.logged = RowFacts(lines, first, HISTORY_FILE).of_all()
        elif isinstance(content, GraphQLCall):
            if content.operation == "UpsertBucket" and record.status == 200:
                config = (content.variables or {}).get("config")
                size = None if config is None else len(config.encode())
                runs = self._runs[record.target.entity, record.target.project]
                runs.add(record.target.run)
                record.upserted = Upserted(len(runs), size)
        elif record.target.surface is not Surface.STORAGE:
            return
        self._watch.saw(record)
        if ingested is not None:
            ingested.logged = None

    def of_run(self, entity: str, project: str, run: str) -> list[str]:
        """The ranges that a run has left."""
        return self._watch.of_run(entity, project, run)

    def findings(self) -> list[Finding]:
        """All there are."""
        return self._watch.query().findings
