"""Writes about sign-ups and links. A link is used up by the same transaction that does what it stands for."""

import uuid

from sqlalchemy import delete
from sqlmodel import col

from memberpulse.domains.accounts.errors import LinkUsedUp
from memberpulse.domains.accounts.facts import EmailChanged, EmailVerified, PasswordChanged, PasswordReset, SignedUp
from memberpulse.domains.accounts.links import jobs, letters
from memberpulse.domains.accounts.links.errors import BadAddress, PasswordNeeded
from memberpulse.domains.accounts.links.models import SignUp
from memberpulse.domains.accounts.links.queries import find_owner, find_sign_up, find_user
from memberpulse.domains.accounts.links.rules import Kind, address_of
from memberpulse.domains.accounts.links.schemas import LinkOpened
from memberpulse.domains.accounts.models import OneTimeToken, User
from memberpulse.domains.accounts.mutations import create_user, end_sessions_of, prove_address
from memberpulse.domains.accounts.proofs.rules import mask_email
from memberpulse.domains.accounts.proofs.second_step import end_waiting_sign_ins
from memberpulse.domains.accounts.step_up import require_proof
from memberpulse.domains.accounts.tokens import issue_token, spend_token
from memberpulse.domains.mail.mutations import send_letter
from memberpulse.engine import INTERNAL, SIGNED_IN, MutationCtx, mutation

OPENS_ACCOUNT: tuple[Kind, ...] = ("reset_password", "magic_link", "change_email")


@mutation(requires=INTERNAL)
def begin_sign_up(
    ctx: MutationCtx, *, email: str, name: str, password_hash: str, device: str, target: str = ""
) -> uuid.UUID:
    """Keep what somebody signed up with, and promise a letter. It does the same when there is an account already.

    device: the reference of the browser.
    """
    row = SignUp(email=email, name=name, password_hash=password_hash, device=device, target=target, created_at=ctx.now)
    ctx.db.add(row)
    ctx.db.flush()
    ctx.schedule(jobs.mail_sign_up, email=email)
    return row.id


@mutation(requires=INTERNAL)
def resend_sign_up(ctx: MutationCtx, *, email: str) -> None:
    """Promise another letter about a sign-up."""
    ctx.schedule(jobs.mail_sign_up, email=email)


@mutation(requires=INTERNAL)
def ask_for_reset(ctx: MutationCtx, *, email: str, target: str = "") -> None:
    """Promise a link to choose a new password, if there is an account."""
    ctx.schedule(jobs.mail_reset, email=email, target=target)


@mutation(requires=INTERNAL)
def ask_for_magic_link(ctx: MutationCtx, *, email: str, target: str = "") -> None:
    """Promise a link to sign in, if there is an account."""
    ctx.schedule(jobs.mail_magic_link, email=email, target=target)


@mutation(requires=INTERNAL)
def finish_sign_up(
    ctx: MutationCtx,
    *,
    token: str,
    device: str,
    password_hash: str | None = None,
    user_agent: str = "",
    ip: str = "",
) -> LinkOpened:
    """Make the account of a sign-up whose address is proven by its link.

    device: the browser that holds the link. In another one than that of the sign-up, the password chosen there counts
    for nothing, since the two may be different people, and password_hash is needed.
    Raises PasswordNeeded (409), which uses nothing up, and LinkUsedUp (410).
    """
    spent = spend_token(ctx, kind="verify_email", raw=token)
    sign_up = find_sign_up(ctx, spent)
    if sign_up is None:
        raise LinkUsedUp
    if password_hash is None and sign_up.device != device:
        raise PasswordNeeded
    target, chosen = sign_up.target, password_hash or sign_up.password_hash
    user_id = _open_account(ctx, sign_up, chosen)
    _forget_sign_ups(ctx, spent.email)
    seen = {"user_agent": user_agent, "ip": ip}
    ctx.record(SignedUp(entity_id=user_id, user_id=user_id, **seen))
    ctx.record(EmailVerified(entity_id=user_id, user_id=user_id, **seen))
    return LinkOpened(user_id, target)


@mutation(requires=INTERNAL)
def reset_password(
    ctx: MutationCtx, *, token: str, password_hash: str, user_agent: str = "", ip: str = ""
) -> LinkOpened:
    """Set a new password by a mailed link. All devices are signed out, and all other links are worth nothing.

    Raises LinkUsedUp (410).
    """
    user, target = _spend(ctx, "reset_password", token)
    prove_address(ctx, user_id=user.id, user_agent=user_agent, ip=ip)
    user.password_hash = password_hash
    ctx.db.flush()
    _forget_links(ctx, user.id)
    end_sessions_of(ctx, user_id=user.id)
    ctx.record(PasswordReset(entity_id=user.id, user_id=user.id, user_agent=user_agent, ip=ip))
    send_letter(ctx, to=user.email, letter=letters.password_changed(), about_type="account", about_id=user.id)
    return LinkOpened(user.id, target)


