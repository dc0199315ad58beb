"""Who may read, write and administer what, once people are declared.

Until then everybody may do everything. The rules are those of W&B's roles and project visibility
(W&B docs: Manage users and teams; Project visibility).
"""

from mockwb.backend.errors import ForbiddenError, NotFoundError
from mockwb.backend.members import Role, member_named
from mockwb.backend.organizations import Organizations
from mockwb.backend.projects import Project, Projects
from mockwb.backend.teams import Team, Teams
from mockwb.backend.users import Users

OPEN = "USER_WRITE"
"""Project access: every user reads and writes."""
PUBLIC = "USER_READ"
"""Project access: every user reads."""
RESTRICTED = "RESTRICTED"
"""Project access: only who made it, and admins. All else is for the entity's members."""


class Permissions:
    """Answers whether a user may; the hot path looks at `in_force` first."""

    def __init__(
        self, users: Users, teams: Teams, organizations: Organizations, projects: Projects
    ) -> None:
        """Work on the given nouns."""
        self._users = users
        self._teams = teams
        self._organizations = organizations
        self._projects = projects
        self.in_force = False
        """Whether people are declared; else everything is open."""

    async def role(self, username: str, entity: str) -> Role | None:
        """What the user is to an entity; None for a stranger."""
        user = await self._users.find(username)
        if user is None:
            return None
        if user.admin or entity == username:
            return Role.ADMIN
        team = await self._teams.find(entity)
        if team is not None:
            return await self._role_in_team(username, team)
        return await self._role_in_organization(username, entity)

    async def _role_in_team(self, username: str, team: Team) -> Role | None:
        """An organisation's admins are admins of its teams; its viewers only read there."""
        above = None
        if team.organization is not None:
            above = await self._role_in_organization(username, team.organization)
        member = member_named(team.members, username)
        if above is Role.ADMIN:
            return Role.ADMIN
        if member is not None and above is Role.VIEWER:
            return Role.VIEWER
        return None if member is None else member.role

    async def _role_in_organization(self, username: str, entity: str) -> Role | None:
        organization = await self._organizations.at(entity)
        if organization is None:
            return None
        member = member_named(organization.members, username)
        return None if member is None else member.role

    async def known(self, entity: str) -> bool:
        """Whether there is such an entity."""
        return bool(
            await self._users.find(entity)
            or await self._teams.find(entity)
            or await self._organizations.at(entity)
        )

    async def may_see(self, username: str, entity: str) -> bool:
        """Whether the user may know of an entity that is not made up."""
        if not self.in_force:
            return True
        return await self.role(username, entity) is not None and await self.known(entity)

    async def may_read(self, username: str, entity: str, project: str) -> bool:
        """Whether the user may read a project, or would if there were one."""
        if not self.in_force:
            return True
        role = await self.role(username, entity)
        found = await self._projects.find(entity, project)
        if found is not None and found.access in (OPEN, PUBLIC):
            return True
        return role is not None and _let_in(username, role, found)

    async def may_write(self, username: str, entity: str, project: str) -> bool:
        """Whether the user may write to a project, or make it."""
        if not self.in_force:
            return True
        found = await self._projects.find(entity, project)
        if found is not None and found.access == OPEN:
            return True
        role = await self.role(username, entity)
        return role in (Role.ADMIN, Role.MEMBER) and _let_in(username, role, found)

    async def check_write(self, username: str, entity: str, project: str) -> None:
        """ForbiddenError unless the user may write there; NotFoundError without the entity."""
        if await self.may_write(username, entity, project):
            if not self.in_force or await self.known(entity):
                return
        elif await self.known(entity):
            raise ForbiddenError("permission denied")
        raise NotFoundError(f"entity {entity} not found")

    async def check_member(self, username: str, entity: str) -> None:
        """ForbiddenError unless the user may write to all of an entity, whatever is open in it."""
        if self.in_force and await self.role(username, entity) not in (Role.ADMIN, Role.MEMBER):
            raise ForbiddenError("permission denied")

    async def administers(self, username: str, entity: str) -> bool:
        """Whether the user may say who is in an entity."""
        return not self.in_force or await self.role(username, entity) is Role.ADMIN

    async def administers_server(self, username: str) -> bool:
        """Whether the user may make users."""
        if not self.in_force:
            return True
        user = await self._users.find(username)
        return user is not None and user.admin


def _let_in(username: str, role: Role | None, project: Project | None) -> bool:
    """Whether a restricted project takes a member of its entity."""
    if project is None or project.access != RESTRICTED:
        return True
    return role is Role.ADMIN or project.user == username
