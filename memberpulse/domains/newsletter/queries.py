"""Reads of the newsletter."""

import uuid

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.tokens import find_spent, find_token
from memberpulse.domains.newsletter.models import Stage, Subscriber
from memberpulse.domains.newsletter.schemas import SubscriberList, SubscriberView, Subscription, SubscriptionRequest
from memberpulse.domains.newsletter.subscribers import KIND, id_in, unsubscribe_url
from memberpulse.engine import INTERNAL, PUBLIC, QueryCtx, query
from memberpulse.engine.errors import NotFound

PAGE = 1_000


@query(requires=PUBLIC)
def get_request(ctx: QueryCtx, *, token: str) -> SubscriptionRequest:
    """What the link of a confirmation letter is worth. It consumes nothing: scanners follow links too."""
    waiting = find_token(ctx, kind=KIND, raw=token)
    if waiting is not None:
        return SubscriptionRequest("open", waiting.email)
    spent = find_spent(ctx, kind=KIND, raw=token)
    subscriber = ctx.db.get(Subscriber, spent.subject_id) if spent and spent.subject_id else None
    if subscriber is not None and subscriber.stage == Stage.SUBSCRIBED:
        return SubscriptionRequest("done", subscriber.email)
    return SubscriptionRequest("over", "")


@query(requires=PUBLIC)
def get_subscription(ctx: QueryCtx, *, who: str) -> Subscription:
    """Whom a link to unsubscribe is for. Raises UnknownSubscriber (404) for a broken link."""
    subscriber = ctx.db.get(Subscriber, id_in(who))
    if subscriber is None:
        return Subscription("", False)
    return Subscription(subscriber.email, subscriber.stage == Stage.SUBSCRIBED)


@query(requires=INTERNAL)
def list_subscribers(ctx: QueryCtx, *, cursor: str | None = None) -> SubscriberList:
    """The export: everybody who confirmed and has not left, a thousand at a time."""
    statement = (
        select(Subscriber).where(col(Subscriber.stage) == Stage.SUBSCRIBED).order_by(col(Subscriber.id)).limit(PAGE + 1)
    )
    if cursor is not None:
        statement = statement.where(col(Subscriber.id) > _id_of(cursor))
    found = list(ctx.db.scalars(statement))
    rows = [SubscriberView(each.id, each.email, each.changed_at, unsubscribe_url(each)) for each in found[:PAGE]]
    return SubscriberList(rows, str(rows[-1].id) if len(found) > PAGE else None)


def _id_of(cursor: str) -> uuid.UUID:
    try:
        return uuid.UUID(cursor)
    except ValueError:
        raise NotFound("There is no such page.") from None