@mutation(requires=INTERNAL)
def open_magic_link(ctx: MutationCtx, *, token: str, user_agent: str = "", ip: str = "") -> LinkOpened:
    """Say whom a link signs in. Raises LinkUsedUp (410)."""
    user, target = _spend(ctx, "magic_link", token)
    prove_address(ctx, user_id=user.id, user_agent=user_agent, ip=ip)
    return LinkOpened(user.id, target)


@mutation(requires=SIGNED_IN, limit="5/hour")
def change_email(ctx: MutationCtx, *, email: str) -> None:
    """Mail a link to a new address of the caller's; with it they sign in by that address.

    The answer does not tell whether the address has an account. Raises BadAddress (422), StepUpRequired (403).
    """
    require_proof(ctx, "account.email")
    address = address_of(email)
    if address is None:
        raise BadAddress(fields={"email": BadAddress.message})
    user = ctx.db.get_one(User, ctx.user_id)
    if address == user.email:
        raise BadAddress(fields={"email": "This is your address already."})
    other = find_user(ctx, address)
    if other is not None:
        send_letter(ctx, to=address, letter=letters.address_in_use())
        return
    values = {"from": user.email}
    token = issue_token(ctx, kind="change_email", user_id=user.id, email=address, values=values)
    send_letter(ctx, to=address, letter=letters.confirm_new_address(token))


@mutation(requires=INTERNAL)
def confirm_email(ctx: MutationCtx, *, token: str, user_agent: str = "", ip: str = "") -> None:
    """Let a person be reached by the address that their link was mailed to, and tell the old one.

    Raises LinkUsedUp (410), also when somebody else has the address by now.
    """
    spent = spend_token(ctx, kind="change_email", raw=token)
    user = find_owner(ctx, spent)
    if user is None or find_user(ctx, spent.email) is not None:
        raise LinkUsedUp
    before, user.email, user.verified_at = user.email, spent.email, ctx.now
    ctx.db.flush()
    _forget_links(ctx, user.id)
    seen = {"user_agent": user_agent, "ip": ip}
    ctx.record(
        EmailChanged(
            entity_id=user.id, user_id=user.id, before=mask_email(before), after=mask_email(user.email), **seen
        )
    )
    send_letter(ctx, to=before, letter=letters.email_changed(mask_email(user.email)))


@mutation(requires=INTERNAL)
def set_password(ctx: MutationCtx, *, user_id: uuid.UUID, password_hash: str) -> None:
    """Set the caller's own password. Every other device is signed out. Raises StepUpRequired (403)."""
    require_proof(ctx, "account.password")
    user = ctx.db.get_one(User, user_id)
    user.password_hash = password_hash
    ctx.db.flush()
    _forget_links(ctx, user.id)
    end_sessions_of(ctx, user_id=user.id, keep=ctx.caller.session_id)
    ctx.record(PasswordChanged(entity_id=user.id, user_id=user.id))
    send_letter(ctx, to=user.email, letter=letters.password_changed(), about_type="account", about_id=user.id)


def _spend(ctx: MutationCtx, kind: Kind, raw: str) -> tuple[User, str]:
    token = spend_token(ctx, kind=kind, raw=raw)
    user = find_owner(ctx, token)
    if user is None:
        raise LinkUsedUp
    return user, str(token.details.get("target", ""))


def _open_account(ctx: MutationCtx, sign_up: SignUp, password_hash: str) -> uuid.UUID:
    """A new account, or one that somebody else entered for the person and that nobody has ever signed in to."""
    user = find_user(ctx, sign_up.email)
    if user is None:
        return create_user(ctx, email=sign_up.email, name=sign_up.name, password_hash=password_hash)
    user.verified_at, user.password_hash = ctx.now, password_hash
    ctx.db.flush()
    return user.id


def _forget_sign_ups(ctx: MutationCtx, email: str) -> None:
    ctx.db.execute(delete(SignUp).where(col(SignUp.email) == email).execution_options(synchronize_session=False))


def _forget_links(ctx: MutationCtx, user_id: uuid.UUID) -> None:
    """Make all links that open the account worth nothing, and sign-ins that wait for their second step."""
    end_waiting_sign_ins(ctx, user_id=user_id)
    unspent = delete(OneTimeToken).where(
        col(OneTimeToken.user_id) == user_id,
        col(OneTimeToken.kind).in_(OPENS_ACCOUNT),
        col(OneTimeToken.used_at).is_(None),
    )
    ctx.db.execute(unspent.execution_options(synchronize_session=False))
