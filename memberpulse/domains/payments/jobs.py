"""What payments do by the clock: look at what is not settled, promise again what was lost, forget old events."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.payments.carrying import carry_out_refund
from memberpulse.domains.payments.errors import PaymentsNotOffered, ProviderUnreachable
from memberpulse.domains.payments.expiring import expire_payment
from memberpulse.domains.payments.models import Payment, PaymentStatus, ProviderEvent, Refund, RefundStatus
from memberpulse.domains.payments.provider import payments_are_offered
from memberpulse.domains.payments.reading import read_payment
from memberpulse.domains.payments.schemas import Due
from memberpulse.engine import INTERNAL, ActionCtx, MutationCtx, QueryCtx, job, query, system

AT_ONCE = 50
EVENTS_KEPT = timedelta(days=90)
BATCH = 500
LEFT_ALONE = timedelta(minutes=2)
"""What is younger is still on its ordinary way."""
GIVEN_UP_AFTER = timedelta(days=30)


@job(max_attempts=2)
async def reconcile(ctx: ActionCtx) -> None:
    """Compare payments that are not settled with Stripe, in case an event was lost or a process died."""
    if not payments_are_offered():
        return
    due: list[Due] = await ctx.query(list_unsettled)
    try:
        for each in due:
            await ctx.run(read_payment, system(each.organization_id), {"payment_id": each.payment_id})
    except (ProviderUnreachable, PaymentsNotOffered):
        return  # the next run is soon


@query(requires=INTERNAL)
def list_unsettled(ctx: QueryCtx) -> list[Due]:
    """Payments of all organizations of which something may still come at Stripe, the newest first."""
    with ctx.across_organizations():
        open_ = select(Payment).where(
            col(Payment.settled_at).is_(None),
            col(Payment.session_id).is_not(None),
            col(Payment.created_at) < ctx.now - LEFT_ALONE,
            col(Payment.created_at) > ctx.now - GIVEN_UP_AFTER,
        )
        rows = ctx.db.scalars(open_.order_by(col(Payment.created_at).desc()).limit(AT_ONCE))
        return [Due(row.id, row.organization_id) for row in rows]


@job()
def promise_again(ctx: MutationCtx) -> None:
    """Promise anew the refunds and the ends of reservations whose own jobs were lost or gave up."""
    hour = ctx.now.strftime("%Y-%m-%dT%H")
    with ctx.across_organizations():
        stuck = list(
            ctx.db.scalars(
                select(Refund)
                .where(
                    col(Refund.status) == RefundStatus.REQUESTED,
                    col(Refund.refusals) == 0,
                    col(Refund.created_at) < ctx.now - timedelta(minutes=30),
                )
                .limit(AT_ONCE)
            )
        )
        overdue = list(
            ctx.db.scalars(
                select(Payment)
                .where(
                    col(Payment.status) == PaymentStatus.PENDING,
                    col(Payment.expires_at) < ctx.now - timedelta(minutes=5),
                )
                .limit(AT_ONCE)
            )
        )
    for refund in stuck:
        _promise(ctx, refund, carry_out_refund, f"payments.refund:{refund.id}:{hour}", refund_id=refund.id)
    for payment in overdue:
        _promise(ctx, payment, expire_payment, f"payments.expiry:{payment.id}:{hour}", payment_id=payment.id)


def _promise(ctx: MutationCtx, row: Refund | Payment, work: Any, key: str, **arguments: Any) -> None:
    with ctx.within(row.organization_id):
        ctx.schedule(work, key=key, **arguments)


@job()
def prune_events(ctx: MutationCtx) -> None:
    """Delete webhook events of more than 90 days ago, in batches while a backlog remains.

    Stripe repeats an event for three days; one that is replayed after longer is read anew and changes nothing.
    """
    old = select(col(ProviderEvent.id)).where(col(ProviderEvent.received_at) < ctx.now - EVENTS_KEPT).limit(BATCH)
    ids = list(ctx.db.scalars(old))
    if ids:
        gone = delete(ProviderEvent).where(col(ProviderEvent.id).in_(ids))
        ctx.db.execute(gone.execution_options(synchronize_session=False))
    if len(ids) == BATCH:
        ctx.schedule(prune_events)
