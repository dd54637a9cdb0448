"""Making an event and changing it: one form, and beside it who helps."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from memberpulse.domains.events.covers import AT as COVER_AT
from memberpulse.domains.events.covers import remove_cover, set_cover
from memberpulse.domains.events.helping import add_helper, remove_helper
from memberpulse.domains.events.models import WallNames
from memberpulse.domains.events.mutations import create_event, edit_event
from memberpulse.domains.events.queries import get_event, list_helper_choices
from memberpulse.domains.events.schemas import EventView
from memberpulse.domains.events.ui.components.address import this_event
from memberpulse.domains.events.ui.components.fields import moment_field, price_field, when_newer, zone_field
from memberpulse.domains.files.kinds import ACCEPT_IMAGES
from memberpulse.domains.files.ui.attachments import attachments
from memberpulse.domains.organizations.schemas import PersonView
from memberpulse.ui.address import address_value, load_again, set_address
from memberpulse.ui.components import (
    avatar,
    button,
    checkbox,
    error_state,
    head,
    icon_button,
    kbd,
    link_button,
    note,
    row,
    rows,
    rows_skeleton,
    search_field,
    select_field,
    switch,
    text_area,
    text_field,
)
from memberpulse.ui.components.kinds import Child
from memberpulse.ui.expressions import expression, size_of, text_of
from memberpulse.ui.layout import app_page
from memberpulse.ui.live import Problem, busy, live, live_form, problem, run
from memberpulse.ui.page import page
from memberpulse.ui.trail import Trail

CURRENCIES = ("GBP", "EUR", "USD", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "AUD", "CAD", "NZD", "JPY")
_WALL_NAMES = (
    (WallNames.FIRST_NAME.value, "First name and initial: Mei-Lin Z."),
    (WallNames.INITIALS.value, "Initials: MZ"),
    (WallNames.NUMBER.value, "A number: No 12"),
)
_COME_WITHIN = (
    ("60", "1 minute"),
    ("120", "2 minutes"),
    ("180", "3 minutes"),
    ("300", "5 minutes"),
    ("600", "10 minutes"),
)
_FIELDS = (
    *("title", "description", "starts_at", "ends_at", "time_zone", "place", "link", "price_amount", "currency"),
    *("capacity", "service_minutes", "station_word", "wall_names", "no_show_seconds"),
)


@page("/events/new", "New event", requires="events.create", sheets=("queue", "settings"))
def new_event_page() -> rx.Component:
    refused = problem(create_event)
    form = live_form(
        create_event,
        _problem(refused),
        *_fields(refused, None),
        _foot("Save as a draft", create_event, "/events", "Nobody sees it before you publish it."),
        go=lambda event_id: expression("`/events/${{0}}`", event_id),
        reset=False,
        aria_label="New event",
    )
    return app_page(
        "New event",
        rx.el.div(form, class_name="event-form"),
        crumb=Trail((("Events", "/events"),), "New"),
        heading=_head("New event"),
    )


@page("/events/[event_id]/edit", "Edit event", requires="events.create", sheets=("queue", "settings"))
def edit_event_page() -> rx.Component:
    event = live(get_event, event_id=this_event())
    body = event.view(_editing, rows_skeleton(6, avatars=False), failed=error_state(event, what="The event"))
    return app_page("Edit event", body, crumb=Trail((("Events", "/events"),), "Edit"), heading=_head("Edit event"))


def _head(title: str) -> rx.Component:
    return rx.el.div(rx.el.div(head(title=title), class_name="event-form-head"), class_name="event-form flat")


def _editing(event: EventView) -> rx.Component:
    """The form keeps the values it started from; a newer version by somebody else is said when it is sent."""
    back: Any = expression("`/events/${{0}}`", text_of(event.id))
    return rx.el.div(
        rx.cond(event.rights.edit, _edit_form(event=event, version=event.version, back=back), _not_yours(back)),
        rx.cond(event.rights.edit, rx.fragment(_cover(event), _helpers(event)), rx.fragment()),
        class_name="event-form",
    )


def _not_yours(back: Any) -> rx.Component:
    return note(
        "Only who made this event, and those who manage events, may change it.",
        icon="lock",
        action=link_button("Back to the event", href=back, size="small"),
    )


@rx.memo
def _edit_form(event: rx.Var[EventView], version: rx.Var[int], back: rx.Var[str]) -> rx.Component:
    refused = problem(edit_event)
    given: Any = event
    return live_form(
        edit_event,
        when_newer(_newer(), version=version),
        _problem(refused),
        *_fields(refused, given),
        _foot("Save", edit_event, back, "Who has a place is told of a new time or place."),
        arguments={"event_id": given.id},
        opened={"version": version},
        go=back,
        reset=False,
        aria_label="Edit event",
    )


def _newer() -> rx.Component:
    """What was typed stays; to save it would take back what somebody else has saved."""
    return note(
        rx.el.b("Somebody else has changed this event. "),
        "Yours cannot be saved over it: keep aside what you wrote, and load what is saved now.",
        kind="warn",
        action=button("Load it", size="small", on_click=load_again()),
        role="status",
    )


def _problem(refused: Problem) -> rx.Component:
    beside: Any = refused.field(_FIELDS[0])
    for name in _FIELDS[1:]:
        beside = beside | refused.field(name)
    return rx.cond(
        (refused.message != "") & ~beside.bool(), note(refused.message, kind="danger", role="alert"), rx.fragment()
    )


def _foot(verb: str, mutation: Any, back: Any, why: str) -> rx.Component:
    send = rx.fragment(verb, rx.el.span(kbd("⌘"), kbd("↵"), class_name="row g1 only-l"))
    return rx.el.div(
        rx.el.p(why, class_name="meta grow only-l"),
        link_button("Cancel", href=back),
        button(send, kind="ink", submit=True, busy=busy(mutation)),
        class_name="form-foot",
    )


def _part(title: str, about: str, *fields: Child, **props: Any) -> rx.Component:
    words = rx.el.div(rx.el.h2(title, class_name="t14"), rx.el.p(about, class_name="meta"), class_name="fs-l col g1")
    return rx.el.section(words, rx.el.div(*fields, class_name="fs-r"), class_name="fs", **props)


@dataclass(frozen=True)
class _Form:
    """What the fields begin with, and what was refused. event: whose values; None: a new one."""

    refused: Problem
    event: Any

    def of(self, name: str) -> dict[str, Any]:
        return {"name": name, "error": self.refused.field(name)}

    def text(self, name: str, otherwise: Any = None) -> dict[str, Any]:
        """A field that is text to the browser. otherwise: what a new one begins with."""
        if self.event is None:
            return self.of(name) | ({} if otherwise is None else {"default_value": otherwise})
        return self.of(name) | {"default_value": text_of(getattr(self.event, name))}

    def ticked(self, name: str) -> dict[str, Any]:
        return {"name": name, "value": "true", **self.given(default_checked=name)}

    def given(self, **properties: str) -> dict[str, Any]:
        """Properties of a component by the event's fields; none for a new one."""
        return {} if self.event is None else {to: getattr(self.event, name) for to, name in properties.items()}


