"""The directory of those who chose to be found, and the page on which everybody chooses."""

from typing import Any

import reflex as rx
from reflex.vars.function import FunctionVar

from memberpulse.domains.organizations.directory.mutations import show_field, show_in_directory
from memberpulse.domains.organizations.directory.queries import get_listed_person, get_my_membership, list_directory
from memberpulse.domains.organizations.directory.schemas import (
    DirectoryList,
    DirectoryPerson,
    DirectoryRow,
    MyMembership,
    ShareChoice,
    ShownField,
)
from memberpulse.domains.organizations.levels.queries import list_level_choices
from memberpulse.domains.organizations.levels.schemas import LevelChoice
from memberpulse.domains.organizations.ui.filling import fields_list, fill_dialog
from memberpulse.ui.address import address_value, clear_address, set_address
from memberpulse.ui.components import (
    DialogHandle,
    avatar,
    badge,
    button,
    dialog,
    empty_state,
    error_state,
    filtered_empty,
    head,
    icon,
    link_button,
    note,
    relative_time,
    rows,
    rows_skeleton,
    search_field,
    switch,
    toolbar,
)
from memberpulse.ui.expressions import expression, number, text_of
from memberpulse.ui.layout import KeyHelp, app_page
from memberpulse.ui.live import live, live_list, run
from memberpulse.ui.page import page
from memberpulse.ui.settings import setting

_person = DialogHandle("directory-person")


@page("/directory", "Directory", requires="directory.view", sheets=("rights",))
def directory_page() -> rx.Component:
    found = _found()
    me = live(get_my_membership)
    return app_page(
        "Directory",
        rx.cond(
            expression("{0} === 'ready' && !{1}.chosen", me.status, me.value, kind=bool),
            rx.fragment(_invitation()),
            rx.fragment(),
        ),
        toolbar(
            search_field(
                label="Search the directory",
                placeholder="Name",
                value=address_value("q"),
                on_search=set_address("q"),
            ),
            _level_filter(),
            _city_filter(cities=found.value.cities),
        ),
        found.view(
            _list,
            rows_skeleton(10, label="Loading the directory"),
            empty=(found.value.matching == 0, _none(found.value.total)),
            failed=error_state(found, what="The directory"),
        ),
        dialog(_person, _card(membership_id=_person.subject("id")), title=_person.subject("name")),
        heading=head(
            rx.cond(
                found.value.total,
                rx.el.span(number(found.value.total), " listed", class_name="meta tn"),
                rx.fragment(),
            ),
            title="Directory",
            actions=(link_button("What I show", href="/directory/me", icon="eye"),),
        ),
        keys=(KeyHelp("/", "Search the directory"),),
    )


def _found() -> Any:
    level: Any = expression("({0} || null)", address_value("level"))
    return live_list(list_directory, search=address_value("q"), level_id=level, city=address_value("city"))


def _invitation() -> rx.Component:
    return rx.el.div(
        note(
            rx.el.b("Would you like to be found here? "),
            "Nobody sees you in the directory until you say so, and then only what you choose.",
            action=rx.el.span(
                button("Not now", size="small", kind="quiet", on_click=_show("listed", False)),
                link_button("Choose what to show", href="/directory/me", size="small"),
                class_name="row wrap",
            ),
        ),
        class_name="rights-banner",
    )


def _show(what: str, shown: Any, **options: Any) -> Any:
    return run(show_in_directory, what=what, shown=shown, **options)


def picked(name: str) -> Any:
    """What a select reports, into the address."""
    reported = expression("(event) => ({0})(event.target.value)", set_address(name), kind=Any)
    return reported.to(FunctionVar)


def filter_select(name: str, label: str, *options: Any) -> rx.Component:
    """A compact choice in a toolbar, kept in the address."""
    return rx.el.span(
        rx.el.select(*options, aria_label=label, class_name="sel", value=address_value(name), on_change=picked(name)),
        icon("chevron_down"),
        class_name="input rights-filter",
    )


