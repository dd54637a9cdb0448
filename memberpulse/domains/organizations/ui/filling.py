"""Filling a field in: a row that shows what it holds, and the one dialog in which it is changed."""

from typing import Any

import reflex as rx

from memberpulse.domains.organizations.fields.mutations import fill_in
from memberpulse.domains.organizations.fields.schemas import FilledField
from memberpulse.ui.components import (
    DialogHandle,
    button,
    close_button,
    dialog,
    note,
    select_field,
    text_area,
    text_field,
)
from memberpulse.ui.expressions import expression, text_of
from memberpulse.ui.live import busy, live_form, problem

_fill = DialogHandle("fill-in")


def fields_list(fields: Any, *, membership_id: Any) -> rx.Component:
    """Fields of one member, each with a button to change it for those who may. Mount `fill_dialog` on the page."""
    return rx.el.ul(
        rx.foreach(fields.to(list[FilledField]), lambda field: _row(field, membership_id)), class_name="rights-facts"
    )


def fill_dialog() -> rx.Component:
    """Mount it once on a page with `fields_list`."""
    return dialog(
        _fill,
        _form(field=_fill.subject("field"), membership_id=_fill.subject("membership_id")),
        title=_fill.subject("name"),
    )


def _row(field: FilledField, membership_id: Any) -> rx.Component:
    said = rx.cond(
        field.words,
        rx.el.bdi(field.words, class_name="rights-value"),
        rx.el.span(rx.cond(field.required, "Needed, and not filled in yet", "Not filled in"), class_name="faint"),
    )
    change = button(
        rx.cond(field.value, "Change", "Fill in"),
        size="small",
        label=expression("`Change ${{0}}`", field.name),
        on_click=_fill.open(field=field, membership_id=membership_id, name=field.name),
    )
    locked = rx.el.span("Filled in by admins", class_name="meta")
    return rx.el.li(
        rx.el.div(
            rx.el.span(field.name, class_name="strong block"),
            rx.cond(field.hint, rx.el.span(field.hint, class_name="meta block"), rx.fragment()),
            class_name="rights-name",
        ),
        rx.el.div(said, class_name="grow"),
        rx.cond(field.editable, change, locked),
        key=text_of(field.id),
    )


@rx.memo
def _form(field: rx.Var[FilledField], membership_id: rx.Var[str]) -> rx.Component:
    each: Any = field
    refused = problem(fill_in)
    error = refused.field("value")
    general = rx.cond(
        (refused.message != "") & ~error, note(refused.message, kind="danger", role="alert"), rx.fragment()
    )

    def text(kind: Any) -> rx.Component:
        return rx.fragment(
            text_field(each.name, name="value", hint=each.hint, error=error, type=kind, default_value=each.value)
        )

    options = expression(
        "[['', 'Not filled in'], ...({0} ?? []).map((one) => [one, one])]", each.options, kind=list[tuple[str, str]]
    )
    choice = select_field(
        each.name, name="value", options=options, hint=each.hint, error=error, default_value=each.value
    )
    yes_no = select_field(
        each.name,
        name="value",
        options=(("", "Not filled in"), ("yes", "Yes"), ("no", "No")),
        hint=each.hint,
        error=error,
        default_value=each.value,
    )
    long_text = text_area(each.name, name="value", hint=each.hint, error=error, default_value=each.value)
    return live_form(
        fill_in,
        general,
        rx.match(
            each.kind,
            ("long_text", rx.fragment(long_text)),
            ("number", text("text")),
            ("date", text("date")),
            ("choice", rx.fragment(choice)),
            ("yes_no", rx.fragment(yes_no)),
            text("text"),
        ),
        rx.el.div(
            rx.el.span(
                close_button("Cancel", kind="secondary"),
                button("Save", kind="ink", submit=True, busy=busy(fill_in)),
                class_name="push row",
            ),
            class_name="row",
        ),
        arguments={"field_id": each.id, "membership_id": membership_id},
        reset=False,
        then=_fill.close(),
        class_name="col g4",
        aria_label=each.name,
    )
