"""What screens are given of proofs."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from memberpulse.domains.accounts.proofs.rules import Method


@dataclass(frozen=True, slots=True)
class StepUpOptions:
    """How the caller may prove who they are for an action. methods: the best first; empty when they have none."""

    action: str
    title: str
    methods: list[Method]
    email: str
    """Masked."""


@dataclass(frozen=True, slots=True)
class Granted:
    """The session may do the action until then."""

    action: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PersonToProve:
    """What a proof is checked against. Never leaves the server."""

    user_id: uuid.UUID
    email: str
    password_hash: str | None
    methods: list[Method]
