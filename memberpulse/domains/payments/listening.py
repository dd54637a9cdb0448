"""What payments do when an organization changes."""

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.organizations.facts import MemberLeft, MemberRemoved
from memberpulse.domains.payments.models import Payment, PaymentStatus
from memberpulse.domains.payments.reserving import cancel_pending
from memberpulse.engine import MutationCtx


def cancel_payments_to(ctx: MutationCtx, fact: MemberLeft | MemberRemoved) -> None:
    """Nobody pays somebody who is not a member any more; what was paid stays theirs, and can be refunded."""
    pending = select(Payment).where(col(Payment.payee_id) == fact.user_id, col(Payment.status) == PaymentStatus.PENDING)
    for payment in ctx.db.scalars(pending).all():
        cancel_pending(ctx, payment)
