"""Toasts on somebody's open screens: rows that live for a day, shown once by each window."""

import uuid
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.payments.models import PaymentToast
from memberpulse.domains.payments.rules import TOAST_LIFE
from memberpulse.domains.payments.schemas import ToastRow
from memberpulse.engine import MutationCtx, QueryCtx, job, query

SHOWN = 10
BATCH = 500


@query(requires="payments.pay")
def list_my_toasts(ctx: QueryCtx) -> list[ToastRow]:
    """What the caller's screens were told within a day, the oldest first; a window shows what it has not shown yet."""
    mine = select(PaymentToast).where(col(PaymentToast.user_id) == ctx.user_id)
    newest = mine.order_by(col(PaymentToast.created_at).desc(), col(PaymentToast.id).desc()).limit(SHOWN)
    rows = [row for row in ctx.db.scalars(newest) if row.expires_at > ctx.now]
    ctx.stale_at(min((row.expires_at for row in rows), default=None))
    return [ToastRow(row.id, row.title, row.message, row.tone, row.created_at) for row in reversed(rows)]


def toast_for(
    ctx: MutationCtx,
    user_ids: Iterable[uuid.UUID],
    *,
    title: str,
    message: str = "",
    tone: str = "live",
    person_id: uuid.UUID | None = None,
) -> None:
    """Say something on the open screens of these people, within the caller's transaction.

    tone: live, or error. person_id: whom the words name.
    """
    for user_id in dict.fromkeys(user_ids):
        ctx.db.add(
            PaymentToast(
                organization_id=ctx.organization_id,
                user_id=user_id,
                person_id=person_id,
                title=title[:200],
                message=message[:300],
                tone=tone,
                created_at=ctx.now,
                expires_at=ctx.now + TOAST_LIFE,
            )
        )
    ctx.db.flush()


@job()
def prune_toasts(ctx: MutationCtx) -> None:
    """Delete toasts of more than a day ago, in batches while a backlog remains."""
    with ctx.across_organizations():
        old = select(col(PaymentToast.id)).where(col(PaymentToast.expires_at) <= ctx.now).limit(BATCH)
        ids = list(ctx.db.scalars(old))
        if ids:
            gone = delete(PaymentToast).where(col(PaymentToast.id).in_(ids))
            ctx.db.execute(gone.execution_options(synchronize_session=False))
    if len(ids) == BATCH:
        ctx.schedule(prune_toasts, after=timedelta(seconds=1))
