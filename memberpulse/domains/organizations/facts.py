"""What happens in organizations, and the base of facts that a person brings about."""

import uuid
from dataclasses import dataclass

from memberpulse.domains.organizations.models import Role
from memberpulse.engine import Fact


@dataclass(frozen=True, kw_only=True)
class Deed(Fact):
    """Something that happened in an organization and that all its members may know: it becomes an activity.

    by: who did it, when that is not the caller: a job acts on somebody's behalf.
    """

    by: uuid.UUID | None = None


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
class RoleChanged(Deed):
    """`target` is the person's name and what they are now."""

    entity_type = "member"
    action = "changed_role"
    user_id: uuid.UUID
    before: Role
    after: Role


@dataclass(frozen=True, kw_only=True)
class OrganizationRenamed(Deed):
    """`target` is the new name."""

    entity_type = "organization"
    action = "renamed"
    before: str
