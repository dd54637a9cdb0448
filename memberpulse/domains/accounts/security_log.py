"""A person's security log: every fact about their account is a line of it, written in the same transaction."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.accounts.facts import AccountErased, AccountFact, SignInFailed
from memberpulse.domains.accounts.models import SecurityEvent, Session, User
from memberpulse.domains.accounts.rules import describe_device, normalize_email
from memberpulse.engine import INTERNAL, SIGNED_IN, Cron, MutationCtx, QueryCtx, job, mutation, on, query

SHOWN = 50
KEPT = timedelta(days=365)
ONE_LINE = timedelta(hours=1)
"""Wrong passwords within it are one line, so that a flood of guesses does not bury the rest."""
BATCH = 500
_OF_THE_FACT_ALONE = ("user_id", "user_agent", "ip")

SENTENCES = {
    "account.cancelled_deletion": "You kept your account",
    "account.changed_email": "Your e-mail address was changed",
    "account.changed_password": "Your password was changed",
    "account.changed_picture": "Your picture was changed",
    "account.changed_profile": "Your profile was changed",
    "account.exported_data": "Your data was exported",
    "account.failed_second_step": "Somebody knew the password, and not the second step",
    "account.failed_sign_in": "Somebody typed a wrong password",
    "account.made_recovery_codes": "New recovery codes were made",
    "account.requested_deletion": "You asked to delete your account",
    "account.reset_password": "Your password was replaced by a link",
    "account.signed_up": "You signed up",
    "account.turned_off_totp": "The authenticator app was turned off",
    "account.turned_on_totp": "The authenticator app was turned on",
    "account.used_recovery_code": "A recovery code was used",
    "account.verified_email": "You confirmed your address",
    "passkey.added": "A passkey was added",
    "passkey.removed": "A passkey was removed",
    "provider.linked": "An account elsewhere was linked",
    "provider.unlinked": "An account elsewhere was unlinked",
    "session.confirmed": "You confirmed that it was you",
    "session.failed_to_confirm": "Somebody could not confirm that it was you",
    "session.signed_in": "Signed in",
    "session.signed_out": "Signed out",
}


@dataclass(frozen=True, slots=True)
class SecurityEventView:
    """One line of the caller's security log. count: how often it happened within that hour."""

    id: uuid.UUID
    action: str
    text: str
    device: str
    ip: str
    happened_at: datetime
    count: int


@query(requires=SIGNED_IN)
def list_my_security_events(ctx: QueryCtx) -> list[SecurityEventView]:
    """What happened to the caller's account lately, newest first, at most 50."""
    latest = (
        select(SecurityEvent)
        .where(col(SecurityEvent.user_id) == ctx.user_id)
        .order_by(col(SecurityEvent.happened_at).desc(), col(SecurityEvent.id).desc())
        .limit(SHOWN)
    )
    return [_view(event) for event in ctx.db.scalars(latest)]


def note_event(ctx: MutationCtx, fact: AccountFact) -> None:
    """Write a fact into the log of its person."""
    if isinstance(fact, AccountErased):
        return
    user_agent, ip = _sender(ctx, fact)
    details = {name: value for name, value in fact.metadata().items() if name not in _OF_THE_FACT_ALONE}
    ctx.db.add(
        SecurityEvent(
            user_id=fact.user_id,
            action=f"{fact.entity_type}.{fact.action}",
            details=details | ({"target": fact.target} if fact.target else {}),
            user_agent=user_agent,
            ip=ip,
            happened_at=ctx.now,
        )
    )
    ctx.db.flush()


@mutation(requires=INTERNAL)
def note_wrong_password(ctx: MutationCtx, *, email: str, user_agent: str = "", ip: str = "") -> None:
    """Promise to tell the owner of the account, if there is one; it does the same if there is none."""
    ctx.schedule(tell_wrong_password, email=email, user_agent=user_agent, ip=ip)


@job()
def tell_wrong_password(ctx: MutationCtx, *, email: str, user_agent: str, ip: str) -> None:
    """Put a wrong password into the log of the account's owner: a line, or one more on the line of this hour."""
    user = ctx.db.scalars(select(User).where(col(User.email) == normalize_email(email))).one_or_none()
    if user is None:
        return
    line = _line_of_this_hour(ctx, user.id)
    if line is None:
        ctx.record(SignInFailed(entity_id=user.id, user_id=user.id, user_agent=user_agent, ip=ip))
        return
    line.count += 1
    line.happened_at, line.user_agent, line.ip = ctx.now, user_agent, ip
    ctx.db.flush()


@job()
def prune_security_events(ctx: MutationCtx) -> None:
    """Forget what happened a year ago; in batches while a backlog remains."""
    over = select(col(SecurityEvent.id)).where(col(SecurityEvent.happened_at) < ctx.now - KEPT).limit(BATCH)
    ids = list(ctx.db.scalars(over))
    if ids:
        gone = delete(SecurityEvent).where(col(SecurityEvent.id).in_(ids))
        ctx.db.execute(gone.execution_options(synchronize_session=False))
    if len(ids) == BATCH:
        ctx.schedule(prune_security_events)


def _line_of_this_hour(ctx: MutationCtx, user_id: uuid.UUID) -> SecurityEvent | None:
    action = f"{SignInFailed.entity_type}.{SignInFailed.action}"
    lines = (
        select(SecurityEvent)
        .where(col(SecurityEvent.user_id) == user_id, col(SecurityEvent.action) == action)
        .order_by(col(SecurityEvent.id).desc())
        .limit(1)
    )
    latest = ctx.db.scalars(lines).first()
    began_at = None if latest is None else _begun(latest)
    return latest if began_at is not None and began_at > ctx.now - ONE_LINE else None


def _begun(event: SecurityEvent) -> datetime:
    """When its line was begun, which its id tells (UUIDv7), not when the last of it happened."""
    return datetime.fromtimestamp((event.id.int >> 80) / 1000, event.happened_at.tzinfo)


def _sender(ctx: MutationCtx, fact: AccountFact) -> tuple[str, str]:
    """The browser and the address behind a fact: the fact's own, else those of its session, else of the caller's."""
    if fact.user_agent or fact.ip:
        return fact.user_agent[:300], fact.ip[:45]
    session_id = fact.entity_id if fact.entity_type == "session" else ctx.caller.session_id
    session = ctx.db.get(Session, session_id) if session_id else None
    return (session.user_agent, session.ip) if session and session.user_id == fact.user_id else ("", "")


def _view(event: SecurityEvent) -> SecurityEventView:
    words: dict[str, Any] = event.details
    known = SENTENCES.get(event.action) or event.action.replace(".", " ").replace("_", " ").capitalize()
    target = words.get("target")
    return SecurityEventView(
        id=event.id,
        action=event.action,
        text=f"{known}: {target}" if target else known,
        device=describe_device(event.user_agent) if event.user_agent else "",
        ip=event.ip,
        happened_at=event.happened_at,
        count=event.count,
    )


FUNCTIONS = [list_my_security_events, note_wrong_password, tell_wrong_password, prune_security_events]
LISTENERS = [on(AccountFact, note_event)]
CRONS = [Cron(job=prune_security_events, crontab="40 3 * * *")]
