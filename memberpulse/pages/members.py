"""The members page: who belongs to the organization, who is there, and what they may do."""

from typing import Any

import reflex as rx

from memberpulse.domains.organizations.exporting import prepare_export
from memberpulse.domains.organizations.levels.queries import list_level_choices
from memberpulse.domains.organizations.levels.schemas import LevelChoice
from memberpulse.domains.organizations.queries import get_viewer
from memberpulse.domains.organizations.schemas import MemberList, MemberRow
from memberpulse.domains.organizations.ui.components import (
    manages_members,
    member_menu,
    members_placeholder,
    members_query,
    removal_dialog,
    role_menu,
)
from memberpulse.domains.organizations.ui.directory import filter_select, standing_badge
from memberpulse.domains.organizations.ui.invite import invite_button, invite_dialogs
from memberpulse.domains.organizations.ui.places import members_nav
from memberpulse.domains.presence.queries import count_active
from memberpulse.domains.presence.ui.components import seen_marks, seen_of, seen_words
from memberpulse.ui.address import address_value, clear_address, set_address
from memberpulse.ui.components import (
    Column,
    avatar,
    button,
    cell,
    error_state,
    filtered_empty,
    head,
    row_keys,
    search_field,
    segmented,
    table,
    table_row,
    table_skeleton,
    toolbar,
)
from memberpulse.ui.expressions import expression, may, number, text_of
from memberpulse.ui.layout import KeyHelp, app_page
from memberpulse.ui.live import LiveList, busy, live, live_list, run
from memberpulse.ui.page import page

_ROLES = (("", "All"), ("owner", "Owners"), ("admin", "Admins"), ("creator", "Creators"), ("member", "Members"))
_STANDINGS = (("", "Every standing"), ("active", "Active"), ("grace", "In grace"), ("lapsed", "Lapsed"))
_KEYS = (KeyHelp("/", "Search members"), KeyHelp("J K", "Move"), KeyHelp("↵", "Change the role"))


@page("/members", "Members", requires="members.view")
def members_page() -> rx.Component:
    members = _members()
    return app_page(
        "Members",
        members_nav(),
        _tools(members),
        members.view(
            _table,
            table_skeleton(5, 12, label="Loading members"),
            empty=(members.value.matching == 0, _none()),
            failed=error_state(members, what="The list"),
        ),
        removal_dialog(),
        invite_dialogs(),
        row_keys("tr[data-row]", opens="[aria-haspopup=menu]"),
        heading=_head(members),
        action=rx.cond(may(live(get_viewer).value, "invitations.manage"), invite_button(), rx.fragment()),
        keys=_KEYS,
    )


def _members() -> LiveList[MemberList]:
    role: Any = expression("{0} || null", address_value("role"), kind=str)
    level: Any = expression("({0} && {1} || null)", manages_members(), address_value("level"))
    standing: Any = expression("({0} && {1} || null)", manages_members(), address_value("standing"))
    return live_list(members_query(), search=address_value("q"), role=role, level_id=level, standing=standing)


def _head(members: LiveList[MemberList]) -> rx.Component:
    online = live(count_active).value.online
    here = rx.cond(online, rx.fragment(", ", rx.el.span(number(online), class_name="tn"), " online"), rx.fragment())
    total = rx.el.span(rx.el.span(number(members.value.total), class_name="tn"), here, class_name="meta")
    roles = segmented(_ROLES, value=address_value("role"), on_change=set_address("role"), label="Role")
    return head(rx.cond(members.value.total, total, rx.fragment()), title="Members", actions=(roles,))


def _tools(members: LiveList[MemberList]) -> rx.Component:
    filtered = (members.status == "ready") & (members.value.matching != members.value.total)
    match = rx.cond(filtered, rx.fragment(number(members.value.matching), " match"), "")
    return toolbar(
        search_field(
            label="Search members",
            placeholder=members_placeholder(),
            value=address_value("q"),
            on_search=set_address("q"),
        ),
        rx.cond(manages_members(), rx.fragment(_level_filter(), _standing_filter()), rx.fragment()),
        rx.el.span(match, class_name="push meta tn", role="status"),
        rx.cond(may(live(get_viewer).value, "members.export"), _export(), rx.fragment()),
    )


def _export() -> rx.Component:
    fetch = expression("(path) => window.location.assign(path)", kind=Any)
    return button(
        "Export",
        icon="download",
        on_click=run(prepare_export, then=fetch, done="The file is on its way"),
        busy=busy(prepare_export),
        label="Export the members as CSV",
    )


@rx.memo
def _level_filter() -> rx.Component:
    known: Any = expression("({0} ?? [])", live(list_level_choices).value, kind=list[LevelChoice])
    options = rx.foreach(
        known.to(list[LevelChoice]), lambda each: rx.el.option(each.name, value=text_of(each.id), key=text_of(each.id))
    )
    return filter_select("level", "Level", rx.el.option("Every level", value=""), options)


def _standing_filter() -> rx.Component:
    return filter_select("standing", "Standing", *[rx.el.option(words, value=value) for value, words in _STANDINGS])


def _columns() -> tuple[Column, ...]:
    return (
        Column("Member"),
        Column("Role", phone=False, width="9rem"),
        Column("Level", phone=False, width="12rem", shown=manages_members()),
        Column("State", width="9rem"),
        Column("Actions", hidden_title=True, width="4rem"),
    )


def _table(found: MemberList) -> rx.Component:
    marks, members = seen_marks(), _members()
    scope = expression("`${{0}}:${{1}}:${{2}}`", address_value("q"), address_value("role"), members.pages)
    more = button("Show more", on_click=members.more, busy=members.loading_more)
    return rx.fragment(
        table(
            rx.foreach(found.rows, lambda member: _row(member, marks)),
            columns=_columns(),
            label="Members",
            size="people",
            scope=scope,
        ),
        rx.cond(members.has_more, rx.el.div(more, class_name="more-row"), rx.fragment()),
    )


def _row(member: MemberRow, marks: Any) -> rx.Component:
    person = member.person
    late = rx.cond(
        member.state.standing == "active", "", rx.cond(member.state.words, rx.fragment(", ", member.state.words), "")
    )
    role = rx.el.span(member.role_name, late, rx.cond(member.email, ", ", ""), class_name="only-s2")
    names = rx.el.span(
        rx.el.bdi(person.name, class_name="strong cut block"),
        rx.el.span(role, member.email, class_name="meta cut"),
        class_name="col",
    )
    return table_row(
        cell(rx.el.div(avatar(person, seen=seen_of(marks, person.id)), names, class_name="who")),
        cell(role_menu(member)),
        cell(_level(member)),
        cell(seen_words(marks, person.id)),
        cell(member_menu(member), actions=True),
        key=text_of(member.id),
        tab_index=-1,
        custom_attrs={"data-row": ""},
    )


def _level(member: MemberRow) -> rx.Component:
    shown = rx.el.span(
        rx.el.span(member.state.level, class_name="cut"),
        rx.cond(member.state.standing == "active", rx.fragment(), standing_badge(member.state)),
        class_name="row",
    )
    return rx.cond(member.state.level, shown, rx.el.span("None", class_name="faint"))


def _none() -> rx.Component:
    searched = address_value("q")
    by_search = filtered_empty(
        rx.fragment("Nobody here is called ", rx.el.b("“", rx.el.bdi(searched), "”"), "."),
        drop="Clear the search",
        on_drop=set_address("q").partial(""),
    )
    by_filter = filtered_empty(
        "Nobody fits this.", drop="Show everyone", on_drop=clear_address("role", "level", "standing")
    )
    return rx.cond(searched, by_search, by_filter)
