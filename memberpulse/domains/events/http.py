# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
"""Files about an event: a calendar entry for members, and the QR code that leads to joining its line."""

import io
import uuid

import segno
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from memberpulse.domains.events.errors import EventNotFound
from memberpulse.domains.events.lines.wall import get_wall
from memberpulse.domains.events.models import EventStatus
from memberpulse.domains.events.queries import get_event
from memberpulse.domains.events.rules import calendar_moments, file_name
from memberpulse.domains.events.schemas import EventView
from memberpulse.engine import Caller, utc_now
from memberpulse.engine.errors import EngineError
from memberpulse.engine.http import problem
from memberpulse.sites import link, site

STATUS = {EventStatus.CANCELLED: "CANCELLED", EventStatus.DRAFT: "TENTATIVE"}
SVG_HEADERS = {
    "Cache-Control": "private, max-age=300",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


async def calendar(request: Request) -> Response:
    """GET /calendars/{event_id}.ics: the event as an entry that a calendar takes."""
    engine = request.state.engine
    try:
        caller: Caller = await engine.caller_of(request.scope.get("memberpulse.session"))
        event: EventView = await engine.query(get_event, caller=caller, event_id=_id(request))
    except EngineError as error:
        return problem(error, engine.request_id_of(error))
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(event.title)}.ics"',
        "Cache-Control": "no-store",
    }
    return Response(calendar_file(event), media_type="text/calendar; charset=utf-8", headers=headers)


async def qr_code(request: Request) -> Response:
    """GET /join-codes/{event_id}.svg: the address at which one joins. Open to all while the wall display is."""
    engine = request.state.engine
    try:
        caller: Caller = await engine.caller_of(request.scope.get("memberpulse.session"))
        seen = get_event if caller.may("events.view") else get_wall
        found = await engine.query(seen, caller=caller, event_id=_id(request))
    except EngineError as error:
        return problem(error, engine.request_id_of(error))
    return Response(qr_svg(found.join_url), media_type="image/svg+xml", headers=SVG_HEADERS)


def calendar_file(event: EventView) -> bytes:
    """Source: RFC 5545. The same event keeps its UID, so that a newer file replaces the older entry."""
    from icalendar import Calendar  # only where it is used: it costs a tenth of a second
    from icalendar import Event as Entry

    starts, ends = calendar_moments(event.starts_at, event.ends_at, event.time_zone)
    entry = Entry()
    entry.add("uid", f"{event.id}@{site().partition('://')[2]}")
    entry.add("dtstamp", utc_now())
    entry.add("sequence", event.version)
    entry.add("dtstart", starts)
    entry.add("dtend", ends)
    entry.add("summary", event.title)
    entry.add("status", STATUS.get(event.status, "CONFIRMED"))
    if event.description:
        entry.add("description", event.description)
    if where := event.place or event.link:
        entry.add("location", where)
    entry.add("url", link(f"/events/{event.id}"))
    calendar = Calendar()
    calendar.add("prodid", "-//MemberPulse//Events//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(entry)
    calendar.add_missing_timezones()
    return calendar.to_ical()


def qr_svg(url: str) -> bytes:
    """A code that reads well from some metres: little correction, hence large modules."""
    image = io.BytesIO()
    segno.make(url, error="m", micro=False).save(image, kind="svg", border=2, scale=8, xmldecl=False, nl=False)
    return image.getvalue()


def _id(request: Request) -> uuid.UUID:
    try:
        return uuid.UUID(request.path_params["event_id"])
    except ValueError:
        raise EventNotFound from None


ROUTES = [
    Route("/calendars/{event_id}.ics", calendar, methods=["GET"]),
    Route("/join-codes/{event_id}.svg", qr_code, methods=["GET"]),
]
