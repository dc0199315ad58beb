"""UpsertBucket: makes runs, and changes what is said about them.

One operation with many callers: a run's own stream at init and after each change of its
parameters, `Api.create_run`, `Run.update`, `Run.summary.update`. What is null stays as it was.
"""

import base64
import hashlib

import msgspec

from mockwb.backend.display_names import display_name
from mockwb.backend.entities import check_name
from mockwb.backend.errors import InvalidError
from mockwb.backend.json_text import parse_object
from mockwb.backend.projects import UNCATEGORIZED, Projects
from mockwb.backend.run import Run, RunKey, RunState
from mockwb.backend.run_config import merged_config
from mockwb.backend.run_fork import RunForks, with_inherited
from mockwb.backend.runs import Runs
from mockwb.backend.store import Store
from mockwb.backend.summary import Summaries
from mockwb.backend.users import Users
from mockwb.clock import Clock

FORBIDDEN_IN_RUN_IDS = ":;,#?/'\\"
MAX_RUN_ID = 128
_STORED = (
    "description",
    "display_name",
    "notes",
    "tags",
    "group",
    "job_type",
    "sweep",
    "config",
    "commit",
    "repo",
    "host",
    "program",
)


class RunFields(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller says about a run; None says nothing."""

    id: str | None = None
    """Storage id; counts before the names."""
    name: str | None = None
    project: str | None = None
    entity: str | None = None
    group: str | None = None
    description: str | None = None
    display_name: str | None = None
    notes: str | None = None
    tags: tuple[str, ...] | None = None
    job_type: str | None = None
    sweep: str | None = None
    config: str | None = None
    """JSON text of an object."""
    summary: str | None = None
    """JSON text of an object."""
    commit: str | None = None
    repo: str | None = None
    host: str | None = None
    program: str | None = None
    state: str | None = None
    writer: str = ""
    """Client id of a writer in shared mode, who knows nothing of what the others say."""


class RunUpsert:
    """The operation."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        users: Users,
        projects: Projects,
        runs: Runs,
        summaries: Summaries,
    ) -> None:
        """Work on the given nouns."""
        self._store = store
        self._clock = clock
        self._users = users
        self._projects = projects
        self._runs = runs
        self._summaries = summaries
        self._forks = RunForks(store, runs)

    async def apply(self, username: str, fields: RunFields) -> tuple[Run, bool]:
        """The run as it is now, and whether it is new.

        NotFoundError for an id that no run has, or a run to fork from that is not there;
        InvalidError for a name, state, config or summary that is none. Nothing changes then.
        """
        _check(fields)
        key = await self._key(username, fields)
        if not key.name:
            key = key._replace(name=await self._new_name(key.entity, key.project))
        run = await self._runs.find(key)
        inserted = run is None
        if run is None:
            forked = await self._forks.parent(key, fields.config)
            run = await self._create(key, username)
            if forked is not None:
                run = await self._forks.begin(run, *forked)
        said = {name: getattr(fields, name) for name in _STORED}
        given = {name: value for name, value in said.items() if value is not None}
        if fields.config is not None and fields.name:
            # The public API, which changes runs by id alone, knows the inherited part.
            given["config"] = with_inherited(fields.config, run.inherited_config)
            if fields.writer and run.config is not None:
                given["config"] = merged_config(run.config, given["config"])
        run = msgspec.structs.replace(run, **given, updated_at=self._clock.wall())
        await self._runs.put(run)
        if fields.summary is not None:
            await self._summaries.put(key, fields.summary)
        await self._set_state(key, fields, inserted=inserted)
        return run, inserted

    async def insertion(self, username: str, fields: RunFields) -> RunKey | None:
        """The run that `apply` would make, without a name if it would make one up.

        None if the run is there already; errors as `apply` has them.
        """
        _check(fields)
        key = await self._key(username, fields)
        if key.name and await self._runs.find(key) is not None:
            return None
        await self._forks.parent(key, fields.config)
        check_name("entity", key.entity)
        check_name("project", key.project)
        return key

    async def _key(self, username: str, fields: RunFields) -> RunKey:
        """Where it goes; an empty name is to be made up."""
        if fields.id:
            key = RunKey.from_storage_id(fields.id)
            if not fields.name:
                return (await self._runs.get(key)).key
            if await self._runs.find(key) is not None:
                return key
        entity = fields.entity or (await self._users.get(username)).entity
        project = fields.project or UNCATEGORIZED
        return RunKey(entity, project, fields.name or "")

    async def _create(self, key: RunKey, username: str) -> Run:
        await self._projects.ensure(key.entity, key.project, username)
        number = await self._store.next_number(f"run/{key.entity}/{key.project}")
        return Run(
            entity=key.entity,
            project=key.project,
            name=key.name,
            display_name=display_name(key.name, number),
            user=username,
            created_at=self._clock.wall(),
            number=number,
        )

    async def _new_name(self, entity: str, project: str) -> str:
        number = await self._store.next_number(f"run-name/{entity}/{project}")
        digest = hashlib.sha256(f"{entity}/{project}/{number}".encode()).digest()
        return base64.b32encode(digest).decode().lower()[:8]

    async def _set_state(self, key: RunKey, fields: RunFields, *, inserted: bool) -> None:
        if fields.state:
            await self._runs.start(key, RunState(fields.state))
        elif inserted:
            await self._runs.start(key)
        elif _from_own_stream(fields):
            await self._runs.keep_alive(key)


def _from_own_stream(fields: RunFields) -> bool:
    """Whether the run itself speaks, so that it must be alive.

    The public API changes runs by id alone; a stream's changes of config name nothing but the run.
    """
    return bool(fields.name) and any((fields.id, fields.host, fields.program))


def _check(fields: RunFields) -> None:
    """InvalidError for values that cannot be stored."""
    if fields.name is not None and fields.name:
        check_run_name(fields.name)
    if fields.config is not None:
        parse_object(fields.config, "config")
    if fields.summary is not None:
        parse_object(fields.summary, "summaryMetrics")
    if fields.state and fields.state not in set(RunState):
        known = ", ".join(RunState)
        raise InvalidError(f"run state {fields.state!r} is none of {known}")


def check_run_name(name: str) -> None:
    """InvalidError unless `name` can be a run id (W&B docs, Resume runs: run id rules)."""
    if len(name) > MAX_RUN_ID:
        raise InvalidError(f"run id must have at most {MAX_RUN_ID} characters, got {len(name)}")
    if name != name.strip() or name in (".", ".."):
        raise InvalidError(f"run id {name!r} is invalid")
    if any(c in FORBIDDEN_IN_RUN_IDS or not c.isprintable() for c in name):
        listed = " ".join(FORBIDDEN_IN_RUN_IDS)
        raise InvalidError(f"run id {name!r} is invalid: none of {listed} is allowed")
