"""Writes to accounts and sessions."""

import uuid
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlmodel import col

from memberpulse.domains.accounts.errors import EmailTaken, SessionNotFound
from memberpulse.domains.accounts.facts import EmailVerified, SignedIn, SignedOut
from memberpulse.domains.accounts.models import Session, SessionUse, StepUpGrant, User
from memberpulse.domains.accounts.rules import FORMER_LIFE, SESSION_LIFE, fold, normalize_email
from memberpulse.engine import INTERNAL, SIGNED_IN, MutationCtx, mutation, uuid7


@mutation(requires=INTERNAL)
def create_user(
    ctx: MutationCtx,
    *,
    email: str,
    name: str,
    password_hash: str | None = None,
    time_zone: str = "Europe/London",
    locale: str = "en-GB",
    created_at: datetime | None = None,
    user_id: uuid.UUID | None = None,
    verified: bool = True,
) -> uuid.UUID:
    """Add a person. Raises EmailTaken (409).

    password_hash: None for a person who cannot sign in with a password.
    created_at, user_id: given by imports; else now and a new one.
    verified: False when nobody has shown yet that the address is theirs; see `prove_address`.
    """
    address = normalize_email(email)
    if ctx.db.scalars(select(User).where(col(User.email) == address)).first() is not None:
        raise EmailTaken(fields={"email": EmailTaken.message})
    user = User(
        id=user_id or uuid7(),
        email=address,
        name=name.strip(),
        name_key=fold(name),
        password_hash=password_hash,
        time_zone=time_zone,
        locale=locale,
        created_at=created_at or ctx.now,
        verified_at=(created_at or ctx.now) if verified else None,
    )
    ctx.db.add(user)
    ctx.db.flush()
    return user.id


@mutation(requires=INTERNAL)
def prove_address(ctx: MutationCtx, *, user_id: uuid.UUID, user_agent: str = "", ip: str = "") -> None:
    """The person has shown that the account's address is theirs: by a mailed link, or by a provider that vouches.

    Call it before they are signed in that way. A password that was set before the address was proven may be a
    stranger's, who waits for its owner to come: it is forgotten.
    """
    user = ctx.db.get_one(User, user_id)
    if user.verified_at is None:
        user.verified_at, user.password_hash = ctx.now, None
        ctx.db.flush()
        ctx.record(EmailVerified(entity_id=user.id, user_id=user.id, user_agent=user_agent, ip=ip))


@mutation(requires=INTERNAL)
def start_session(
    ctx: MutationCtx,
    *,
    user_id: uuid.UUID,
    token_hash: str,
    user_agent: str = "",
    ip: str = "",
    better_hash: str | None = None,
) -> uuid.UUID:
    """Sign a person in for 30 days. Whoever listens to SignedIn chooses the active organization.

    better_hash: the password under the current hashing parameters, when they have moved on.
    """
    session = Session(
        token_hash=token_hash,
        user_id=user_id,
        created_at=ctx.now,
        expires_at=ctx.now + SESSION_LIFE,
        user_agent=user_agent[:300],
        ip=ip[:45],
    )
    ctx.db.add(session)
    ctx.db.flush()
    ctx.db.add(SessionUse(session_id=session.id, user_id=user_id, last_seen_at=ctx.now))
    if better_hash is not None:
        ctx.db.execute(update(User).where(col(User.id) == user_id).values(password_hash=better_hash))
    ctx.record(SignedIn(entity_id=session.id, user_id=user_id))
    return session.id


@mutation(requires=INTERNAL)
def end_session(ctx: MutationCtx, *, token_hash: str) -> None:
    """Sign out. Every open tab of the session ends; doing it twice is harmless."""
    session = ctx.db.scalars(select(Session).where(col(Session.token_hash) == token_hash)).one_or_none()
    if session is not None:
        _revoke(ctx, session)


