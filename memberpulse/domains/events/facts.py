"""What happens to events and places. `target` is the event's title.

What happens in a line from minute to minute is kept in the line's own history. The audit log gets what an organization
may have to answer for: who was called before others, and who was taken out.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from memberpulse.domains.events.models import Event, Place
from memberpulse.domains.organizations.facts import Act, Deed
from memberpulse.engine import Fact


@dataclass(frozen=True, kw_only=True)
class EventCreated(Act):
    entity_type = "event"
    action = "created"


@dataclass(frozen=True, kw_only=True)
class EventChanged(Act):
    """before, after: the fields that differ, as plain JSON."""

    entity_type = "event"
    action = "changed"
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class EventPublished(Deed):
    entity_type = "event"
    action = "published"
    starts_at: datetime


@dataclass(frozen=True, kw_only=True)
class EventClosed(Deed):
    """Nobody joins any more. sent_home: how many parties were still waiting and are not served."""

    entity_type = "event"
    action = "closed"
    sent_home: int


@dataclass(frozen=True, kw_only=True)
class EventReopened(Act):
    entity_type = "event"
    action = "reopened"


@dataclass(frozen=True, kw_only=True)
class EventCancelled(Deed):
    """parties: how many had a place."""

    entity_type = "event"
    action = "cancelled"
    reason: str
    parties: int


@dataclass(frozen=True, kw_only=True)
class EventRemoved(Act):
    """A draft was thrown away."""

    entity_type = "event"
    action = "removed"


@dataclass(frozen=True, kw_only=True)
class HelperAdded(Act):
    """`target` is the person's name; entity_id is the event."""

    entity_type = "event"
    action = "added_helper"
    user_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class HelperRemoved(Act):
    entity_type = "event"
    action = "removed_helper"
    user_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class CalledOutOfTurn(Act):
    """Somebody was called before others; number is the ticket."""

    entity_type = "event"
    action = "called_out_of_turn"
    place_id: uuid.UUID
    number: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class PlaceRemoved(Act):
    """A helper took somebody out of the line; number is the ticket."""

    entity_type = "event"
    action = "removed_place"
    place_id: uuid.UUID
    number: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class PlaceFact(Fact):
    """Something that happened to a place, for whoever listens; entity_id is the place."""

    entity_type = "place"
    event_id: uuid.UUID
    user_id: uuid.UUID | None
    number: int
    party_size: int


@dataclass(frozen=True, kw_only=True)
class PlaceJoined(PlaceFact):
    action = "joined"


@dataclass(frozen=True, kw_only=True)
class PlaceCalled(PlaceFact):
    action = "called"
    station: str


@dataclass(frozen=True, kw_only=True)
class PlaceServed(PlaceFact):
    action = "served"


@dataclass(frozen=True, kw_only=True)
class PlaceEnded(PlaceFact):
    """Without having been served: they left, were removed, did not come, or the event ended."""

    action = "ended"
    reason: str


def about(event: Event, place: Place) -> dict[str, Any]:
    """What every fact about a place says."""
    return {
        "entity_id": place.id,
        "target": event.title,
        "event_id": event.id,
        "user_id": place.user_id,
        "number": place.number,
        "party_size": place.party_size,
    }
