"""Who helps at an event: they may work its line, whatever else they may."""

import uuid

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.events.errors import BadPlace
from memberpulse.domains.events.facts import HelperAdded, HelperRemoved
from memberpulse.domains.events.lines.notices import EVENT
from memberpulse.domains.events.lines.stations import leave_stations
from memberpulse.domains.events.lines.writing import is_helper, take_line
from memberpulse.domains.events.models import Event, EventHelper
from memberpulse.domains.events.policies import may_change
from memberpulse.domains.notifications.mutations import notify_people
from memberpulse.domains.notifications.schemas import Notice
from memberpulse.domains.organizations.people import is_member
from memberpulse.engine import MutationCtx, mutation
from memberpulse.texts import isolated


@mutation(requires="events.create", limit="60/minute")
def add_helper(ctx: MutationCtx, *, event_id: uuid.UUID, user_id: uuid.UUID) -> None:
    """Let a member work the line of an event. Twice is harmless.

    Raises EventNotFound (404), NotYourEvent (403), BadPlace (422) for somebody who is no member.
    """
    event, _ = take_line(ctx, event_id)
    may_change(ctx, event).enforce()
    if not is_member(ctx, user_id):
        raise BadPlace(fields={"user_id": "Choose a member of your organization."})
    if make_helper(ctx, event, user_id):
        name = ctx.db.get_one(User, user_id).name
        ctx.record(HelperAdded(entity_id=event.id, target=name, user_id=user_id))
        notice = Notice(
            type=EVENT,
            title=f"You are a helper of {isolated(event.title)}",
            message="You can work its line.",
            link=f"/events/{event.id}",
            person_id=ctx.caller.user_id,
            source_id=event.id,
        )
        notify_people(ctx, user_ids=[user_id], notice=notice)


@mutation(requires="events.create", limit="60/minute")
def remove_helper(ctx: MutationCtx, *, event_id: uuid.UUID, user_id: uuid.UUID) -> None:
    """Take that back; their station stays open without them. Twice is harmless.

    Raises EventNotFound (404), NotYourEvent (403).
    """
    event, _ = take_line(ctx, event_id)
    may_change(ctx, event).enforce()
    statement = select(EventHelper).where(col(EventHelper.event_id) == event_id, col(EventHelper.user_id) == user_id)
    found = ctx.db.scalars(statement).one_or_none()
    if found is None:
        return
    ctx.db.delete(found)
    ctx.db.flush()
    leave_stations(ctx, user_id, event_id)
    name = ctx.db.get_one(User, user_id).name
    ctx.record(HelperRemoved(entity_id=event.id, target=name, user_id=user_id))


def make_helper(ctx: MutationCtx, event: Event, user_id: uuid.UUID) -> bool:
    """Whether they were none before."""
    if is_helper(ctx, event.id, user_id):
        return False
    ctx.db.add(EventHelper(organization_id=event.organization_id, event_id=event.id, user_id=user_id, added_at=ctx.now))
    ctx.db.flush()
    return True
