"""Who belongs to a team or an organisation, and as what. Both keep tuples of members."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from mockwb.backend.node_ids import node_id


class Role(StrEnum):
    """What a member may do: administer, write, or only read."""

    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's place in a team or an organisation."""

    number: int
    """Unique on this server."""
    username: str = ""
    """Empty for somebody who was invited by e-mail and has no account yet."""
    email: str = ""
    """Where the invitation went; empty once there is an account."""
    role: Role = Role.MEMBER
    invited_at: float = 0.0
    """Seconds since the Unix epoch."""

    @property
    def id(self) -> str:
        """Opaque id; `deleteInvite` takes it."""
        return node_id("Member", self.number)

    @property
    def pending(self) -> bool:
        """Whether the invitation waits for an account."""
        return not self.username


Members = tuple[Member, ...]

Roles = Sequence[tuple[str, Role]]
"""User names, and what they are to be."""


def member_named(members: Iterable[Member], username: str) -> Member | None:
    """The member with that account, or None."""
    return next((member for member in members if member.username == username), None)


def with_member(members: Members, new: Member) -> Members:
    """`members` with `new` at the end, or in the place of the member whose number it has."""
    if any(member.number == new.number for member in members):
        return tuple(new if member.number == new.number else member for member in members)
    return (*members, new)
