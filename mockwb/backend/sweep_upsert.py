"""UpsertSweep: makes sweeps, changes what is said about them, and sets their state."""

import base64
import hashlib

import msgspec

from mockwb.backend.errors import InvalidError
from mockwb.backend.projects import UNCATEGORIZED, Projects
from mockwb.backend.run_listing import RunListing
from mockwb.backend.store import Store
from mockwb.backend.sweep import UNDER_WAY, Sweep, SweepKey, SweepState
from mockwb.backend.sweep_bayes import check_available
from mockwb.backend.sweep_config import SweepConfig, parse_config, warnings_of
from mockwb.backend.sweep_controller import SweepController
from mockwb.backend.sweep_launch import SweepLaunch
from mockwb.backend.sweep_runs import SweepRuns
from mockwb.backend.sweeps import Sweeps
from mockwb.clock import Clock

_STORED = ("display_name", "description", "scheduler")
_ALLOWED_FROM = {
    SweepState.PAUSED: frozenset({SweepState.RUNNING}),
    SweepState.FINISHED: UNDER_WAY,
    SweepState.CANCELED: UNDER_WAY,
    SweepState.PENDING: frozenset({SweepState.PENDING}),
}
"""New state -> states before it; the others, resuming among them, may come at any time."""


class SweepFields(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller says about a sweep; None says nothing."""

    id: str | None = None
    """Storage id, or the short id together with entity and project."""
    entity: str
    project: str | None = None
    config: str | None = None
    """YAML text."""
    display_name: str | None = None
    description: str | None = None
    state: str | None = None
    controller: str | None = None
    """JSON text."""
    scheduler: str | None = None
    """JSON text."""
    launch_scheduler: str | None = None
    """JSON text: the job to queue for a new sweep."""
    prior_runs: str | None = None
    """A filter of runs, as JSON text."""


class SweepUpsert:
    """The operation."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        projects: Projects,
        run_listing: RunListing,
        sweeps: Sweeps,
        sweep_runs: SweepRuns,
        steering: tuple[SweepController, SweepLaunch],
    ) -> None:
        """Work on the given nouns."""
        self._store = store
        self._clock = clock
        self._projects = projects
        self._run_listing = run_listing
        self._sweeps = sweeps
        self._sweep_runs = sweep_runs
        self._controller, self._launch = steering

    async def apply(self, user: str, fields: SweepFields) -> tuple[Sweep, list[str]]:
        """The sweep as it is now, and what is odd about its config.

        NotFoundError for an id that no sweep has; InvalidError for a config or state that is none,
        or a state that cannot follow the present one. Then nothing has changed.
        """
        config = None if fields.config is None else _usable(fields.config)
        state = None if fields.state is None else _state(fields.state)
        warnings = [] if config is None else warnings_of(config)
        if not fields.id:
            return await self._create(user, fields, config, state), warnings
        key = SweepKey.from_storage_id(fields.id) or SweepKey(
            fields.entity, fields.project or UNCATEGORIZED, fields.id
        )
        async with self._sweeps.lock(key):
            return await self._change(user, await self._sweeps.get(key), fields, state), warnings

    async def delete(self, key: SweepKey) -> None:
        """Drop a sweep; its agents are told that it is gone. NotFoundError without it."""
        async with self._sweeps.lock(key):
            await self._sweeps.delete(key)
            await self._sweep_runs.forget(key)

    async def enqueue(
        self, user: str, key: SweepKey, args: dict[str, object], display_name: str | None
    ) -> str:
        """Make a run that the next free agent gets; its name.

        NotFoundError without the sweep; InvalidError if it has ended.
        """
        async with self._sweeps.lock(key):
            sweep = await self._sweeps.get(key)
            if sweep.state not in UNDER_WAY:
                raise InvalidError(f"sweep {key} is {sweep.state}: it takes no more runs")
            return (await self._sweep_runs.add(sweep, args, user, None, display_name)).name

    async def _create(
        self, user: str, fields: SweepFields, config: SweepConfig | None, state: SweepState | None
    ) -> Sweep:
        if config is None or fields.config is None:
            raise InvalidError("sweep config is missing")
        project = fields.project or UNCATEGORIZED
        launched = fields.launch_scheduler
        if launched:
            await self._launch.check(fields.entity, project, launched)
        prior: list[str] = []
        if fields.prior_runs:
            found = await self._run_listing.select(fields.entity, project, fields.prior_runs)
            prior = [run.name for run in found]
        await self._projects.ensure(fields.entity, project, user)
        number = await self._store.next_number(f"sweep/{fields.entity}/{project}")
        now = self._clock.wall()
        sweep = Sweep(
            entity=fields.entity,
            project=project,
            name=short_id("sweep", fields.entity, project, number),
            number=number,
            user=user,
            created_at=now,
            updated_at=now,
            heartbeat_at=now,
            config=fields.config,
            state=state or SweepState.PENDING,
            display_name=fields.display_name,
            description=fields.description,
            scheduler=fields.scheduler,
            prior_runs=tuple(prior),
        )
        await self._sweeps.put(sweep)
        if launched:
            scheduler = await self._launch.start(sweep, user, launched)
            sweep = await self._sweeps.change(sweep, scheduler=scheduler)
        return await self._steer(user, sweep, fields.controller)

    async def _change(
        self, user: str, sweep: Sweep, fields: SweepFields, state: SweepState | None
    ) -> Sweep:
        _check_change(sweep, state)
        said = {name: getattr(fields, name) for name in _STORED}
        given = {name: value for name, value in said.items() if value is not None}
        if fields.config is not None:
            given["config"] = fields.config
        if state is not None:
            given["state"] = state
        sweep = await self._sweeps.change(sweep, **given)
        if state is SweepState.CANCELED:
            await self._sweep_runs.stop_all(sweep.key)
        return await self._steer(user, sweep, fields.controller)

    async def _steer(self, user: str, sweep: Sweep, controller: str | None) -> Sweep:
        if controller is None:
            return sweep
        return await self._controller.apply(user, sweep, controller)


def short_id(kind: str, *parts: object) -> str:
    """Eight characters that look like W&B's ids, the same in each rerun."""
    digest = hashlib.sha256("/".join([kind, *map(str, parts)]).encode()).digest()
    return base64.b32encode(digest).decode().lower()[:8]


def _usable(text: str) -> SweepConfig:
    config = parse_config(text)
    if config.method == "bayes" and not config.steered_by_client:
        check_available()
    return config


def _state(text: str) -> SweepState:
    if text.upper() not in set(SweepState):
        raise InvalidError(f"sweep state {text!r} is none of {', '.join(SweepState)}")
    return SweepState(text.upper())


def _check_change(sweep: Sweep, state: SweepState | None) -> None:
    if state is None or state is sweep.state:
        return
    allowed = _ALLOWED_FROM.get(state)
    if allowed is not None and sweep.state not in allowed:
        raise InvalidError(f"invalid state transition from {sweep.state} to {state}")
