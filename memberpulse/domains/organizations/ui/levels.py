"""The page of membership levels."""

from typing import Any

import reflex as rx

from memberpulse.domains.organizations.levels.mutations import (
    archive_level,
    create_level,
    edit_level,
    move_level,
    restore_level,
    set_time_zone,
)
from memberpulse.domains.organizations.levels.queries import list_levels
from memberpulse.domains.organizations.levels.rules import MAX_DESCRIPTION_CHARACTERS, MAX_NAME_CHARACTERS
from memberpulse.domains.organizations.levels.schemas import LevelRow, Levels
from memberpulse.ui.components import (
    DialogHandle,
    badge,
    button,
    close_button,
    dialog,
    empty_state,
    error_state,
    menu,
    menu_item,
    note,
    rows,
    rows_skeleton,
    text_field,
)
from memberpulse.ui.expressions import at_ends, expression, size_of, text_of
from memberpulse.ui.layout import settings_page
from memberpulse.ui.live import busy, live, live_form, problem, run
from memberpulse.ui.page import page
from memberpulse.ui.settings import settings_form, zone_field

_new = DialogHandle("new-level")
_edit = DialogHandle("edit-level")


@page("/settings/levels", "Membership levels", requires="levels.manage", sheets=("rights",))
def levels_page() -> rx.Component:
    levels = live(list_levels)
    none = empty_state(
        "There are no membership levels yet",
        "A level says what kind of member somebody is, and until when.",
        button("New level", kind="ink", icon="plus", on_click=_new.open()),
    )
    return settings_page(
        "Membership levels",
        levels.view(
            _levels,
            rows_skeleton(4, avatars=False, label="Loading levels"),
            empty=(size_of(levels.value.rows) == 0, none),
            failed=error_state(levels, what="The levels"),
        ),
        dialog(_new, _new_form(), title="New level"),
        dialog(_edit, _edit_form(level=_edit.subject("level")), title="Edit the level"),
        requires="levels.manage",
        lede="What kinds of membership there are, and how long each lasts. Nobody loses a right when a membership "
        "lapses: it is shown, and you decide.",
    )


def _levels(found: Levels) -> rx.Component:
    return rx.fragment(
        rows(rx.foreach(found.rows, lambda level, index: _row(level, *at_ends(found.rows, index))), label="Levels"),
        rx.el.div(
            button("New level", kind="ink", icon="plus", on_click=_new.open()), class_name="settings-foot rights-foot"
        ),
        _zone_form(found.time_zone),
    )


def _zone_form(zone: Any) -> rx.Component:
    refused = problem(set_time_zone)
    return settings_form(
        set_time_zone,
        zone_field(
            "Time zone",
            value=zone,
            hint="Where a day begins and ends, for everything that is valid until a day.",
            error=refused.field("time_zone"),
        ),
        values={"time_zone": zone},
        words={"time_zone": "Time zone"},
        done="Time zone saved",
        undo=lambda before: run(set_time_zone, time_zone=before),
    )


def _row(level: LevelRow, is_first: Any, is_last: Any) -> rx.Component:
    counts = rx.el.span(
        rx.el.span(expression("({0} === 1 ? '1 member' : `${{0}} members`)", level.members), class_name="meta tn"),
        rx.cond(level.grace > 0, badge(rx.fragment(level.grace, " in grace"), kind="warn"), rx.fragment()),
        rx.cond(level.lapsed > 0, badge(rx.fragment(level.lapsed, " lapsed"), kind="danger"), rx.fragment()),
        class_name="row wrap rights-counts",
    )
    name = rx.el.span(
        rx.el.bdi(level.name, class_name="strong"),
        rx.cond(level.archived, badge("Archived", kind="line"), rx.fragment()),
        class_name="row",
    )
    return rx.el.li(
        rx.el.div(
            name,
            rx.el.span(
                level.lasts, rx.cond(level.description, rx.fragment(". ", level.description), ""), class_name="meta"
            ),
            class_name="grow col",
        ),
        counts,
        _more(level, is_first, is_last),
        key=text_of(level.id),
        class_name="rights-row",
    )


def _more(level: LevelRow, is_first: Any, is_last: Any) -> rx.Component:
    archive = run(
        archive_level,
        level_id=level.id,
        done=expression("`${{0}} is archived; who has it keeps it`", level.name),
        undo=run(restore_level, level_id=level.id),
    )
    standing = rx.fragment(
        menu_item("Edit", icon="pencil", on_select=_edit.open(level=level)),
        menu_item("Move up", icon="arrow_up", off=is_first, on_select=run(move_level, level_id=level.id, up=True)),
        menu_item("Move down", icon="arrow_down", off=is_last, on_select=run(move_level, level_id=level.id, up=False)),
        menu_item("Archive", icon="archive", on_select=archive, hint="Given to nobody any more"),
    )
    back = menu_item("Bring back", icon="archive_restore", on_select=run(restore_level, level_id=level.id))
    return menu(
        rx.cond(level.archived, rx.fragment(back), standing),
        icon="ellipsis",
        size="small",
        label=expression("`More for ${{0}}`", level.name),
        title=level.name,
        width="15rem",
    )


@rx.memo
def _new_form() -> rx.Component:
    refused = problem(create_level)
    return live_form(
        create_level,
        *_fields(refused, None),
        _foot("Create the level", create_level),
        then=_new.close(),
        class_name="col g4",
        aria_label="New level",
    )


@rx.memo
def _edit_form(level: rx.Var[LevelRow]) -> rx.Component:
    refused = problem(edit_level)
    each: Any = level
    return live_form(
        edit_level,
        *_fields(refused, each),
        rx.el.p("What members have paid for stays: a new length counts from their next renewal.", class_name="hint"),
        _foot("Save", edit_level),
        arguments={"level_id": each.id},
        reset=False,
        then=_edit.close(),
        class_name="col g4",
        aria_label="Edit the level",
    )


def _fields(refused: Any, level: Any) -> list[rx.Component]:
    def given(name: str) -> dict[str, Any]:
        return {} if level is None else {"default_value": expression("({0} ?? '')", getattr(level, name))}

    grace: dict[str, Any] = {"default_value": "0"} if level is None else given("grace_days")
    beside = (
        refused.field("name") | refused.field("description") | refused.field("months") | refused.field("grace_days")
    )
    general = rx.cond(
        (refused.message != "") & ~beside, note(refused.message, kind="danger", role="alert"), rx.fragment()
    )
    return [
        general,
        text_field("Name", name="name", error=refused.field("name"), max_length=MAX_NAME_CHARACTERS, **given("name")),
        text_field(
            "Description",
            name="description",
            error=refused.field("description"),
            max_length=MAX_DESCRIPTION_CHARACTERS,
            **given("description"),
        ),
        text_field(
            "Lasts",
            name="months",
            type="number",
            suffix="months",
            hint="Leave it empty for a membership without end.",
            error=refused.field("months"),
            min=1,
            **given("months"),
        ),
        text_field(
            "Grace",
            name="grace_days",
            type="number",
            suffix="days",
            hint="For so long after its end it can be renewed as if it had been in time.",
            error=refused.field("grace_days"),
            min=0,
            **grace,
        ),
    ]


def _foot(verb: str, mutation: Any) -> rx.Component:
    return rx.el.div(
        rx.el.span(
            close_button("Cancel", kind="secondary"),
            button(verb, kind="ink", submit=True, busy=busy(mutation)),
            class_name="push row",
        ),
        class_name="row",
    )
