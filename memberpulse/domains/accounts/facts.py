"""What happens to accounts. These facts belong to no organization; each becomes a line of the person's security log."""

import uuid
from dataclasses import dataclass

from memberpulse.engine import Fact


@dataclass(frozen=True, kw_only=True)
class AccountFact(Fact):
    """Something that happened to one account."""

    user_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class SignedIn(AccountFact):
    """A session began; entity_id is the session."""

    entity_type = "session"
    action = "signed_in"


@dataclass(frozen=True, kw_only=True)
class SignedOut(AccountFact):
    """A session ended; entity_id is the session."""

    entity_type = "session"
    action = "signed_out"
