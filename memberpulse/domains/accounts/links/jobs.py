"""Decides who gets which letter. The doors only promise it, so that they take as long with an account as without."""

from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.accounts.links import letters
from memberpulse.domains.accounts.links.models import SignUp
from memberpulse.domains.accounts.links.queries import find_latest_sign_up, find_user
from memberpulse.domains.accounts.links.rules import SIGN_UP_LIFE
from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.tokens import issue_token
from memberpulse.domains.mail.letters import Letter
from memberpulse.domains.mail.mutations import send_letter
from memberpulse.engine import MutationCtx, job

BATCH = 500


@job()
def mail_sign_up(ctx: MutationCtx, *, email: str) -> None:
    """Answer the latest sign-up with an address: a link to confirm it, or that it has an account already."""
    user, sign_up = find_user(ctx, email), find_latest_sign_up(ctx, email)
    if user is not None and user.verified_at is not None:
        _forget_sign_ups(ctx, email)
        send_letter(ctx, to=email, letter=letters.already_have_account())
    elif sign_up is not None:
        token = issue_token(ctx, kind="verify_email", email=email, subject_id=sign_up.id)
        send_letter(ctx, to=email, letter=letters.verification(sign_up.name, token))


@job()
def mail_reset(ctx: MutationCtx, *, email: str, target: str) -> None:
    """Mail a link to choose a new password, if there is an account."""
    if user := _open_account(ctx, email):
        token = issue_token(ctx, kind="reset_password", user_id=user.id, email=user.email, values={"target": target})
        _send(ctx, user, letters.reset(token))


@job()
def mail_magic_link(ctx: MutationCtx, *, email: str, target: str) -> None:
    """Mail a link to sign in, if there is an account."""
    if user := _open_account(ctx, email):
        token = issue_token(ctx, kind="magic_link", user_id=user.id, email=user.email, values={"target": target})
        _send(ctx, user, letters.magic_link(token))


@job()
def prune_sign_ups(ctx: MutationCtx) -> None:
    """Forget sign-ups whose address nobody confirmed; in batches while a backlog remains."""
    over = select(col(SignUp.id)).where(col(SignUp.created_at) < ctx.now - SIGN_UP_LIFE).limit(BATCH)
    ids = list(ctx.db.scalars(over))
    if ids:
        ctx.db.execute(delete(SignUp).where(col(SignUp.id).in_(ids)).execution_options(synchronize_session=False))
    if len(ids) == BATCH:
        ctx.schedule(prune_sign_ups)


def _open_account(ctx: MutationCtx, email: str) -> User | None:
    user = find_user(ctx, email)
    return user if user is not None and user.deactivated_at is None else None


def _send(ctx: MutationCtx, user: User, letter: Letter) -> None:
    send_letter(ctx, to=user.email, letter=letter, about_type="account", about_id=user.id)


def _forget_sign_ups(ctx: MutationCtx, email: str) -> None:
    ctx.db.execute(delete(SignUp).where(col(SignUp.email) == email).execution_options(synchronize_session=False))
