"""What facts and words say of a payment. Parts of the caller's transaction."""

import uuid
from typing import Any

from memberpulse.domains.accounts.models import User
from memberpulse.domains.payments.models import Payment
from memberpulse.domains.payments.rules import money_words
from memberpulse.engine import QueryCtx

_SAID = ("subject_type", "subject_id", "payer_id", "payee_id", "amount", "currency")


def about(payment: Payment) -> dict[str, Any]:
    """What every fact about a payment says."""
    said = {name: getattr(payment, name) for name in _SAID}
    return {"entity_id": payment.id, "target": payment.description, **said}


def price_of(payment: Payment) -> str:
    return money_words(payment.amount, payment.currency)


def name_of(ctx: QueryCtx, user_id: uuid.UUID) -> str:
    """What a person is called; "Deleted person" once they are gone."""
    return ctx.db.get_one(User, user_id).name


def address_of(ctx: QueryCtx, user_id: uuid.UUID) -> str | None:
    """Where letters reach the person; None when they are gone."""
    user = ctx.db.get_one(User, user_id)
    return user.email if user.erased_at is None and user.deactivated_at is None else None
