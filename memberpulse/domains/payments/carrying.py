"""Carrying refunds out: a row first, then Stripe under the row's key, then what came of it.

If the process dies in between, the job runs again under the same key and Stripe answers as before: the money goes back
once, and it is noted.
"""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.payments.describing import about
from memberpulse.domains.payments.errors import ProviderRefused, ProviderUnreachable, UnknownToProvider
from memberpulse.domains.payments.facts import PaymentRefunded, RefundFailed, RefundRequested
from memberpulse.domains.payments.ledger import enter
from memberpulse.domains.payments.models import (
    LedgerKind,
    PayeeAccount,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from memberpulse.domains.payments.provider import RefundReading, Stripe
from memberpulse.domains.payments.rules import check_refund, refundable, status_after_refund
from memberpulse.domains.payments.schemas import ToRefund
from memberpulse.domains.payments.steps import reached
from memberpulse.domains.payments.telling import tell_refund_failed, tell_refunded
from memberpulse.engine import INTERNAL, ActionCtx, MutationCtx, QueryCtx, job, mutation, query

RUNS = 12
REFUSALS_OF_OWED = 10
"""How often a refund that must happen is tried again when Stripe says no, such as for an empty balance."""
TRIED_AGAIN_AFTER = timedelta(hours=6)


def start_refund(
    ctx: MutationCtx,
    payment: Payment,
    *,
    amount: int | None = None,
    reason: str = "",
    automatic: bool = False,
    owed: bool = False,
    asked_by: uuid.UUID | None = None,
) -> Refund:
    """Promise a refund within the caller's transaction. amount: None for all that is left. owed: until it is through.

    Raises NothingToRefund, RefundTooLarge (409).
    """
    left = left_of(ctx, payment)
    wanted = left if amount is None else amount
    check_refund(payment.status, wanted=wanted, left=left, currency=payment.currency)
    refund = Refund(
        organization_id=payment.organization_id,
        payment_id=payment.id,
        amount=wanted,
        currency=payment.currency,
        reason=" ".join(reason.split())[:200],
        automatic=automatic,
        owed=owed,
        asked_by=asked_by,
        created_at=ctx.now,
    )
    ctx.db.add(refund)
    payment.settled_at = None
    ctx.db.flush()
    ctx.schedule(carry_out_refund, refund_id=refund.id)
    ctx.record(RefundRequested(**about(payment), refund=wanted, automatic=automatic, by=asked_by))
    return refund


def refunds_of(ctx: QueryCtx, payment_id: uuid.UUID) -> Sequence[Refund]:
    """The oldest first."""
    mine = select(Refund).where(col(Refund.payment_id) == payment_id)
    return ctx.db.scalars(mine.order_by(col(Refund.created_at), col(Refund.id))).all()


def left_of(ctx: QueryCtx, payment: Payment) -> int:
    """What is neither back nor on its way back, in minor units."""
    return refundable(payment.amount, [(each.status, each.amount) for each in refunds_of(ctx, payment.id)])


@job(max_attempts=RUNS)
async def carry_out_refund(ctx: ActionCtx, *, refund_id: uuid.UUID) -> None:
    """Have Stripe send the money back, and note what came of it. Safe to repeat at any point."""
    wanted: ToRefund | None = await ctx.query(find_refund, refund_id=refund_id)
    if wanted is None:
        return
    reached("refund.before_post")
    try:
        found = await Stripe().refund(
            key=wanted.key,
            account=wanted.account,
            intent_id=wanted.intent_id,
            amount=wanted.amount,
            our_id=str(refund_id),
        )
    except (ProviderRefused, UnknownToProvider) as refusal:
        await ctx.mutate(note_refusal, refund_id=refund_id, reason=refusal.message, of_key=wanted.key)
        return
    except ProviderUnreachable:
        if ctx.attempt < RUNS:
            raise  # the same job again, later
        await ctx.mutate(try_refund_later, refund_id=refund_id)
        return
    reached("refund.posted")
    await ctx.mutate(note_refund, refund_id=refund_id, found=found)
    reached("refund.noted")


@query(requires=INTERNAL)
def find_refund(ctx: QueryCtx, *, refund_id: uuid.UUID) -> ToRefund | None:
    """A refund that has still to be handed to Stripe; None when it was, or is gone."""
    refund = ctx.db.get(Refund, refund_id)
    if refund is None or refund.status is not RefundStatus.REQUESTED:
        return None
    payment = ctx.db.get_one(Payment, refund.payment_id)
    account = ctx.db.get_one(PayeeAccount, payment.account_id)
    if account.provider_id is None or payment.intent_id is None:
        return None
    return ToRefund(refund.id, _key(refund), account.provider_id, payment.intent_id, refund.amount)


def _key(refund: Refund) -> str:
    """Stripe repeats its answer to a key, a refusal too: after one the next attempt needs another."""
    return f"memberpulse-refund-{refund.id}-{refund.refusals}"


@mutation(requires=INTERNAL)
def note_refund(ctx: MutationCtx, *, refund_id: uuid.UUID, found: RefundReading) -> None:
    """Stripe has the refund. Money that has moved is entered in the ledger, once."""
    refund = ctx.db.get_one(Refund, refund_id, with_for_update=True)
    payment = ctx.db.get_one(Payment, refund.payment_id, with_for_update=True)
    move_refund(ctx, payment, refund, found)


@mutation(requires=INTERNAL)
def note_refusal(ctx: MutationCtx, *, refund_id: uuid.UUID, reason: str, of_key: str) -> None:
    """Stripe said no. What somebody asked for has failed; what is owed is tried again later.

    of_key: the key that was refused, so that a refusal told twice counts once.
    """
    refund = ctx.db.get_one(Refund, refund_id, with_for_update=True)
    if refund.status is not RefundStatus.REQUESTED or _key(refund) != of_key:
        return
    payment = ctx.db.get_one(Payment, refund.payment_id, with_for_update=True)
    refund.refusals, refund.failure = refund.refusals + 1, reason[:300]
    if refund.owed and refund.refusals < REFUSALS_OF_OWED:
        ctx.db.flush()
        ctx.schedule(carry_out_refund, after=TRIED_AGAIN_AFTER, refund_id=refund.id)
        return
    _fail(ctx, payment, refund)


@mutation(requires=INTERNAL)
def try_refund_later(ctx: MutationCtx, *, refund_id: uuid.UUID) -> None:
    """Stripe did not answer for long; the refund stays promised."""
    ctx.schedule(carry_out_refund, after=TRIED_AGAIN_AFTER, refund_id=refund_id)


def take_refund(ctx: MutationCtx, payment: Payment, found: RefundReading) -> None:
    """Note a refund as Stripe has it: one of ours, or one that was made in Stripe's dashboard."""
    refund = _known(ctx, payment, found)
    if refund is None:
        refund = Refund(
            organization_id=payment.organization_id,
            payment_id=payment.id,
            amount=found.amount,
            currency=payment.currency,
            reason="Made in Stripe’s dashboard",
            created_at=ctx.now,
        )
        ctx.db.add(refund)
        ctx.db.flush()
    move_refund(ctx, payment, refund, found)


def _known(ctx: MutationCtx, payment: Payment, found: RefundReading) -> Refund | None:
    """By Stripe's id, else by ours, which Stripe hands back: we may have died before we noted theirs."""
    mine = refunds_of(ctx, payment.id)
    by_theirs = next((each for each in mine if each.provider_id == found.provider_id), None)
    ours = (each for each in mine if each.provider_id is None and str(each.id) == found.our_id)
    return by_theirs or next(ours, None)


def move_refund(ctx: MutationCtx, payment: Payment, refund: Refund, found: RefundReading) -> None:
    """Bring a refund to where Stripe has it. What is done is not undone, but for a refund that did not arrive."""
    only_refused = refund.status is RefundStatus.FAILED and refund.provider_id is None
    may_succeed = refund.status in (RefundStatus.REQUESTED, RefundStatus.PENDING) or only_refused
    refund.provider_id = found.provider_id
    if found.status == "succeeded" and may_succeed:
        _succeed(ctx, payment, refund)
    elif found.status == "failed" and refund.status is not RefundStatus.FAILED:
        refund.failure = found.failure or "The bank sent it back."
        _fail(ctx, payment, refund)
    elif found.status == "pending" and refund.status is RefundStatus.REQUESTED:
        refund.status = RefundStatus.PENDING
    ctx.db.flush()


def _succeed(ctx: MutationCtx, payment: Payment, refund: Refund) -> None:
    assert refund.provider_id is not None
    refund.status, refund.done_at, refund.failure = RefundStatus.SUCCEEDED, ctx.now, ""
    enter(ctx, payment, LedgerKind.REFUND, amount=refund.amount, provider_id=refund.provider_id)
    payment.refunded += refund.amount
    payment.status = status_after_refund(payment.status, amount=payment.amount, refunded=payment.refunded)
    ctx.db.flush()
    fact = PaymentRefunded(
        **about(payment),
        refunded=refund.amount,
        total_refunded=payment.refunded,
        in_full=payment.status is PaymentStatus.REFUNDED,
        automatic=refund.automatic,
        by=refund.asked_by,
    )
    ctx.record(fact)
    tell_refunded(ctx, payment, refund)


def _fail(ctx: MutationCtx, payment: Payment, refund: Refund) -> None:
    if refund.status is RefundStatus.SUCCEEDED and refund.provider_id:
        enter(ctx, payment, LedgerKind.REFUND_RETURNED, amount=refund.amount, provider_id=refund.provider_id)
        payment.refunded -= refund.amount
        was_late = payment.ended_at is not None
        after = status_after_refund(payment.status, amount=payment.amount, refunded=payment.refunded)
        payment.status = PaymentStatus.LATE if was_late else after
    refund.status, refund.done_at = RefundStatus.FAILED, ctx.now
    ctx.db.flush()
    fact = RefundFailed(
        **about(payment),
        refund=refund.amount,
        reason=refund.failure,
        automatic=refund.automatic,
        by=refund.asked_by,
    )
    ctx.record(fact)
    tell_refund_failed(ctx, payment, refund)
