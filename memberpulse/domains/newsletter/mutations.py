"""Writes of the newsletter."""

from urllib.parse import quote

from email_validator import EmailNotValidError, validate_email

from memberpulse.domains.accounts.errors import LinkUsedUp
from memberpulse.domains.accounts.rules import normalize_email
from memberpulse.domains.accounts.tokens import issue_token, revoke_tokens, spend_token
from memberpulse.domains.mail.letters import Letter
from memberpulse.domains.mail.mutations import send_letter
from memberpulse.domains.newsletter.errors import NoSuchAddress
from memberpulse.domains.newsletter.letters import already_letter, confirm_letter, welcome_letter
from memberpulse.domains.newsletter.models import Stage, Subscriber
from memberpulse.domains.newsletter.rules import CONFIRM_WITHIN, may_write
from memberpulse.domains.newsletter.subscribers import KIND, find_subscriber, id_in, unsubscribe_url
from memberpulse.engine import PUBLIC, MutationCtx, mutation
from memberpulse.sites import link


@mutation(requires=PUBLIC, limit="10/hour")
def subscribe(ctx: MutationCtx, *, email: str) -> None:
    """Send a letter that asks for confirmation. The answer is the same whatever is known of the address.

    Raises NoSuchAddress (422) for what cannot be an address. An address that was just written to is not again.
    """
    address = _checked(email)
    subscriber = find_subscriber(ctx, address)
    if subscriber is None:
        subscriber = Subscriber(email=address, asked_at=ctx.now, changed_at=ctx.now)
        ctx.db.add(subscriber)
        ctx.db.flush()
    if may_write(subscriber.letters, subscriber.asked_at, ctx.now):
        send_letter(ctx, to=address, letter=_answer(ctx, subscriber))
        subscriber.letters, subscriber.asked_at = subscriber.letters + 1, ctx.now
        ctx.db.flush()


@mutation(requires=PUBLIC, limit="60/hour")
def confirm_subscription(ctx: MutationCtx, *, token: str) -> None:
    """Put the address of a confirmation letter on the list. Raises LinkUsedUp (410)."""
    spent = spend_token(ctx, kind=KIND, raw=token)
    subscriber = ctx.db.get(Subscriber, spent.subject_id)
    if subscriber is None:
        raise LinkUsedUp
    subscriber.letters = 0
    _move(ctx, subscriber, Stage.SUBSCRIBED)
    send_letter(ctx, to=subscriber.email, letter=welcome_letter(unsubscribe_url(subscriber)))


@mutation(requires=PUBLIC, limit="120/hour")
def unsubscribe(ctx: MutationCtx, *, who: str) -> None:
    """Take an address off the list; twice is as good as once. Raises UnknownSubscriber (404) for a broken link."""
    subscriber = ctx.db.get(Subscriber, id_in(who))
    if subscriber is not None:
        revoke_tokens(ctx, kind=KIND, subject_id=subscriber.id)
        _move(ctx, subscriber, Stage.UNSUBSCRIBED)


def forget_address(ctx: MutationCtx, email: str) -> None:
    """Delete all that the newsletter knows of an address, for somebody who wants to be forgotten."""
    subscriber = find_subscriber(ctx, normalize_email(email))
    if subscriber is not None:
        revoke_tokens(ctx, kind=KIND, subject_id=subscriber.id)
        ctx.db.delete(subscriber)
        ctx.db.flush()


def _checked(email: str) -> str:
    try:
        return normalize_email(validate_email(email.strip(), check_deliverability=False).normalized)
    except EmailNotValidError:
        raise NoSuchAddress(fields={"email": NoSuchAddress.message}) from None


def _answer(ctx: MutationCtx, subscriber: Subscriber) -> Letter:
    if subscriber.stage == Stage.SUBSCRIBED:
        return already_letter(unsubscribe_url(subscriber))
    _move(ctx, subscriber, Stage.ASKED)
    token = issue_token(ctx, kind=KIND, life=CONFIRM_WITHIN, email=subscriber.email, subject_id=subscriber.id)
    return confirm_letter(link(f"/confirm-newsletter?token={quote(token)}"))


def _move(ctx: MutationCtx, subscriber: Subscriber, stage: Stage) -> None:
    if subscriber.stage != stage:
        subscriber.stage, subscriber.changed_at = stage, ctx.now
    ctx.db.flush()
