"""What happens to approval requests. `target` is the request's title, user_id who asked.

That something was asked for and granted, all members may know; a refusal and who said what, only the audit log.
"""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from memberpulse.domains.organizations.facts import Act, Deed


@dataclass(frozen=True, kw_only=True)
class ApprovalRequested(Deed):
    entity_type = "approval"
    action = "requested"
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class ApprovalGiven(Deed):
    entity_type = "approval"
    action = "approved"
    personal: ClassVar[tuple[str, ...]] = ("reason",)
    user_id: uuid.UUID | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ApprovalRefused(Act):
    entity_type = "approval"
    action = "rejected"
    personal: ClassVar[tuple[str, ...]] = ("reason",)
    user_id: uuid.UUID | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ApprovalSupported(Act):
    """Somebody approved, and somebody else must too before it counts."""

    entity_type = "approval"
    action = "supported"
    user_id: uuid.UUID | None = None
    given: int
    needed: int


@dataclass(frozen=True, kw_only=True)
class DecisionUndone(Act):
    """A decision, or one of the approvals that it takes, was taken back within seconds."""

    entity_type = "approval"
    action = "reopened"
    user_id: uuid.UUID | None = None
    before: str


@dataclass(frozen=True, kw_only=True)
class RequestWithdrawn(Act):
    entity_type = "approval"
    action = "withdrew"
    user_id: uuid.UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ApproversChanged(Act):
    """How many people must approve requests of a kind; `target` is what the kind is called."""

    entity_type = "approval_rule"
    action = "changed"
    before: int
    after: int