def _fields(refused: Problem, event: Any) -> list[rx.Component]:
    """event: whose values to begin with; None: a new one."""
    form = _Form(refused, event)
    return [_what(form), _when(form), _where(form), _price(form), _queue(form), _wall(form)]


def _what(form: _Form) -> rx.Component:
    said = "What to bring, what happens, whom it is for"
    return _part(
        "What",
        "The title is what people look for.",
        _line("Title", 120, "Saturday repair clinic", **form.text("title")),
        text_area("Description", rows=4, max_length=4000, placeholder=said, **form.text("description")),
    )


def _when(form: _Form) -> rx.Component:
    zone = form.given(zone="time_zone")
    return _part(
        "When",
        "Everybody reads it in their own zone.",
        moment_field("Starts", **form.of("starts_at"), **form.given(value="starts_at"), **zone),
        moment_field("Ends", after="starts_at", **form.of("ends_at"), **form.given(value="ends_at"), **zone),
        zone_field("Time zone", **form.given(value="time_zone")),
    )


def _where(form: _Form) -> rx.Component:
    return _part(
        "Where",
        "A place, a link, or both.",
        _line("Place", 200, "Fernhill workshop, 2 Mill Yard", **form.text("place")),
        _line("Link", 300, "https://", type="url", **form.text("link")),
    )


