"""What events do when something happens below."""

from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.events.lines.joining import end_place
from memberpulse.domains.events.lines.notices import tell_near
from memberpulse.domains.events.lines.stations import leave_stations
from memberpulse.domains.events.lines.writing import take_place
from memberpulse.domains.events.models import DeedKind, EventHelper, Place, PlaceStatus
from memberpulse.domains.events.rules import OPEN
from memberpulse.domains.organizations.facts import MemberLeft, MemberRemoved
from memberpulse.engine import MutationCtx


def end_places_of_member(ctx: MutationCtx, fact: MemberLeft | MemberRemoved) -> None:
    """Who is no member any more stands in no line and helps at none; what was paid is returned."""
    theirs = select(col(Place.id)).where(col(Place.user_id) == fact.user_id, col(Place.status).in_(OPEN))
    for place_id in list(ctx.db.scalars(theirs)):
        event, line, place = take_place(ctx, place_id)
        if place.status is PlaceStatus.SERVING:
            continue  # they are being served this minute; the helper ends it
        end_place(ctx, event, line, place, DeedKind.REMOVE, reason="membership_ended", undo=False)
        tell_near(ctx, event)
    leave_stations(ctx, fact.user_id)
    gone = delete(EventHelper).where(col(EventHelper.user_id) == fact.user_id)
    ctx.db.execute(gone.execution_options(synchronize_session=False))


def forget_person(ctx: MutationCtx, fact: AccountErased) -> None:
    """What somebody wrote into their places goes with their account; that somebody was served there stays."""
    with ctx.across_organizations():
        for place in ctx.db.scalars(select(Place).where(col(Place.user_id) == fact.user_id)):
            place.note, place.remark = "", ""
        ctx.db.flush()
