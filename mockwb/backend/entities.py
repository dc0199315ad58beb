"""Entities: accounts that own projects. A user's own, or a team.

Every name that is no user's counts as an existing team that every caller may write to, so that
scripts with `entity="my-team"` run without any setup.
"""

from dataclasses import dataclass

from mockwb.backend.errors import InvalidError
from mockwb.backend.node_ids import node_id
from mockwb.backend.store import Store
from mockwb.backend.users import User

FORBIDDEN_IN_NAMES = "/\\#?%:"
MAX_NAME = 128


@dataclass(slots=True, frozen=True)
class Entity:
    """One account."""

    name: str
    user: User | None
    """Whose own it is; None for a team."""
    organization: None = None
    """Entities belong to no organisation here."""
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
        return self.user is None

    @property
    def entity_type(self) -> str:
        """As W&B spells it."""
        return "team" if self.user is None else "user"


class Entities:
    """Finds entities by name."""

    def __init__(self, store: Store) -> None:
        """Look users up in `store`."""
        self._store = store

    async def get(self, name: str) -> Entity:
        """The entity of that name; InvalidError if the name is none."""
        check_name("entity", name)
        return Entity(name=name, user=await self._store.get("user", name))


def check_name(kind: str, name: str) -> None:
    """InvalidError unless `name` can stand in a W&B path (W&B docs, Projects: naming rules)."""
    if not name or len(name) > MAX_NAME:
        raise InvalidError(f"{kind} name must have 1 to {MAX_NAME} characters, got {len(name)}")
    bad = sorted({c for c in name if c in FORBIDDEN_IN_NAMES or not c.isprintable()})
    if bad or name in (".", ".."):
        listed = " ".join(FORBIDDEN_IN_NAMES)
        raise InvalidError(f"{kind} name {name!r} is invalid: none of {listed} is allowed")
