"""What payments hold of a person. Payments and their ledger stay, by "Deleted person"; what only names them goes."""

from collections.abc import Iterator

from sqlalchemy import func, or_, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.personal import FORGET, KEEP, Consequence, foretell, hold
from memberpulse.domains.organizations.deletion import block_deletion
from memberpulse.domains.payments.models import PayeeAccount, Payment, PaymentStatus, PaymentToast, Refund, RefundStatus
from memberpulse.engine import QueryCtx

hold(Payment, "payer_id", "payee_id", title="Payments", at_erasure=KEEP, hidden=("checkout_url", "failure_key"))
hold(PayeeAccount, "user_id", title="Connected Stripe accounts", at_erasure=KEEP, hidden=("links",))
hold(Refund, "asked_by", title="Refunds", at_erasure=KEEP)
hold(PaymentToast, "user_id", "person_id", title="Passing messages about payments", at_erasure=FORGET)

_MOVING = (RefundStatus.REQUESTED, RefundStatus.PENDING)


@foretell
def what_stays(ctx: QueryCtx, user: User) -> Iterator[Consequence]:
    """Payments stay, without a name."""
    with ctx.across_organizations():
        theirs = or_(col(Payment.payer_id) == user.id, col(Payment.payee_id) == user.id)
        count = ctx.db.scalars(select(func.count()).select_from(Payment).where(theirs)).one()
    if count:
        what = "1 payment of yours stays" if count == 1 else f"{count} payments of yours stay"
        yield Consequence(f"{what} in the books, by “Deleted person”.")


@block_deletion
def money_is_moving(ctx: QueryCtx) -> str | None:
    """An organization is not deleted while somebody may still pay, or money is on its way back."""
    waiting = select(func.count()).select_from(Payment).where(col(Payment.status) == PaymentStatus.PENDING)
    moving = select(func.count()).select_from(Refund).where(col(Refund.status).in_(_MOVING))
    if ctx.db.scalars(waiting).one() or ctx.db.scalars(moving).one():
        return "Wait until the open payments have ended and the refunds have arrived."
    return None
