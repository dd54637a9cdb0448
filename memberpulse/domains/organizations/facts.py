"""What happens in organizations, and the two bases of facts that people bring about.

An `Act` is kept in the audit log. A `Deed` is an act that all members may know of: it becomes an activity as well. What
a value was and what it became are fields named `before` and `after`; fields named in `personal` may hold personal data,
which the audit log keeps apart so that it can be erased.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from memberpulse.domains.organizations.models import JoinPolicy, Role
from memberpulse.engine import Fact


@dataclass(frozen=True, kw_only=True)
class Act(Fact):
    """Something done in an organization, for the audit log.

    by: who did it, when that is not the caller: a job acts on somebody's behalf.
    """

    personal: ClassVar[tuple[str, ...]] = ()
    by: uuid.UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Deed(Act):
    """An act that all members of the organization may know of: it becomes an activity as well."""


@dataclass(frozen=True, kw_only=True)
class MemberJoined(Deed):
    """entity_id is the membership, `by` the person who joined."""

    entity_type = "member"
    action = "joined"
    user_id: uuid.UUID
    role: Role


@dataclass(frozen=True, kw_only=True)
class MemberLeft(Deed):
    entity_type = "member"
    action = "left"
    user_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class MemberRemoved(Deed):
    """Somebody else ended the membership; `target` is the person's name."""

    entity_type = "member"
    action = "removed"
    user_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class MemberRestored(Deed):
    """A removal was undone within seconds; `target` is the person's name."""

    entity_type = "member"
    action = "restored"
    user_id: uuid.UUID
    role: Role


@dataclass(frozen=True, kw_only=True)
class MembersExported(Act):
    """Somebody downloaded the list of members; entity_id is the organization."""

    entity_type = "organization"
    action = "exported_members"
    rows: int


@dataclass(frozen=True, kw_only=True)
class RoleChanged(Deed):
    """`target` is the person's name and what they are now; before and after are the names of the roles."""

    entity_type = "member"
    action = "changed_role"
    user_id: uuid.UUID
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class OrganizationRenamed(Deed):
    """`target` is the new name."""

    entity_type = "organization"
    action = "renamed"
    before: str


@dataclass(frozen=True, kw_only=True)
class LogoChanged(Act):
    """Another logo, or none; `target` is the organization's name."""

    entity_type = "organization"
    action = "changed_logo"


@dataclass(frozen=True, kw_only=True)
class OrganizationFounded(Deed):
    """`target` is the name."""

    entity_type = "organization"
    action = "founded"


@dataclass(frozen=True, kw_only=True)
class JoinPolicyChanged(Act):
    entity_type = "organization"
    action = "changed_join_policy"
    before: JoinPolicy
    after: JoinPolicy


@dataclass(frozen=True, kw_only=True)
class DeletionAsked(Deed):
    """The organization will be deleted; `target` is its name."""

    entity_type = "organization"
    action = "asked_deletion"
    deletes_at: datetime


@dataclass(frozen=True, kw_only=True)
class DeletionCancelled(Deed):
    entity_type = "organization"
    action = "cancelled_deletion"
