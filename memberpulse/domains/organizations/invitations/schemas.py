"""What screens and doors are given of invitations."""

import enum
import uuid
from dataclasses import dataclass
from datetime import datetime

from memberpulse.domains.organizations.models import JoinPolicy, Role
from memberpulse.domains.organizations.schemas import OrganizationView, PersonView


class Fate(enum.StrEnum):
    """What becomes of one address of a list."""

    INVITED = "invited"
    MEMBER = "member"
    ALREADY_INVITED = "already_invited"
    REPEATED = "repeated"
    NOT_AN_ADDRESS = "not_an_address"


@dataclass(frozen=True, slots=True)
class AddressFate:
    """reason: why the address is not one; empty otherwise."""

    address: str
    fate: Fate
    reason: str = ""


@dataclass(frozen=True, slots=True)
class InviteResult:
    rows: list[AddressFate]
    invited: int


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """step: where it stands, as one word: queued, sent, delivered, bounced, complained, failed, expired, accepted or
    revoked. reason: why a letter came back. inviter: None when their account is gone."""

    id: uuid.UUID
    email: str
    name: str
    role: Role
    step: str
    reason: str
    inviter: PersonView | None
    sent_at: datetime
    expires_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class InvitationList:
    """One page, newest first. open: how many still wait for an answer."""

    rows: list[InvitationRow]
    open: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class LinkView:
    """url: what to pass on. is_open: whether one more person may join by it. max_uses: None for any number."""

    id: uuid.UUID
    url: str
    creator: PersonView | None
    created_at: datetime
    expires_at: datetime | None
    max_uses: int | None
    uses: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class LinkList:
    """policy: links only let people in while it is "link"."""

    policy: JoinPolicy
    rows: list[LinkView]


@dataclass(frozen=True, slots=True)
class InvitationView:
    """What the person who follows a link sees before they accept.

    state: "open", "over" (used, revoked, too old, or never one), or "member": whoever looks belongs to it already.
    The rest is None or empty when it is over. fits: whether the signed-in person's address is the invited one.
    verified: whether that address is confirmed. you: the signed-in person's address, empty for nobody.
    """

    state: str
    organization: OrganizationView | None = None
    role: Role | None = None
    inviter: str = ""
    message: str = ""
    email: str = ""
    name: str = ""
    you: str = ""
    fits: bool = False
    verified: bool = False
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PendingInvitation:
    """An invitation to the caller's own address."""

    id: uuid.UUID
    organization: OrganizationView
    role: Role
    inviter: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class MyInvitations:
    """verified: whether the caller's address is confirmed; without it none is shown."""

    verified: bool
    rows: list[PendingInvitation]
