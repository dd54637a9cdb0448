"""What happens to a person's proofs; each becomes a line of their security log."""

from dataclasses import dataclass

from memberpulse.domains.accounts.facts import AccountFact


@dataclass(frozen=True, kw_only=True)
class StepUpPassed(AccountFact):
    """entity_id is the session, `target` what it may do now."""

    entity_type = "session"
    action = "confirmed"
    method: str


@dataclass(frozen=True, kw_only=True)
class StepUpFailed(AccountFact):
    """A wrong proof, told for the first of a row and for those that cost a wait. entity_id is the session."""

    entity_type = "session"
    action = "failed_to_confirm"
    method: str
    wrong: int


@dataclass(frozen=True, kw_only=True)
class SecondStepFailed(AccountFact):
    """Somebody knew the password and not the second factor; told as StepUpFailed is. entity_id is the person."""

    entity_type = "account"
    action = "failed_second_step"
    wrong: int


@dataclass(frozen=True, kw_only=True)
class TotpEnabled(AccountFact):
    entity_type = "account"
    action = "turned_on_totp"


@dataclass(frozen=True, kw_only=True)
class TotpDisabled(AccountFact):
    entity_type = "account"
    action = "turned_off_totp"


@dataclass(frozen=True, kw_only=True)
class RecoveryCodesMade(AccountFact):
    entity_type = "account"
    action = "made_recovery_codes"


@dataclass(frozen=True, kw_only=True)
class RecoveryCodeUsed(AccountFact):
    """`left` codes remain."""

    entity_type = "account"
    action = "used_recovery_code"
    left: int


@dataclass(frozen=True, kw_only=True)
class PasskeyAdded(AccountFact):
    """entity_id is the passkey, `target` its name."""

    entity_type = "passkey"
    action = "added"


@dataclass(frozen=True, kw_only=True)
class PasskeyRemoved(AccountFact):
    """entity_id is the passkey, `target` its name."""

    entity_type = "passkey"
    action = "removed"


@dataclass(frozen=True, kw_only=True)
class ProviderLinked(AccountFact):
    """`target` is the provider's name."""

    entity_type = "provider"
    action = "linked"


@dataclass(frozen=True, kw_only=True)
class ProviderUnlinked(AccountFact):
    """`target` is the provider's name."""

    entity_type = "provider"
    action = "unlinked"
