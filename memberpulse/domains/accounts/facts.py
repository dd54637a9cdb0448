"""What happens to accounts. These facts belong to no organization."""

import uuid
from dataclasses import dataclass

from memberpulse.engine import Fact


@dataclass(frozen=True, kw_only=True)
class SignedIn(Fact):
    """A session began; entity_id is the session."""

    entity_type = "session"
    action = "signed_in"
    user_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class SignedOut(Fact):
    """A session ended; entity_id is the session."""

    entity_type = "session"
    action = "signed_out"
    user_id: uuid.UUID
