"""Who a subscriber's links are for: sealed, so that nobody can end another's subscription by guessing."""

import uuid
from urllib.parse import quote

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.newsletter.errors import UnknownSubscriber
from memberpulse.domains.newsletter.models import Subscriber
from memberpulse.engine import QueryCtx
from memberpulse.sealing import Unreadable, seal, unseal
from memberpulse.sites import link

KIND = "newsletter"
"""The kind of the tokens that confirm a subscription."""
_SEALED_FOR = "newsletter"


def unsubscribe_url(subscriber: Subscriber) -> str:
    """Where one post ends the subscription, with no cookie and no sign-in. It works for good, and more than once."""
    return link(f"/newsletter/unsubscribe?who={quote(seal(str(subscriber.id), _SEALED_FOR))}")


def id_in(who: str) -> uuid.UUID:
    """The subscriber that a sealed text names. Raises UnknownSubscriber (404)."""
    try:
        return uuid.UUID(unseal(who, _SEALED_FOR))
    except (Unreadable, ValueError):
        raise UnknownSubscriber from None


def find_subscriber(ctx: QueryCtx, email: str) -> Subscriber | None:
    return ctx.db.scalars(select(Subscriber).where(col(Subscriber.email) == email)).one_or_none()
