"""What happens to accounts. These facts belong to no organization; each becomes a line of the person's security log."""

import uuid
from dataclasses import dataclass

from memberpulse.engine import Fact


@dataclass(frozen=True, kw_only=True)
class AccountFact(Fact):
    """Something that happened to one account.

    user_agent, ip: whose browser it was, when no session tells.
    """

    user_id: uuid.UUID
    user_agent: str = ""
    ip: str = ""


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


@dataclass(frozen=True, kw_only=True)
class ProfileChanged(AccountFact):
    """Somebody changed what they are called or where they are; entity_id is the account."""

    entity_type = "account"
    action = "changed_profile"
    changed: tuple[str, ...]
    """The names of the fields, never what they hold."""


@dataclass(frozen=True, kw_only=True)
class PictureChanged(AccountFact):
    """Somebody put up another picture of themselves, or took it away; entity_id is the account."""

    entity_type = "account"
    action = "changed_picture"


@dataclass(frozen=True, kw_only=True)
class DataExported(AccountFact):
    """Somebody downloaded all that is held of them; entity_id is the account."""

    entity_type = "account"
    action = "exported_data"


@dataclass(frozen=True, kw_only=True)
class DeletionRequested(AccountFact):
    """Somebody asked for the end of their account; entity_id is the account."""

    entity_type = "account"
    action = "requested_deletion"


@dataclass(frozen=True, kw_only=True)
class DeletionCancelled(AccountFact):
    """Somebody kept their account after all; entity_id is the account."""

    entity_type = "account"
    action = "cancelled_deletion"


@dataclass(frozen=True, kw_only=True)
class AccountErased(AccountFact):
    """A person is erased: who listens removes or anonymizes what they hold of the person, in the same transaction.

    It is recorded before the account itself is anonymized, so that listeners may still read the old name and address
    to find them in their texts. email_hash: SHA-256 of the normalized address, the only trace of it that may be kept.
    """

    entity_type = "account"
    action = "erased"
    email_hash: str


@dataclass(frozen=True, kw_only=True)
class SignedUp(AccountFact):
    """An account began: its address was confirmed by a link; entity_id is the account."""

    entity_type = "account"
    action = "signed_up"


@dataclass(frozen=True, kw_only=True)
class EmailVerified(AccountFact):
    """Somebody showed that their address is theirs; entity_id is the account."""

    entity_type = "account"
    action = "verified_email"


@dataclass(frozen=True, kw_only=True)
class EmailChanged(AccountFact):
    """An account is reached by another address; entity_id is the account. Both are masked."""

    entity_type = "account"
    action = "changed_email"
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(AccountFact):
    """Somebody signed in changed their password, or set a first one; entity_id is the account."""

    entity_type = "account"
    action = "changed_password"


@dataclass(frozen=True, kw_only=True)
class PasswordReset(AccountFact):
    """A forgotten password was replaced by a link; entity_id is the account."""

    entity_type = "account"
    action = "reset_password"


@dataclass(frozen=True, kw_only=True)
class SignInFailed(AccountFact):
    """Somebody typed a wrong password; entity_id is the account. Told at most once an hour and account."""

    entity_type = "account"
    action = "failed_sign_in"
