"""Views: reports, their drafts, and saved workspaces. What is saved comes back unchanged."""

from collections.abc import Mapping
from typing import Any

import msgspec

from mockwb.backend.errors import InvalidError, NotFoundError
from mockwb.backend.json_text import parse_object
from mockwb.backend.node_ids import node_id
from mockwb.backend.projects import Projects
from mockwb.backend.store import Store
from mockwb.clock import Clock

_PLACES = "view"


class View(msgspec.Struct, frozen=True, kw_only=True):
    """One view."""

    number: int
    entity: str
    project: str
    user: str
    """Who made it."""
    type: str = "runs"
    """`runs` for reports, `runs/draft`, `project-view` for workspaces."""
    name: str = ""
    display_name: str = ""
    description: str = ""
    spec: str = ""
    """JSON text, exactly as it came; may be empty for drafts."""
    created_using: str = "WANDB_UI"
    """WANDB_UI or WANDB_SDK."""
    locked: bool = False
    parent: str | None = None
    """Id of the report that a draft is of."""
    created_at: float
    """Seconds since the Unix epoch."""
    updated_at: float
    """Seconds since the Unix epoch."""

    @property
    def id(self) -> str:
        """Opaque id."""
        return node_id("View", self.number)


class Views:
    """All views of all projects."""

    def __init__(self, store: Store, clock: Clock, projects: Projects) -> None:
        """Keep them in `store`."""
        self._store = store
        self._clock = clock
        self._projects = projects

    async def create(self, entity: str, project: str, user: str, fields: Mapping[str, Any]) -> View:
        """Make a view of the `fields` that are not None.

        NotFoundError without the project, InvalidError for a spec that is no JSON object.
        """
        if await self._projects.find(entity, project) is None:
            raise NotFoundError(f"project {entity}/{project} not found")
        now = self._clock.wall()
        view = View(
            number=await self._store.next_number("view"),
            entity=entity,
            project=project,
            user=user,
            created_at=now,
            updated_at=now,
            **_given(fields),
        )
        await self._store.put(_table(entity, project), view.id, view)
        await self._store.put(_PLACES, view.id, (entity, project))
        return view

    async def change(self, view: View, fields: Mapping[str, Any]) -> View:
        """The view with `fields` replaced; None leaves a field as it is."""
        given = _given(fields)
        changed = msgspec.structs.replace(view, **given, updated_at=self._clock.wall())
        await self._store.put(_table(view.entity, view.project), view.id, changed)
        return changed

    async def find(self, view_id: str) -> View | None:
        """The view with that id, which may lack its padding as in URLs; None without it."""
        padded = view_id + "=" * (-len(view_id) % 4)
        place = await self._store.get(_PLACES, padded)
        if place is None:
            return None
        view: View | None = await self._store.get(_table(*place), padded)
        return view

    async def get(self, view_id: str) -> View:
        """The view with that id; NotFoundError without it."""
        view = await self.find(view_id)
        if view is None:
            raise NotFoundError(f"view {view_id} not found")
        return view

    async def of_project(
        self,
        entity: str,
        project: str,
        *,
        type_: str | None = None,
        name: str | None = None,
        user: str | None = None,
    ) -> list[View]:
        """The views of a project, newest first; `name` may be the name or the display name."""
        views: list[View] = await self._store.records(_table(entity, project))
        return [
            view
            for view in reversed(views)
            if (type_ is None or view.type == type_)
            and (not name or name in (view.name, view.display_name))
            and (not user or view.user == user)
        ]

    async def drafts_of(self, view: View) -> list[View]:
        """The drafts that were made from a report."""
        views = await self.of_project(view.entity, view.project)
        return [draft for draft in views if draft.parent == view.id]

    async def delete(self, view: View) -> None:
        """Drop the view itself; `ViewRemoval` takes what belongs to it, too."""
        await self._store.delete(_table(view.entity, view.project), view.id)
        await self._store.delete(_PLACES, view.id)


def _table(entity: str, project: str) -> str:
    return f"view/{entity}/{project}"


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in fields.items() if value is not None}
    if given.get("spec"):
        parse_object(given["spec"], "view spec")
    if given.get("type") == "":
        raise InvalidError("view type must not be empty")
    return given
