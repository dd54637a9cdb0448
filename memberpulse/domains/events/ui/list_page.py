"""The list of events: what is coming, what was, what is not published yet, and where one has a place now."""

from typing import Any

import reflex as rx

from memberpulse.domains.events.lines.queries import list_my_places
from memberpulse.domains.events.models import EventStatus, PlaceStatus
from memberpulse.domains.events.queries import list_events
from memberpulse.domains.events.schemas import EventCard, EventList
from memberpulse.domains.events.ui.components import (
    after,
    before,
    day_leaf,
    expected_range,
    say_count,
    say_ordinal,
    short_when,
)
from memberpulse.domains.organizations.queries import get_viewer
from memberpulse.ui.address import address_value, set_address
from memberpulse.ui.components import (
    anchor,
    badge,
    button,
    empty_state,
    error_state,
    filtered_empty,
    head,
    link_button,
    live_dot,
    row_keys,
    rows_skeleton,
    search_field,
    section,
    segmented,
    toolbar,
)
from memberpulse.ui.components.marks import Rows
from memberpulse.ui.expressions import expression, may, size_of, text_of
from memberpulse.ui.layout import KeyHelp, app_page
from memberpulse.ui.live import LiveList, live, live_list
from memberpulse.ui.page import page

_KEYS = (
    KeyHelp("/", "Search events"),
    KeyHelp("C", "Create an event"),
    KeyHelp("J K", "Move"),
    KeyHelp("↵", "Open"),
)
_SHOWN = (("", "Upcoming"), ("past", "Past"), ("mine", "Mine"))
_WITH_DRAFTS = (*_SHOWN, ("drafts", "Drafts"))


@page("/events", "Events", requires="events.view", sheets=("queue",))
def events_page() -> rx.Component:
    may_create = may(live(get_viewer).value, "events.create")
    create = link_button("New event", href="/events/new", kind="ink", icon="plus", key="C")
    events = _events()
    return app_page(
        "Events",
        _places(),
        _tools(may_create),
        events.view(
            lambda found: _list(found, events),
            rows_skeleton(6, label="Loading events"),
            empty=(size_of(events.value.rows) == 0, _none(may_create)),
            failed=error_state(events, what="The events"),
        ),
        row_keys("li[data-row]", opens="a"),
        heading=head(title="Events"),
        action=rx.cond(may_create, create, rx.fragment()),
        keys=_KEYS,
    )


def _events() -> LiveList[EventList]:
    shown: Any = expression("({0} || 'upcoming')", address_value("show"))
    return live_list(list_events, shown=shown, search=address_value("q"))


def _tools(may_create: Any) -> rx.Component:
    props: dict[str, Any] = {"value": address_value("show"), "on_change": set_address("show"), "label": "Events shown"}
    return toolbar(
        search_field(
            label="Search events", placeholder="Title or place", value=address_value("q"), on_search=set_address("q")
        ),
        rx.cond(may_create, segmented(_WITH_DRAFTS, **props), segmented(_SHOWN, **props)),
    )


# Where one has a place


def _places() -> rx.Component:
    """One's own open places, above everything else."""
    mine = live(list_my_places)
    open_ones: Any = expression(
        "(({0} ?? []).filter((each) => ['reserved', 'waiting', 'called', 'serving'].includes(each.status)))",
        mine.value,
        kind=list[Any],
    )
    shown = section(
        Rows.create(rx.foreach(open_ones, _place), as_="ul", class_name="list open places-mine", label="Your places"),
        title="Your places",
    )
    return rx.cond(size_of(open_ones), shown, rx.fragment())


def _place(mine: Any) -> rx.Component:
    each: Any = mine.to(dict[str, Any])
    wait: Any = expression("{0}.wait", each)
    state = rx.match(
        each["status"],
        (PlaceStatus.CALLED.value, badge("You are called", kind="live")),
        (PlaceStatus.SERVING.value, badge("Your turn", kind="live")),
        (PlaceStatus.RESERVED.value, badge("Not paid yet", kind="warn", icon="clock")),
        rx.fragment(
            rx.el.b(say_ordinal(each["position"]), class_name="tn"),
            rx.el.span(
                expected_range(expression("{0}?.starts", wait), expression("{0}?.ends", wait), small=False),
                class_name="soft tn",
            ),
        ),
    )
    return rx.el.li(
        live_dot(),
        anchor(each["title"], href=expression("`/events/${{0}}`", each["event_id"]), class_name="what strong cut"),
        rx.el.span(state, class_name="row g3"),
        key=each["place_id"],
    )


