"""What the wall display shows to anybody who passes: no ids, no notes, no addresses, names only as was chosen."""

import uuid
from datetime import timedelta

from memberpulse.domains.events.errors import WallNotShown
from memberpulse.domains.events.lines.queries import serving_of
from memberpulse.domains.events.lines.reading import Standing, range_of, reason_of, stand
from memberpulse.domains.events.lines.writing import station_label
from memberpulse.domains.events.models import Event, EventStatus
from memberpulse.domains.events.queries import join_url
from memberpulse.domains.events.rules import accepts
from memberpulse.domains.events.schemas import WallNext, WallParty, WallView
from memberpulse.domains.organizations.models import Organization
from memberpulse.domains.organizations.schemas import organization_view
from memberpulse.engine import PUBLIC, QueryCtx, query

NEXT_SHOWN = 8
PARTIES_SHOWN = 34
STAYS = timedelta(hours=2)
"""After the end of an event its display goes on for so long, since lines run late."""


@query(requires=PUBLIC, limit="60/minute")
def get_wall(ctx: QueryCtx, *, event_id: uuid.UUID) -> WallView:
    """The public face of one line, the same for everybody.

    Raises WallNotShown (404) for whatever is not meant to be seen: a draft, a cancelled event, one that is over, one
    whose organizer shows no wall, and one that does not exist.
    """
    with ctx.db.across_organizations():  # the same for all who look, so nobody needs to be known
        event = ctx.db.get(Event, event_id)
        if event is None or not is_shown(event) or ctx.now >= event.ends_at + STAYS:
            raise WallNotShown
        ctx.stale_at(event.ends_at + STAYS)
        return _wall(ctx, stand(ctx, event))


def is_shown(event: Event) -> bool:
    return event.shows_wall and event.status in (EventStatus.PUBLISHED, EventStatus.CLOSED)


def _wall(ctx: QueryCtx, standing: Standing) -> WallView:
    event = standing.event
    organization = organization_view(ctx.db.get_one(Organization, event.organization_id))
    busy = {place.station_id for place, _ in standing.at_station}
    url = join_url(event.id)
    return WallView(
        title=event.title,
        organization=organization.name,
        initial=organization.initial,
        is_open=accepts(event.status, event.ends_at, ctx.now),
        is_paused=standing.is_paused,
        resumes_at=standing.line.resumes_at if standing.is_paused else None,
        serving=serving_of(standing),
        free=[station_label(event, each) for each in standing.stations if each.id not in busy],
        next=_next(standing),
        parties=[WallParty(place.party_size, standing.held(place)) for place, _ in standing.waiting[:PARTIES_SHOWN]],
        waiting=len(standing.waiting),
        join_now=range_of(standing.join, standing.as_of),
        why=reason_of(standing),
        join_url=url,
        join_address=url.partition("://")[2],
        qr_path=f"/join-codes/{event.id}.svg",
        station_word=event.station_word,
        ends_at=event.ends_at,
        time_zone=event.time_zone,
    )


def _next(standing: Standing) -> list[WallNext]:
    found: list[WallNext] = []
    both = zip(standing.waiting, standing.waits, strict=True)
    for rank, ((place, name), wait) in enumerate(both, start=1):
        if not standing.held(place) and len(found) < NEXT_SHOWN:
            found.append(WallNext(rank, standing.label(place, name), *wait.minutes))
    return found
