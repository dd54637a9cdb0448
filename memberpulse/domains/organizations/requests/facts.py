"""What happens to requests to join. entity_id is the request, `target` the name of the person who asks."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from memberpulse.domains.organizations.facts import Act
from memberpulse.domains.organizations.models import Role
from memberpulse.engine import Fact


@dataclass(frozen=True, kw_only=True)
class JoinRequestAct(Act):
    """user_id: who asks."""

    entity_type = "join_request"
    personal: ClassVar[tuple[str, ...]] = ("target",)
    user_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class JoinRequested(JoinRequestAct):
    action = "asked"
    personal: ClassVar[tuple[str, ...]] = ("target", "note")
    note: str


@dataclass(frozen=True, kw_only=True)
class JoinRequestWithdrawn(JoinRequestAct):
    action = "withdrew"


@dataclass(frozen=True, kw_only=True)
class JoinRequestApproved(JoinRequestAct):
    action = "approved"
    role: Role


@dataclass(frozen=True, kw_only=True)
class JoinRequestDeclined(JoinRequestAct):
    action = "declined"
    personal: ClassVar[tuple[str, ...]] = ("target", "reason")
    reason: str


@dataclass(frozen=True, kw_only=True)
class JoinDecisionUndone(JoinRequestAct):
    """The decision was taken back within seconds: the request is pending again."""

    action = "reopened"
    before: str


@dataclass(frozen=True, kw_only=True)
class JoinApprovalFinal(Fact):
    """An approval can no longer be undone: whoever asked is to be told. decided_by: who approved."""

    entity_type = "join_request"
    action = "final"
    user_id: uuid.UUID
    decided_by: uuid.UUID | None
