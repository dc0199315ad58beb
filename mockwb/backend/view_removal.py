"""Deleting views with what belongs to them alone."""

from mockwb.backend.view_tokens import ViewTokens
from mockwb.backend.views import View, Views


class ViewRemoval:
    """The operation."""

    def __init__(self, views: Views, tokens: ViewTokens) -> None:
        """Work on the given nouns."""
        self._views = views
        self._tokens = tokens

    async def remove(self, view: View) -> None:
        """Drop a view, its drafts, and its links."""
        for doomed in (*await self._views.drafts_of(view), view):
            await self._tokens.delete_all(doomed)
            await self._views.delete(doomed)

    async def remove_all(self, entity: str, project: str) -> None:
        """Drop every view of a project."""
        for view in await self._views.of_project(entity, project):
            await self.remove(view)
