"""What happens to invitations. `target` is the invited address, or what the link allows."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from memberpulse.domains.organizations.facts import Act
from memberpulse.domains.organizations.models import Role


@dataclass(frozen=True, kw_only=True)
class InvitationAct(Act):
    """Something done about one invitation."""

    entity_type = "invitation"
    personal: ClassVar[tuple[str, ...]] = ("target",)


@dataclass(frozen=True, kw_only=True)
class InvitationSent(InvitationAct):
    action = "sent"
    role: Role


@dataclass(frozen=True, kw_only=True)
class InvitationResent(InvitationAct):
    action = "resent"


@dataclass(frozen=True, kw_only=True)
class InvitationReaddressed(InvitationAct):
    """`target` is the new address."""

    action = "readdressed"
    personal: ClassVar[tuple[str, ...]] = ("target", "before", "after")
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class InvitationRevoked(InvitationAct):
    action = "revoked"


@dataclass(frozen=True, kw_only=True)
class InvitationRestored(InvitationAct):
    """A revocation was undone."""

    action = "restored"


@dataclass(frozen=True, kw_only=True)
class InvitationAccepted(InvitationAct):
    """The person is a member now, unless they were one already."""

    action = "accepted"
    role: Role


@dataclass(frozen=True, kw_only=True)
class JoinLinkMade(Act):
    entity_type = "join_link"
    action = "made"
    expires_at: datetime | None
    max_uses: int | None


@dataclass(frozen=True, kw_only=True)
class JoinLinkRevoked(Act):
    entity_type = "join_link"
    action = "revoked"


@dataclass(frozen=True, kw_only=True)
class JoinLinkUsed(Act):
    """Somebody joined by it: `by`."""

    entity_type = "join_link"
    action = "used"