@rx.memo
def _level_filter() -> rx.Component:
    levels = live(list_level_choices)
    known: Any = expression("({0} ?? [])", levels.value, kind=list[LevelChoice])
    options = rx.foreach(
        known.to(list[LevelChoice]), lambda each: rx.el.option(each.name, value=text_of(each.id), key=text_of(each.id))
    )
    return filter_select("level", "Level", rx.el.option("Every level", value=""), options)


@rx.memo
def _city_filter(cities: rx.Var[list[str]]) -> rx.Component:
    known: Any = expression("({0} ?? [])", cities, kind=list[str])
    options = rx.foreach(known.to(list[str]), lambda each: rx.el.option(each, value=each, key=each))
    return filter_select("city", "City", rx.el.option("Every city", value=""), options)


def _list(found: DirectoryList) -> rx.Component:
    members = _found()
    scope = expression("`${{0}}:${{1}}:${{2}}`", address_value("q"), address_value("level"), address_value("city"))
    more = button("Show more", on_click=members.more, busy=members.loading_more)
    return rx.fragment(
        rows(rx.foreach(found.rows, _row), label="Directory", scope=scope),
        rx.cond(members.has_more, rx.el.div(more, class_name="more-row"), rx.fragment()),
    )


def _row(each: DirectoryRow) -> rx.Component:
    name = rx.el.button(
        rx.el.bdi(each.person.name, class_name="strong"),
        type="button",
        class_name="rights-open",
        on_click=_person.open(id=each.id, name=each.person.name),
    )
    return rx.el.li(
        avatar(each.person, size="large"),
        rx.el.div(name, rx.el.span(rx.el.bdi(each.city), class_name="meta cut"), class_name="grow col"),
        rx.cond(each.level, badge(each.level), rx.fragment()),
        rx.cond(each.email, rx.el.span(each.email, class_name="meta cut only-l"), rx.fragment()),
        key=text_of(each.id),
        class_name="rights-listed",
    )


def _none(total: Any) -> rx.Component:
    searched = filtered_empty(
        "Nobody who is listed fits this.", drop="Show everyone", on_drop=clear_address("q", "level", "city")
    )
    first = empty_state(
        "Nobody is listed yet",
        "Members appear here when they choose to. Be the first.",
        link_button("Choose what to show", href="/directory/me", kind="ink"),
    )
    return rx.cond(total, searched, first)


@rx.memo
def _card(membership_id: rx.Var[str]) -> rx.Component:
    chosen: Any = membership_id
    person = live(get_listed_person, membership_id=chosen)
    return person.view(
        _person_card,
        rows_skeleton(3, avatars=False, label="Loading"),
        forbidden=note("This person is not in the directory any more.", role="status"),
        failed=error_state(person, what="This person", small=True),
    )


def _person_card(person: DirectoryPerson) -> rx.Component:
    fields: Any = person.fields
    nothing: Any = expression(
        "!({0} || {1} || {2} || ({3} ?? []).length)", person.email, person.city, person.level, fields, kind=bool
    )

    def line(name: str, value: Any, shown: Any = None) -> rx.Component:
        told = rx.el.div(rx.el.dt(name), rx.el.dd(shown if shown is not None else rx.el.bdi(value)))
        return rx.cond(value, told, rx.fragment())

    mail = rx.el.a(person.email, href=expression("`mailto:${{0}}`", person.email))
    return rx.el.div(
        rx.el.div(
            avatar(person.person, size="huge"),
            rx.el.span("Member since ", relative_time(person.joined_at, form="date"), class_name="soft"),
            class_name="row g3",
        ),
        rx.el.dl(
            line("E-mail", person.email, mail),
            line("City", person.city),
            line("Level", person.level),
            rx.foreach(
                fields.to(list[ShownField]),
                lambda each: rx.el.div(rx.el.dt(each.name), rx.el.dd(rx.el.bdi(each.words)), key=each.name),
            ),
            class_name="rights-card",
        ),
        rx.cond(nothing, rx.el.p("This is all that they show.", class_name="meta"), rx.fragment()),
        class_name="col g4",
    )


