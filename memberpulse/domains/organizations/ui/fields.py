"""The page of the fields that are kept about members."""

from typing import Any

import reflex as rx

from memberpulse.domains.organizations.fields.mutations import (
    archive_field,
    create_field,
    edit_field,
    move_field,
    restore_field,
)
from memberpulse.domains.organizations.fields.queries import list_fields
from memberpulse.domains.organizations.fields.rules import MAX_HINT_CHARACTERS, MAX_NAME_CHARACTERS
from memberpulse.domains.organizations.fields.schemas import FieldRow
from memberpulse.ui.components import (
    DialogHandle,
    badge,
    button,
    checkbox,
    close_button,
    dialog,
    empty_state,
    error_state,
    icon_button,
    menu,
    menu_item,
    note,
    rows,
    rows_skeleton,
    select_field,
    text_area,
    text_field,
)
from memberpulse.ui.expressions import at_ends, expression, size_of, text_of
from memberpulse.ui.layout import settings_page
from memberpulse.ui.live import busy, live, live_form, problem, run
from memberpulse.ui.page import page

KINDS = (
    ("text", "Text"),
    ("long_text", "Long text"),
    ("number", "Number"),
    ("date", "Date"),
    ("choice", "Choice"),
    ("yes_no", "Yes or no"),
)
_SEEN = (
    ("admins", "Admins only"),
    ("self", "The member and admins"),
    ("members", "All members, if the member shows it"),
)
_EDITED = (("admins", "Admins"), ("self", "The member, and admins"))

_new = DialogHandle("new-field")
_edit = DialogHandle("edit-field")


@page("/settings/fields", "Member details", requires="fields.manage", sheets=("rights",))
def fields_page() -> rx.Component:
    fields = live(list_fields)
    none = empty_state(
        "Nothing but name and address is kept yet",
        "Add what you need to know of everybody, such as a safety course or an emergency contact.",
        button("New field", kind="ink", icon="plus", on_click=_new.open()),
    )

    def ready(found: list[FieldRow]) -> rx.Component:
        return rx.fragment(
            rows(rx.foreach(found, lambda field, index: _row(field, *at_ends(found, index))), label="Fields"),
            rx.el.div(button("New field", kind="ink", icon="plus", on_click=_new.open()), class_name="settings-foot"),
        )

    return settings_page(
        "Member details",
        fields.view(
            ready,
            rows_skeleton(5, avatars=False, label="Loading fields"),
            empty=(size_of(fields.value) == 0, none),
            failed=error_state(fields, what="The fields"),
        ),
        dialog(_new, _new_form(), title="New field"),
        dialog(_edit, _edit_form(field=_edit.subject("field")), title="Edit the field"),
        requires="fields.manage",
        lede="What you keep about every member, who fills it in, and who sees it.",
    )


def _words(value: Any, pairs: tuple[tuple[str, str], ...]) -> Any:
    return rx.match(value, *pairs, "")


def _row(field: FieldRow, is_first: Any, is_last: Any) -> rx.Component:
    name = rx.el.span(
        rx.el.bdi(field.name, class_name="strong"),
        rx.cond(field.required, badge("Needed", kind="line"), rx.fragment()),
        rx.cond(field.archived, badge("Archived", kind="line"), rx.fragment()),
        class_name="row",
    )
    about = rx.el.span(
        _words(field.kind, KINDS),
        ". Seen by ",
        _words(field.seen_by, (("admins", "admins"), ("self", "the member and admins"), ("members", "all members"))),
        ", filled in by ",
        _words(field.edited_by, (("admins", "admins"), ("self", "the member"))),
        ".",
        class_name="meta",
    )
    moves = rx.el.span(
        icon_button(
            "arrow_up",
            label=expression("`Move ${{0}} up`", field.name),
            size="small",
            off=is_first,
            on_click=run(move_field, field_id=field.id, up=True),
        ),
        icon_button(
            "arrow_down",
            label=expression("`Move ${{0}} down`", field.name),
            size="small",
            off=is_last,
            on_click=run(move_field, field_id=field.id, up=False),
        ),
        class_name="row g1",
    )
    return rx.el.li(
        rx.el.div(name, about, class_name="grow col"),
        rx.el.span(expression("`${{0}} filled in`", field.filled), class_name="meta nowrap tn"),
        rx.cond(field.archived, rx.fragment(), moves),
        _more(field),
        key=text_of(field.id),
        class_name="rights-row",
    )


def _more(field: FieldRow) -> rx.Component:
    archive = run(
        archive_field,
        field_id=field.id,
        done=expression("`${{0}} is archived; what it holds is kept`", field.name),
        undo=run(restore_field, field_id=field.id),
    )
    standing = rx.fragment(
        menu_item("Edit", icon="pencil", on_select=_edit.open(field=field)),
        menu_item("Archive", icon="archive", on_select=archive, hint="Asked of nobody any more"),
    )
    back = menu_item("Bring back", icon="archive_restore", on_select=run(restore_field, field_id=field.id))
    return menu(
        rx.cond(field.archived, rx.fragment(back), standing),
        icon="ellipsis",
        size="small",
        label=expression("`More for ${{0}}`", field.name),
        title=field.name,
        width="15rem",
    )


@rx.memo
def _new_form() -> rx.Component:
    return live_form(
        create_field,
        *_fields(problem(create_field), None),
        _foot("Add the field", create_field),
        then=_new.close(),
        class_name="col g4",
        aria_label="New field",
    )


@rx.memo
def _edit_form(field: rx.Var[FieldRow]) -> rx.Component:
    each: Any = field
    return live_form(
        edit_field,
        *_fields(problem(edit_field), each),
        _foot("Save", edit_field),
        arguments={"field_id": each.id},
        reset=False,
        then=_edit.close(),
        class_name="col g4",
        aria_label="Edit the field",
    )


def _fields(refused: Any, field: Any) -> list[rx.Component]:
    def given(name: str, otherwise: str = "") -> dict[str, Any]:
        if field is None:
            return {"default_value": otherwise} if otherwise else {}
        return {"default_value": getattr(field, name)}

    beside: Any = refused.field("name")
    for name in ("hint", "options", "edited_by"):
        beside = beside | refused.field(name)
    options = {} if field is None else {"default_value": expression("({0} ?? []).join('\\n')", field.options)}
    ticked = {} if field is None else {"default_checked": field.required}
    return [
        rx.cond((refused.message != "") & ~beside, note(refused.message, kind="danger", role="alert"), rx.fragment()),
        text_field("Name", name="name", error=refused.field("name"), max_length=MAX_NAME_CHARACTERS, **given("name")),
        select_field("Kind", name="kind", options=KINDS, **given("kind", "text")),
        text_area(
            "Options",
            name="options",
            rows=3,
            hint="For a choice: one a line.",
            error=refused.field("options"),
            **options,
        ),
        text_field(
            "Hint",
            name="hint",
            hint="Stands under the field. Optional.",
            error=refused.field("hint"),
            max_length=MAX_HINT_CHARACTERS,
            **given("hint"),
        ),
        select_field("Who sees it", name="seen_by", options=_SEEN, **given("seen_by", "admins")),
        select_field(
            "Who fills it in",
            name="edited_by",
            options=_EDITED,
            error=refused.field("edited_by"),
            **given("edited_by", "admins"),
        ),
        checkbox("It has to be filled in", name="required", **ticked),
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
