"""What screens and doors are given of organizations and the people in them."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.rules import initials_of, tint_of
from memberpulse.domains.organizations.fields.schemas import FilledField
from memberpulse.domains.organizations.levels.schemas import MembershipState
from memberpulse.domains.organizations.models import JoinPolicy, Organization, Role

__all__ = [
    "DeletionView",
    "ExportedMember",
    "ExportedMembers",
    "JoinPolicy",
    "MemberCount",
    "MemberDetail",
    "MemberList",
    "MemberRow",
    "OrganizationSettings",
    "OrganizationView",
    "PersonView",
    "Role",
    "Viewer",
    "organization_view",
    "person_view",
]


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as an avatar with a name. tint: 1 to 6. picture: the random name of their picture, if they have one."""

    id: uuid.UUID
    name: str
    initials: str
    tint: int
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class OrganizationView:
    """deletes_at: when it will be deleted, None when it stays."""

    id: uuid.UUID
    name: str
    initial: str
    slug: str
    picture: str | None = None
    deletes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is looking: all that the frame around a page needs.

    role_name: what the role is called: the custom role's name, or "Admin".
    organization, role: None for somebody who belongs to none, or not any more. capabilities: sorted. organizations: all
    that the person belongs to, by name. erase_at: when their account is deleted, if they asked for it. demo: whether
    this server is the demo.
    """

    person: PersonView
    email: str
    organization: OrganizationView | None
    role: Role | None
    role_name: str
    capabilities: list[str]
    organizations: list[OrganizationView]
    time_zone: str
    locale: str
    erase_at: datetime | None
    demo: bool


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member in the list; id is the membership's.

    role_name: the custom role's name, else the role's. state: the level and how it stands. For who does not manage
    members, email and state are empty.
    """

    id: uuid.UUID
    person: PersonView
    email: str
    role: Role
    joined_at: datetime
    role_name: str
    custom_role_id: uuid.UUID | None
    state: MembershipState


@dataclass(frozen=True, slots=True)
class MemberDetail:
    """All that is kept about a member here. renewable: whether the membership has an end to renew."""

    member: MemberRow
    renewable: bool
    listed: bool
    deactivated: bool
    fields: list[FilledField]


@dataclass(frozen=True, slots=True)
class MemberList:
    """One page of members by name. total: all members; matching: those that fit search and role."""

    rows: list[MemberRow]
    total: int
    matching: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class MemberCount:
    total: int
    joined_this_week: int


@dataclass(frozen=True, slots=True)
class OrganizationSettings:
    """What a member may know of how the organization is set up.

    join_url: the absolute address of its join page. last_owner: the caller is the only owner and cannot leave.
    """

    name: str
    slug: str
    join_policy: JoinPolicy
    join_url: str
    members: int
    last_owner: bool
    deletes_at: datetime | None


@dataclass(frozen=True, slots=True)
class ExportedMember:
    """A member as a line of a file.

    email: empty for who does not manage members. role: the custom role's name, else the role's word. fields: what the
    fields hold, in their order.
    """

    name: str
    email: str
    role: str
    joined_at: datetime
    level: str
    standing: str
    renews_on: date | None
    fields: list[str]


@dataclass(frozen=True, slots=True)
class ExportedMembers:
    """fields: names of the custom fields that the asker may see."""

    fields: list[str]
    rows: list[ExportedMember]


@dataclass(frozen=True, slots=True)
class DeletionView:
    """members: how many people lose it. blockers: sentences that say what to settle first."""

    name: str
    members: int
    blockers: list[str]
    deletes_at: datetime | None


def person_view(user: User) -> PersonView:
    return PersonView(
        id=user.id, name=user.name, initials=initials_of(user.name), tint=tint_of(user.id), picture=user.picture
    )


def organization_view(organization: Organization) -> OrganizationView:
    initial = initials_of(organization.name)[0]
    return OrganizationView(
        id=organization.id,
        name=organization.name,
        initial=initial,
        slug=organization.slug,
        picture=organization.picture,
        deletes_at=organization.deletes_at,
    )
