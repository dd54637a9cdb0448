"""The page of one member, for those who look after members."""

from typing import Any

import reflex as rx

from memberpulse.domains.organizations.levels.mutations import change_level, renew_membership
from memberpulse.domains.organizations.levels.queries import list_level_choices
from memberpulse.domains.organizations.levels.schemas import LevelChoice
from memberpulse.domains.organizations.queries import get_member
from memberpulse.domains.organizations.schemas import MemberDetail
from memberpulse.domains.organizations.ui.components import member_menu, removal_dialog, role_menu
from memberpulse.domains.organizations.ui.directory import standing_badge
from memberpulse.domains.organizations.ui.filling import fields_list, fill_dialog
from memberpulse.ui.address import address_value
from memberpulse.ui.components import (
    DialogHandle,
    avatar,
    button,
    close_button,
    dialog,
    error_state,
    link_button,
    menu,
    menu_choice,
    note,
    relative_time,
    rows_skeleton,
    text_field,
)
from memberpulse.ui.expressions import expression, size_of, text_of
from memberpulse.ui.layout import app_page
from memberpulse.ui.live import busy, live, live_form, problem, run
from memberpulse.ui.page import page
from memberpulse.ui.settings import setting
from memberpulse.ui.trail import Trail

_end = DialogHandle("membership-end")


@page("/members/person", "Member", requires="members.manage", sheets=("rights", "settings"))
def member_page() -> rx.Component:
    chosen = address_value("id")
    return app_page(
        "Member",
        rx.cond(
            chosen,
            _member(membership_id=chosen),
            _nobody("Choose somebody on the members page."),
        ),
        dialog(
            _end,
            _end_form(
                membership_id=_end.subject("id"), level_id=_end.subject("level_id"), renews_on=_end.subject("renews_on")
            ),
            title="Valid until",
            lead="The last day that is paid for.",
        ),
        fill_dialog(),
        removal_dialog(),
        heading=rx.fragment(),
        crumb=Trail((("Members", "/members"),), "Member"),
    )


@rx.memo
def _member(membership_id: rx.Var[str]) -> rx.Component:
    chosen: Any = membership_id
    found = live(get_member, membership_id=chosen)
    return found.view(
        _detail,
        rows_skeleton(8, label="Loading the member"),
        forbidden=_nobody("This person is not a member, or not any more."),
        failed=error_state(found, what="The member"),
    )


def _nobody(words: str) -> rx.Component:
    return rx.el.div(rx.el.h1("Member", class_name="t20"), note(words, role="status"), class_name="rights-mine col g4")


def _detail(found: MemberDetail) -> rx.Component:
    member = found.member
    fields: Any = found.fields
    why = expression("`/settings/permissions/why?person=${{0}}`", member.id)
    return rx.el.div(
        rx.el.header(
            avatar(member.person, size="huge"),
            rx.el.div(
                rx.el.h1(rx.el.bdi(member.person.name), class_name="t20", tab_index=-1),
                rx.el.p(member.email, class_name="meta"),
                class_name="grow col",
            ),
            member_menu(member),
            class_name="rights-title",
        ),
        rx.cond(
            found.deactivated,
            note("This account is deactivated: nobody can sign in with it.", kind="warn"),
            rx.fragment(),
        ),
        setting(
            rx.el.div(
                role_menu(member),
                link_button("Why can or can’t they…?", href=why, size="small", icon="circle_help"),
                class_name="row wrap g3",
            ),
            title="Role",
        ),
        setting(_level(found), title="Level"),
        setting(relative_time(member.joined_at, form="date"), title="Joined"),
        setting(
            rx.cond(found.listed, "Listed, with what they chose to show", "Not listed"),
            title="Directory",
            hint="Everybody decides that for themselves.",
        ),
        setting(
            rx.cond(
                size_of(fields) > 0,
                fields_list(fields, membership_id=member.id),
                rx.el.p("No fields are set up.", class_name="meta"),
            ),
            title="Details",
        ),
        class_name="rights-mine",
    )


def _level(found: MemberDetail) -> rx.Component:
    member, state = found.member, found.member.state
    undo = run(change_level, membership_id=member.id, level_id=state.level_id, renews_on=state.renews_on)
    renew = button(
        "Renew",
        size="small",
        icon="calendar_check",
        on_click=run(
            renew_membership,
            membership_id=member.id,
            ends_on=state.renews_on,
            done=expression("`${{0}} is renewed`", member.person.name),
            undo=undo,
        ),
    )
    move = button(
        "Change the date",
        size="small",
        kind="quiet",
        on_click=_end.open(id=member.id, level_id=state.level_id, renews_on=state.renews_on),
    )
    return rx.el.div(
        rx.el.div(_level_menu(found=found), standing_badge(state), class_name="row wrap"),
        rx.cond(found.renewable, rx.el.div(renew, move, class_name="row wrap"), rx.fragment()),
        class_name="col g2",
    )


@rx.memo
def _level_menu(found: rx.Var[MemberDetail]) -> rx.Component:
    each: Any = found
    member = each.member
    levels = live(list_level_choices)
    known: Any = expression("({0} ?? [])", levels.value, kind=list[LevelChoice])
    undo = run(change_level, membership_id=member.id, level_id=member.state.level_id, renews_on=member.state.renews_on)

    def choice(level: LevelChoice) -> rx.Component:
        return menu_choice(
            level.name,
            checked=text_of(level.id) == text_of(member.state.level_id),
            hint=level.about,
            on_select=run(
                change_level,
                membership_id=member.id,
                level_id=level.id,
                done=expression("`${{0}} is ${{1}} now`", member.person.name, level.name),
                undo=undo,
            ),
            key=text_of(level.id),
        )

    none = menu_choice(
        "No level",
        checked=member.state.level == "",
        on_select=run(
            change_level,
            membership_id=member.id,
            level_id=None,
            done=expression("`${{0}} has no level now`", member.person.name),
            undo=undo,
        ),
    )
    shown = rx.cond(member.state.level, member.state.level, "No level")
    return menu(
        rx.foreach(known.to(list[LevelChoice]), choice),
        none,
        shown=rx.fragment(shown, rx.icon("chevron_down", class_name="i", aria_hidden="true")),
        label=expression("`Level of ${{0}}: ${{1}}`", member.person.name, shown),
        title=member.person.name,
        class_name="rolebtn",
        align="start",
        width="17rem",
    )


@rx.memo
def _end_form(membership_id: rx.Var[str], level_id: rx.Var[str], renews_on: rx.Var[str]) -> rx.Component:
    refused = problem(change_level)
    error = refused.field("renews_on")
    return live_form(
        change_level,
        rx.cond((refused.message != "") & ~error, note(refused.message, kind="danger", role="alert"), rx.fragment()),
        text_field("Valid until", name="renews_on", type="date", error=error, default_value=renews_on),
        rx.el.div(
            rx.el.span(
                close_button("Cancel", kind="secondary"),
                button("Save", kind="ink", submit=True, busy=busy(change_level)),
                class_name="push row",
            ),
            class_name="row",
        ),
        arguments={"membership_id": membership_id, "level_id": level_id},
        reset=False,
        then=_end.close(),
        class_name="col g4",
        aria_label="Valid until",
    )
