"""Access tokens of reports: the links that let anybody see one ("magic links")."""

import secrets
from collections.abc import Sequence

import msgspec

from mockwb.backend.errors import NotFoundError
from mockwb.backend.store import Store
from mockwb.backend.views import View
from mockwb.clock import Clock

_TOKENS = "view-token"


class ViewToken(msgspec.Struct, frozen=True, kw_only=True):
    """One link's secret."""

    token: str
    view: str
    """Id of the report."""
    projects: tuple[tuple[str, str], ...]
    """(entity, project) of what the report may show."""
    revoked_at: float | None = None
    """Seconds since the Unix epoch."""


class ViewTokens:
    """All tokens; there are no pages here that they would open."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Keep them in `store`."""
        self._store = store
        self._clock = clock

    async def create(self, view: View, projects: Sequence[tuple[str, str]]) -> ViewToken:
        """A new token for a report."""
        token = ViewToken(token=secrets.token_hex(32), view=view.id, projects=tuple(projects))
        await self._put(token)
        return token

    async def get(self, token: str) -> ViewToken:
        """The record behind a token; NotFoundError without it."""
        found: ViewToken | None = await self._store.get(_TOKENS, token)
        if found is None:
            raise NotFoundError("access token not found")
        return found

    async def of_view(self, view: View) -> list[ViewToken]:
        """The tokens of a report, revoked ones too, oldest first."""
        tokens: list[ViewToken] = await self._store.records(_TOKENS)
        return [token for token in tokens if token.view == view.id]

    async def change_projects(self, token: ViewToken, projects: Sequence[tuple[str, str]]) -> None:
        """Say anew what the report may show."""
        await self._put(msgspec.structs.replace(token, projects=tuple(projects)))

    async def revoke(self, token: ViewToken) -> None:
        """Make a token useless."""
        await self._put(msgspec.structs.replace(token, revoked_at=self._clock.wall()))

    async def delete_all(self, view: View) -> None:
        """Drop the tokens of a report that is gone."""
        for token in await self.of_view(view):
            await self._store.delete(_TOKENS, token.token)

    async def _put(self, token: ViewToken) -> None:
        await self._store.put(_TOKENS, token.token, token)