@page("/directory/me", "Your membership", requires="directory.view", sheets=("rights", "settings"))
def my_membership_page() -> rx.Component:
    me = live(get_my_membership)
    return app_page(
        "Your membership",
        me.view(
            _mine,
            rows_skeleton(8, avatars=False, label="Loading your membership"),
            failed=error_state(me, what="Your membership"),
        ),
        fill_dialog(),
        heading=head(title="Your membership", actions=(link_button("Directory", href="/directory", icon="book_user"),)),
    )


def _mine(me: MyMembership) -> rx.Component:
    shares: Any = me.shares
    fields: Any = me.fields
    details = setting(
        rx.cond(
            expression("({0} ?? []).length", fields, kind=int) > 0,
            fields_list(fields, membership_id=me.membership_id),
            rx.el.p("Nothing else is kept about you here.", class_name="meta"),
        ),
        title="Details",
        hint="What this organization keeps about you.",
    )
    return rx.el.div(
        setting(_membership(me), title="Membership"),
        setting(
            _switch("Be listed in the directory", "listed", me.listed),
            rx.cond(
                me.listed,
                rx.el.div(
                    _switch("E-mail address", "email", me.shows_email, me.email),
                    _switch("City", "city", me.shows_city, me.city),
                    _switch("Membership level", "level", me.shows_level, me.state.level),
                    rx.foreach(shares.to(list[ShareChoice]), _share),
                    class_name="col g2 rights-shows",
                ),
                rx.el.p("Nobody finds you there. What you chose to show is kept for later.", class_name="meta"),
            ),
            title="Directory",
            hint="Your name and picture, and what you switch on, are shown to the other members.",
        ),
        details,
        class_name="rights-mine",
    )


def _membership(me: MyMembership) -> rx.Component:
    return rx.el.dl(
        rx.el.div(rx.el.dt("Role"), rx.el.dd(me.role)),
        rx.el.div(rx.el.dt("Member since"), rx.el.dd(relative_time(me.joined_at, form="date"))),
        rx.cond(
            me.state.level,
            rx.el.div(rx.el.dt("Level"), rx.el.dd(rx.el.span(me.state.level), " ", standing_badge(me.state))),
            rx.fragment(),
        ),
        class_name="rights-card",
    )


def standing_badge(state: Any) -> rx.Component:
    """How a membership stands, as a word; nothing for one without end."""
    return rx.cond(
        state.words,
        rx.match(
            state.standing,
            ("grace", badge(state.words, kind="warn")),
            ("lapsed", badge(state.words, kind="danger")),
            badge(state.words, kind="line"),
        ),
        rx.fragment(),
    )


def _switch(label: str, what: str, shown: Any, value: Any = None) -> rx.Component:
    words: list[Any] = [rx.el.span(label, class_name="block")]
    if value is not None:
        words.append(
            rx.cond(value, rx.el.bdi(value, class_name="meta"), rx.el.span("Not filled in", class_name="meta"))
        )
    return switch(
        rx.el.span(*words, class_name="grow"), checked=shown, on_change=run(show_in_directory, what=what, shown=~shown)
    )


def _share(each: ShareChoice) -> rx.Component:
    shown: Any = each.shown
    words = rx.el.span(
        rx.el.span(each.name, class_name="block"),
        rx.cond(each.words, rx.el.bdi(each.words, class_name="meta"), rx.el.span("Not filled in", class_name="meta")),
        class_name="grow",
    )
    return rx.el.div(
        switch(words, checked=shown, on_change=run(show_field, field_id=each.id, shown=~shown)), key=text_of(each.id)
    )
