"""The rules about one event and its line."""

import uuid

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.events.errors import EventNotFound
from memberpulse.domains.events.lines.writing import is_helper
from memberpulse.domains.events.models import Event, EventStatus
from memberpulse.domains.events.rules import decide_event_change, decide_line_work
from memberpulse.domains.organizations.decisions import Decision
from memberpulse.domains.organizations.policies import THINGS_SHOWN, Policy, Subject, Thing
from memberpulse.engine import QueryCtx


def may_change(ctx: QueryCtx, event: Event) -> Decision:
    """Whether the caller may change an event."""
    return decide_event_change(
        manages=ctx.can("events.manage"),
        creates=ctx.can("events.create"),
        created_by=event.created_by,
        user=ctx.caller.user_id,
    )


def _may_change(ctx: QueryCtx, subject: Subject, event_id: uuid.UUID) -> Decision:
    event = _event(ctx, event_id)
    return decide_event_change(
        manages="events.manage" in subject.capabilities,
        creates="events.create" in subject.capabilities,
        created_by=event.created_by,
        user=subject.user_id,
    )


def _may_work(ctx: QueryCtx, subject: Subject, event_id: uuid.UUID) -> Decision:
    event = _event(ctx, event_id)
    helps = subject.user_id is not None and is_helper(ctx, event.id, subject.user_id)
    return decide_line_work(manages="queue.manage" in subject.capabilities, helps=helps)


def _event(ctx: QueryCtx, event_id: uuid.UUID) -> Event:
    found = ctx.db.get(Event, event_id)
    if found is None:
        raise EventNotFound
    return found


def _latest(ctx: QueryCtx) -> list[Thing]:
    """Events that everybody may know of."""
    shown = select(Event).where(col(Event.status) != EventStatus.DRAFT)
    latest = shown.order_by(col(Event.starts_at).desc(), col(Event.id)).limit(THINGS_SHOWN)
    return [Thing(each.id, each.title) for each in ctx.db.scalars(latest)]


CHANGE = Policy(
    name="events.change",
    question="May this person change or cancel this event?",
    thing="event",
    requires="events.create",
    sees="events.view",
    decide=_may_change,
    things=_latest,
)

WORK = Policy(
    name="events.work",
    question="May this person work the line of this event?",
    thing="event",
    sees="events.view",
    decide=_may_work,
    things=_latest,
)