@mutation(requires=INTERNAL)
def end_sessions_of(ctx: MutationCtx, *, user_id: uuid.UUID, keep: uuid.UUID | None = None) -> int:
    """Sign a person out on all devices, or on all but one, and say how many those were."""
    statement = select(Session).where(
        col(Session.user_id) == user_id, col(Session.revoked_at).is_(None), col(Session.expires_at) > ctx.now
    )
    ended = [session for session in ctx.db.scalars(statement) if session.id != keep]
    for session in ended:
        _revoke(ctx, session)
    return len(ended)


@mutation(requires=INTERNAL)
def renew_session(ctx: MutationCtx, *, token_hash: str, new_hash: str) -> bool:
    """Give a session another token; the one before is worth nothing. False: there is no such session."""
    session = ctx.db.scalars(select(Session).where(col(Session.token_hash) == token_hash)).one_or_none()
    if session is None or session.revoked_at is not None or session.expires_at <= ctx.now:
        return False
    session.token_hash, session.former_hash, session.renewal_due = new_hash, None, False
    ctx.db.flush()
    return True


@mutation(requires=INTERNAL)
def demand_renewal(ctx: MutationCtx, *, user_id: uuid.UUID) -> None:
    """Let every session of a person get another token with the next page it opens: their rights have changed.

    Row by row, since a bulk statement says of every session that it may have changed.
    """
    open_now = select(Session).where(col(Session.user_id) == user_id, col(Session.revoked_at).is_(None))
    for session in ctx.db.scalars(open_now):
        session.renewal_due = True
    ctx.db.flush()


@mutation(requires=INTERNAL)
def renew_when_due(ctx: MutationCtx, *, token_hash: str, new_hash: str) -> bool:
    """Give a session whose renewal is due another token; of several requests at once, to one. The one before is good
    for another minute."""
    session = ctx.db.scalars(select(Session).where(col(Session.token_hash) == token_hash)).one_or_none()
    if session is None or not session.renewal_due or session.revoked_at is not None:
        return False
    session.token_hash, session.former_hash = new_hash, token_hash
    session.former_until, session.renewal_due = ctx.now + FORMER_LIFE, False
    ctx.db.flush()
    return True


@mutation(requires=SIGNED_IN)
def revoke_session(ctx: MutationCtx, *, session_id: uuid.UUID) -> None:
    """Sign one of the caller's own devices out. Raises SessionNotFound (404)."""
    session = ctx.db.get(Session, session_id)
    if session is None or session.user_id != ctx.user_id or session.revoked_at is not None:
        raise SessionNotFound
    _revoke(ctx, session)


@mutation(requires=SIGNED_IN)
def revoke_other_sessions(ctx: MutationCtx) -> int:
    """Sign all of the caller's devices out but the one that asks, and say how many those were."""
    return end_sessions_of(ctx, user_id=ctx.user_id, keep=ctx.caller.session_id)


@mutation(requires=INTERNAL)
def set_active_organization(ctx: MutationCtx, *, session_id: uuid.UUID, organization_id: uuid.UUID | None) -> None:
    """Let a session act in an organization. The caller has made sure that the person belongs to it."""
    session = ctx.db.get(Session, session_id)
    if session is None:
        raise SessionNotFound
    session.organization_id = organization_id
    ctx.db.flush()


@mutation(requires=INTERNAL)
def note_sessions_seen(ctx: MutationCtx, *, session_ids: list[uuid.UUID]) -> None:
    """Remember that these sessions are in use, for the list of devices."""
    for start in range(0, len(session_ids), 50):
        some = session_ids[start : start + 50]
        ctx.db.execute(
            update(SessionUse)
            .where(col(SessionUse.session_id).in_(some))
            .values(last_seen_at=ctx.now)
            .execution_options(synchronize_session=False)
        )


def _revoke(ctx: MutationCtx, session: Session) -> None:
    if session.revoked_at is None:
        session.revoked_at = ctx.now
        ctx.db.execute(
            delete(StepUpGrant)
            .where(col(StepUpGrant.session_id) == session.id)
            .execution_options(synchronize_session=False)
        )
        ctx.db.flush()
        ctx.record(SignedOut(entity_id=session.id, user_id=session.user_id))