# The list


def _list(found: EventList, events: LiveList[EventList]) -> rx.Component:
    scope = expression("`${{0}}:${{1}}:${{2}}`", address_value("q"), address_value("show"), events.pages)
    more = button("Show more", on_click=events.more, busy=events.loading_more)
    return rx.fragment(
        Rows.create(rx.foreach(found.rows, _event), as_="ul", class_name="events", label="Events", scope=scope),
        rx.cond(events.has_more, rx.el.div(more, class_name="more-row"), rx.fragment()),
    )


def _event(event: EventCard) -> rx.Component:
    price: Any = rx.cond(event.price_words != "", event.price_words, "Free")
    facts = rx.el.span(
        rx.el.span(short_when(event.starts_at, event.ends_at)),
        rx.cond(event.place != "", rx.el.span(rx.el.bdi(event.place)), rx.fragment()),
        rx.cond((event.place == "") & (event.link != ""), rx.el.span("Online"), rx.fragment()),
        rx.el.span(price),
        class_name="meta event-facts",
    )
    return rx.el.li(
        day_leaf(event.starts_at),
        rx.el.div(
            anchor(
                rx.el.bdi(event.title), href=expression("`/events/${{0}}`", text_of(event.id)), class_name="event-open"
            ),
            facts,
            class_name="col",
        ),
        rx.el.div(_state(event), _work(event), class_name="event-end"),
        key=text_of(event.id),
        tab_index=-1,
        custom_attrs={"data-row": ""},
    )


def _state(event: EventCard) -> rx.Component:
    waiting = rx.el.span(
        live_dot(beat=event.waiting),
        rx.el.span(say_count(event.waiting, "party", "parties"), " waiting", class_name="tn nowrap"),
        class_name="event-live",
    )
    running = rx.cond(
        event.is_paused,
        badge("Paused", kind="warn", icon="pause"),
        rx.cond(event.is_open & (event.waiting > 0), waiting, rx.fragment()),
    )
    mine = rx.match(
        event.mine,
        (PlaceStatus.CALLED.value, badge("You are called", kind="live")),
        (PlaceStatus.SERVING.value, badge("Your turn", kind="live")),
        (PlaceStatus.WAITING.value, badge("You are in line", kind="line")),
        (PlaceStatus.RESERVED.value, badge("Not paid yet", kind="warn", icon="clock")),
        (PlaceStatus.COMPLETED.value, badge("You were there", icon="check")),
        rx.fragment(),
    )
    state = rx.match(
        event.status,
        (EventStatus.DRAFT.value, badge("Draft", kind="line")),
        (EventStatus.CANCELLED.value, badge("Cancelled")),
        (EventStatus.CLOSED.value, badge("Closed")),
        running,
    )
    return rx.fragment(mine, state)


def _work(event: EventCard) -> rx.Component:
    board = link_button("Open the board", href=expression("`/events/${{0}}/queue`", text_of(event.id)), size="small")
    works = event.is_helper & (event.status != EventStatus.DRAFT.value) & (event.status != EventStatus.CANCELLED.value)
    soon = expression("new Date(new Date({0}).getTime() - 7200000).toISOString()", event.starts_at)
    over = expression("new Date(new Date({0}).getTime() + 86400000).toISOString()", event.ends_at)
    return rx.cond(works, after(soon, before(over, board)), rx.fragment())


def _none(may_create: Any) -> rx.Component:
    state = address_value("show")
    search = filtered_empty(
        rx.fragment("No event says ", rx.el.b("“", rx.el.bdi(address_value("q")), "”"), "."),
        drop="Clear the search",
        on_drop=set_address("q").partial(""),
    )
    create = link_button("New event", href="/events/new", kind="ink")
    first = empty_state(
        "Nothing is coming up",
        "An event has a queue of its own: people join from anywhere and see when it is their turn.",
        rx.cond(may_create, create, rx.fragment()),
        button("Past events", on_click=set_address("show").partial("past")),
    )
    past = filtered_empty("No event is over yet.", drop="Show upcoming", on_drop=set_address("show").partial(""))
    mine = filtered_empty(
        "You have made no event and help at none.", drop="Show upcoming", on_drop=set_address("show").partial("")
    )
    drafts = filtered_empty("You have no drafts.", drop="Show upcoming", on_drop=set_address("show").partial(""))
    by_state = rx.match(state, ("past", past), ("mine", mine), ("drafts", drafts), first)
    return rx.cond(address_value("q"), search, by_state)
