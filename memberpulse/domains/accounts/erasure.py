"""The end of an account: asked for, kept back for fourteen days, and then erased.

Erasing makes the person nobody: what only they need is forgotten, what belongs to an organization stays and shows
"Deleted person". The row of the account stays too, without a word about them, so that nothing that points to it breaks.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.accounts.errors import DeletionBlocked, NotConfirmed
from memberpulse.domains.accounts.facts import AccountErased, DeletionCancelled, DeletionRequested
from memberpulse.domains.accounts.models import OneTimeToken, Session, User
from memberpulse.domains.accounts.mutations import end_session
from memberpulse.domains.accounts.personal import FORGET, Consequence, all_held, consequences_of
from memberpulse.domains.accounts.rules import fold, normalize_email
from memberpulse.domains.accounts.step_up import require_proof
from memberpulse.domains.mail.letters import Letter, sample
from memberpulse.domains.mail.mutations import send_letter
from memberpulse.engine import SIGNED_IN, MutationCtx, QueryCtx, job, mutation, query
from memberpulse.sites import link

GRACE_DAYS = 14
GRACE = timedelta(days=GRACE_DAYS)
DELETED_PERSON = "Deleted person"
NOWHERE = "erased.invalid"
"""A domain that can have no mailbox. Source: RFC 2606."""
ERASED_AT_ONCE = 20
AGAIN_AFTER = timedelta(days=1)
"""When an erasure that is blocked is tried again."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """What the deletion of the caller's account would bring, and when it is due if it was asked for.

    word: what to type to confirm it.
    """

    erase_at: datetime | None
    word: str
    blocked: bool
    consequences: list[Consequence]


@query(requires=SIGNED_IN)
def get_deletion(ctx: QueryCtx) -> Deletion:
    """What the deletion of the caller's account would bring with it, as things are now."""
    user = ctx.db.get_one(User, ctx.user_id)
    found = consequences_of(ctx, user)
    return Deletion(user.erase_at, user.email, any(each.blocks for each in found), found)


@mutation(requires=SIGNED_IN, limit="20/hour")
def request_deletion(ctx: MutationCtx, *, confirmation: str) -> datetime:
    """Ask for the end of the caller's account: all devices are signed out now, and in 14 days it is erased.

    confirmation: the account's e-mail address, typed. Signing in before then offers to keep it.
    Raises NotConfirmed (422), DeletionBlocked (409), StepUpRequired (403).
    """
    user = ctx.db.get_one(User, ctx.user_id)
    if normalize_email(confirmation) != user.email:
        raise NotConfirmed(fields={"confirmation": NotConfirmed.message})
    blocks = [each.text for each in consequences_of(ctx, user) if each.blocks]
    if blocks:
        raise DeletionBlocked(" ".join(blocks))
    require_proof(ctx, "account.delete")
    user.erase_at = ctx.now + GRACE
    ctx.db.flush()
    ctx.record(DeletionRequested(entity_id=user.id, user_id=user.id))
    send_letter(ctx, to=user.email, letter=farewell())
    _sign_out_everywhere(ctx, user.id)
    return user.erase_at


@mutation(requires=SIGNED_IN)
def keep_account(ctx: MutationCtx) -> None:
    """Take the deletion of the caller's account back. Harmless when there is none."""
    user = ctx.db.get_one(User, ctx.user_id)
    if user.erase_at is not None:
        user.erase_at = None
        ctx.db.flush()
        ctx.record(DeletionCancelled(entity_id=user.id, user_id=user.id))


@job()
def erase_due_accounts(ctx: MutationCtx) -> None:
    """Promise the erasure of every account that is due, in batches while a backlog remains."""
    due = (
        select(User)
        .where(col(User.erase_at) <= ctx.now, col(User.erased_at).is_(None))
        .order_by(col(User.erase_at))
        .limit(ERASED_AT_ONCE)
    )
    users = list(ctx.db.scalars(due))
    for user in users:
        if any(each.blocks for each in consequences_of(ctx, user)):
            user.erase_at = ctx.now + AGAIN_AFTER  # they became an organization's last owner meanwhile
        else:
            ctx.schedule(erase_account, user_id=user.id, key=f"erase:{user.id}:{ctx.now:%Y-%m-%d}")  # again tomorrow
            user.erase_at = ctx.now  # behind those who wait longer, so that one that fails keeps nobody waiting
    ctx.db.flush()


@job()
def erase_account(ctx: MutationCtx, *, user_id: uuid.UUID) -> None:
    """Erase a person whose time has come, everywhere, in one transaction. Twice is harmless."""
    user = ctx.db.get(User, user_id)
    if user is None or user.erased_at is not None or user.erase_at is None or user.erase_at > ctx.now:
        return
    if any(each.blocks for each in consequences_of(ctx, user)):
        user.erase_at = ctx.now + AGAIN_AFTER  # another owner was erased since this was promised
        return
    _sign_out_everywhere(ctx, user.id)
    ctx.record(AccountErased(entity_id=user.id, user_id=user.id, email_hash=_fingerprint(user.email)))
    _forget_rows(ctx, user)
    _make_nobody(ctx, user)


@sample
def farewell() -> Letter:
    """What somebody gets who has asked for the end of their account."""
    return Letter(
        kind="deletion_requested",
        subject=f"Your account is deleted in {GRACE_DAYS} days",
        heading=f"Your account is deleted in {GRACE_DAYS} days",
        paragraphs=(
            "You asked for it, and all your devices are signed out.",
            f"Changed your mind? Sign in within {GRACE_DAYS} days and choose to keep your account. "
            "Nothing is lost until then.",
        ),
        button=("Sign in and keep my account", link("/sign-in?next=/settings/data")),
        footnote="Was it not you? Then sign in, keep your account, and change your password.",
    )


def _forget_rows(ctx: MutationCtx, user: User) -> None:
    with ctx.across_organizations():
        for held in all_held().values():
            if held.at_erasure == FORGET:
                ctx.db.execute(delete(held.model).where(held.match(user)).execution_options(synchronize_session=False))
    by_address = delete(OneTimeToken).where(col(OneTimeToken.email) == user.email)
    ctx.db.execute(by_address.execution_options(synchronize_session=False))


def _make_nobody(ctx: MutationCtx, user: User) -> None:
    fresh = User(id=user.id, email=f"{user.id}@{NOWHERE}", name=DELETED_PERSON, name_key=fold(DELETED_PERSON))
    for name in User.model_fields:
        if name not in ("id", "created_at"):
            setattr(user, name, getattr(fresh, name))
    user.deactivated_at = user.erased_at = ctx.now
    ctx.db.flush()


def _sign_out_everywhere(ctx: MutationCtx, user_id: uuid.UUID) -> None:
    open_now = select(col(Session.token_hash)).where(col(Session.user_id) == user_id, col(Session.revoked_at).is_(None))
    for reference in list(ctx.db.scalars(open_now)):
        end_session(ctx, token_hash=reference)


def _fingerprint(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()
