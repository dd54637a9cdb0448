"""The cover of an event: a picture of the library that stands at it. Who may change the event may change its cover."""

import uuid
from collections.abc import Sequence

from memberpulse.domains.events.errors import BadEvent, EventNotFound
from memberpulse.domains.events.facts import EventChanged
from memberpulse.domains.events.models import Event
from memberpulse.domains.events.policies import may_change
from memberpulse.domains.files.attaching import attach_file, detach_all, detach_file, find_attached
from memberpulse.domains.files.kinds import FileKind
from memberpulse.domains.files.models import Audience
from memberpulse.engine import MutationCtx, QueryCtx, mutation

AT = "event"
"""What an event is called where files stand at records."""


@mutation(requires="events.create", limit="60/minute")
def set_cover(ctx: MutationCtx, *, event_id: uuid.UUID, file_id: uuid.UUID) -> None:
    """Put a picture on an event, instead of another.

    Raises EventNotFound, FileNotFound (404), NotYourEvent (403), BadEvent (422) for what everybody cannot look at.
    """
    event, before = _own(ctx, event_id), _name(ctx, event_id)
    put_cover(ctx, event_id, file_id)
    cover = find_attached(ctx, AT, [event_id])[event_id]
    if cover.kind is not FileKind.IMAGE:
        raise BadEvent("A cover is a picture: JPEG, PNG, WebP or GIF.", fields={"file_id": "It is no picture."})
    if cover.audience is not Audience.ORGANIZATION:
        raise BadEvent("Share the picture with everybody first.", fields={"file_id": "Not everybody may see it."})
    _record(ctx, event, before, cover.name)


@mutation(requires="events.create", limit="60/minute")
def remove_cover(ctx: MutationCtx, *, event_id: uuid.UUID, file_id: uuid.UUID) -> None:
    """Take a cover off; the picture stays in the library. Raises EventNotFound (404), NotYourEvent (403)."""
    event, before = _own(ctx, event_id), _name(ctx, event_id)
    detach_file(ctx, entity_type=AT, entity_id=event_id, file_id=file_id)
    _record(ctx, event, before, _name(ctx, event_id))


def copy_cover(ctx: MutationCtx, event_id: uuid.UUID, to: uuid.UUID) -> None:
    """For an event that is made like another one."""
    if cover := find_covers(ctx, [event_id]).get(event_id):
        put_cover(ctx, to, cover)


def put_cover(ctx: MutationCtx, event_id: uuid.UUID, file_id: uuid.UUID) -> None:
    attach_file(ctx, entity_type=AT, entity_id=event_id, file_id=file_id, replace=True)


def forget_cover(ctx: MutationCtx, event_id: uuid.UUID) -> None:
    detach_all(ctx, entity_type=AT, entity_id=event_id)


def find_covers(ctx: QueryCtx, event_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Events with a cover that everybody may see, and its file."""
    found = find_attached(ctx, AT, event_ids)
    return {event_id: file.id for event_id, file in found.items() if file.audience is Audience.ORGANIZATION}


def _own(ctx: MutationCtx, event_id: uuid.UUID) -> Event:
    event = ctx.db.get(Event, event_id)
    if event is None:
        raise EventNotFound
    may_change(ctx, event).enforce()
    return event


def _name(ctx: QueryCtx, event_id: uuid.UUID) -> str:
    cover = find_attached(ctx, AT, [event_id]).get(event_id)
    return cover.name if cover else ""


def _record(ctx: MutationCtx, event: Event, before: str, after: str) -> None:
    if before != after:
        change = EventChanged(entity_id=event.id, target=event.title, before={"cover": before}, after={"cover": after})
        ctx.record(change)