def _price(form: _Form) -> rx.Component:
    wrong = form.refused.field("price_amount") | form.refused.field("currency")
    known = form.given(amount="price_amount", currency="currency")
    capacity = {} if form.event is None else {"default_value": expression("({0} ?? '')", form.event.capacity)}
    return _part(
        "Price and places",
        "Free, or paid on joining.",
        rx.el.div(
            price_field(currencies=CURRENCIES, error=wrong, **known),
            text_field(
                "Capacity", type="number", min=1, placeholder="As many as come", **form.of("capacity"), **capacity
            ),
            class_name="pair",
        ),
    )


def _queue(form: _Form) -> rx.Component:
    return _part(
        "The queue",
        "Estimates begin with your guess and learn from what is observed.",
        rx.el.div(
            text_field("One party takes", type="number", suffix="min", min=1, **form.text("service_minutes", 10)),
            _line("People are called to a", 20, **form.text("station_word", "Bench")),
            class_name="pair",
        ),
        select_field("Who is called comes within", options=_COME_WITHIN, **form.text("no_show_seconds", "120")),
        checkbox("Mark a no-show by itself when that time is over", **form.ticked("auto_no_show")),
    )


def _wall(form: _Form) -> rx.Component:
    names = form.text("wall_names", WallNames.FIRST_NAME.value)
    return _part(
        "Wall display",
        "A screen at the door that anybody may see.",
        switch("Show a wall display", **form.ticked("shows_wall")),
        select_field("It calls people by", options=_WALL_NAMES, **names),
    )


def _line(label: str, longest: int, placeholder: str = "", **props: Any) -> rx.Component:
    """One line of text that no browser fills in."""
    return text_field(label, auto_complete="off", max_length=longest, placeholder=placeholder, **props)


# What is saved at once


def _cover(event: EventView) -> rx.Component:
    field = attachments(
        entity_type=COVER_AT,
        entity_id=event.id,
        attach=set_cover,
        detach=remove_cover,
        arguments={"event_id": event.id},
        one=True,
        label="Cover",
        text="Choose a picture",
        accept=ACCEPT_IMAGES,
    )
    return _part("Cover", "A wide picture above the event. It is saved at once.", field, id="cover")


def _helpers(event: EventView) -> rx.Component:
    def helper(each: Any) -> rx.Component:
        return row(
            rx.el.bdi(each.person.name, class_name="strong cut block"),
            lead=avatar(each.person, size="small"),
            note=each.station,
            end=icon_button(
                "x",
                label=expression("`Remove ${{0}} from the helpers`", each.person.name),
                size="small",
                on_click=run(remove_helper, event_id=event.id, user_id=each.person.id),
            ),
            key=text_of(each.person.id),
        )

    none = rx.el.p("Nobody yet. Helpers may work the queue, and nothing else of the event.", class_name="meta")
    listed = rows(rx.foreach(event.helpers, helper), label="Helpers", tight=True, open=True)
    return _part(
        "Helpers",
        "They work the queue beside you.",
        rx.cond(size_of(event.helpers), listed, none),
        search_field(
            label="Add a helper",
            placeholder="Name of a member",
            value=address_value("helper"),
            on_search=set_address("helper"),
            key="",
        ),
        rx.cond(address_value("helper"), _choices(), rx.fragment()),
        id="helpers",
    )


@rx.memo
def _choices() -> rx.Component:
    event_id = this_event()
    found = live(list_helper_choices, event_id=event_id, search=address_value("helper"))

    def choice(person: PersonView) -> rx.Component:
        add = run(add_helper, event_id=event_id, user_id=person.id)
        return row(
            rx.el.bdi(person.name, class_name="strong cut block"),
            lead=avatar(person, size="small"),
            end=button("Add", size="small", label=expression("`Add ${{0}}`", person.name), on_click=add),
            key=text_of(person.id),
        )

    nobody = rx.el.p("No other member has this name.", class_name="meta", role="status")
    return found.view(
        lambda people: rows(rx.foreach(people, choice), label="Members", tight=True, open=True),
        rows_skeleton(3),
        empty=(size_of(found.value) == 0, nobody),
    )
