"""Entities: accounts that own projects. A user's own, a team's, or an organisation's.

Until people are declared, every name that is nobody's counts as an existing team that every caller
may write to, so that scripts with `entity="my-team"` run without any setup.
"""

from dataclasses import dataclass

from mockwb.backend.errors import InvalidError
from mockwb.backend.node_ids import node_id
from mockwb.backend.organizations import Organization, Organizations
from mockwb.backend.teams import Team, Teams
from mockwb.backend.users import User, Users

FORBIDDEN_IN_NAMES = "/\\#?%:"
MAX_NAME = 128


@dataclass(slots=True, frozen=True)
class Entity:
    """One account."""

    name: str
    user: User | None
    """Whose own it is, or None."""
    team: Team | None = None
    """The team whose it is; None for one that nobody made, too."""
    organization: Organization | None = None
    """What a team belongs to, or whose own it is."""
    read_only_admin: bool = False
    private_only: bool = False
    storage_bytes: int = 0
    code_saving_enabled: bool = True
    default_access: str = "USER_WRITE"
    xxhash_digests_enabled: bool = False

    @property
    def id(self) -> str:
        """Opaque id."""
        return node_id("Entity", self.name)

    @property
    def is_team(self) -> bool:
        """Whether several users share it."""
        return self.user is None and not self.is_organization

    @property
    def is_organization(self) -> bool:
        """Whether it is an organisation's own."""
        return self.organization is not None and self.organization.entity == self.name

    @property
    def entity_type(self) -> str:
        """As W&B spells it."""
        if self.is_organization:
            return "organization"
        return "team" if self.user is None else "user"


class Entities:
    """Finds entities by name."""

    def __init__(self, users: Users, teams: Teams, organizations: Organizations) -> None:
        """Look up whose they are."""
        self._users = users
        self._teams = teams
        self._organizations = organizations

    async def get(self, name: str) -> Entity:
        """The entity of that name; InvalidError if the name is none."""
        check_name("entity", name)
        user = await self._users.find(name)
        if user is not None:
            return Entity(name=name, user=user)
        team = await self._teams.find(name)
        above = name if team is None else team.organization
        organization = None if above is None else await self._organizations.at(above)
        return Entity(name=name, user=None, team=team, organization=organization)


def check_name(kind: str, name: str) -> None:
    """InvalidError unless `name` can stand in a W&B path (W&B docs, Projects: naming rules)."""
    if not name or len(name) > MAX_NAME:
        raise InvalidError(f"{kind} name must have 1 to {MAX_NAME} characters, got {len(name)}")
    bad = sorted({c for c in name if c in FORBIDDEN_IN_NAMES or not c.isprintable()})
    if bad or name in (".", ".."):
        listed = " ".join(FORBIDDEN_IN_NAMES)
        raise InvalidError(f"{kind} name {name!r} is invalid: none of {listed} is allowed")
