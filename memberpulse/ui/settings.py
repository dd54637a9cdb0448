"""The parts of a settings page: rows with their name at the left, forms that say what would change, and a picture.

A page is `layout.settings_page(title, setting(…), settings_form(…), …)`.
"""

from collections.abc import Callable, Mapping
from typing import Any

import reflex as rx

from memberpulse.engine import function_of
from memberpulse.ui.components import Child, Text, note
from memberpulse.ui.components.kinds import LIBRARY, given
from memberpulse.ui.live import busy, live_form, problem


def setting(*content: Child, title: Child, hint: Child = None, end: Child = None, **props: Any) -> rx.Component:
    """One row: its name and a hint at the left, what it is at the right. end: a button under the name."""
    words: list[Child] = [rx.el.h2(title, class_name="t14")]
    if hint is not None:
        words.append(rx.el.p(hint, class_name="hint"))
    if end is not None:
        words.append(end)
    return rx.el.section(
        rx.el.div(*words, class_name="fs-l"), rx.el.div(*content, class_name="fs-r"), class_name="fs", **props
    )


def settings_form(
    mutation: Callable[..., Any],
    *fields: Child,
    values: Mapping[str, Any],
    words: Mapping[str, str],
    **options: Any,
) -> rx.Component:
    """Fields of the kit, each a row, and a bar at the foot that says what would change.

    values: what is saved now, by field name; untouched fields follow it, so that what somebody else saved is seen.
    words: what the bar calls the fields. options: those of `live_form`, such as done and undo.
    """
    refused: Any = problem(mutation)
    marked = rx.Var(f"Object.keys({refused._fields!s}).length > 0", _var_data=refused.message._get_all_var_data())
    general = rx.cond(
        (refused.message != "") & ~marked.to(bool),
        rx.el.div(note(refused.message, kind="danger", role="alert"), class_name="fs-note"),
        rx.fragment(),
    )
    bar = _SaveBar.create(
        values=dict(values), words=dict(words), mutation=function_of(mutation).name, busy=busy(mutation)
    )
    return live_form(mutation, *fields, general, bar, reset=False, class_name="settings-fields", **options)


def zone_field(label: Text, *, value: Any, hint: Text, error: Any) -> rx.Component:
    """A time zone out of the browser's list; offers the browser's own."""
    return rx.el.div(
        rx.el.label(label, html_for="field-time_zone", class_name="label"),
        rx.el.div(
            _ZoneSelect.create(id="field-time_zone", value=value, aria_describedby="hint-time_zone error-time_zone"),
            class_name="zone",
        ),
        rx.el.div(rx.cond(error, rx.el.p(error, class_name="err"), rx.fragment()), id="error-time_zone"),
        rx.el.p(hint, class_name="hint", id="hint-time_zone"),
        class_name="field",
    )


def picture_field(
    face: Child, *, picture: Any, upload: str, change: Callable[..., Any], noun: Text | None = None
) -> rx.Component:
    """A picture that is replaced at once by choosing or dropping a file, with Undo.

    face: how it looks now. picture: its name, if there is one. upload: the route that takes it. change: the mutation
    that takes it away, or brings an earlier one back.
    """
    return _PictureField.create(
        face, picture=picture, upload=upload, change=function_of(change).name, **given(noun=noun)
    )


def go_on(to: str) -> rx.Component:
    """Goes on to another page at once."""
    return _GoOn.create(to=to)


def once_running(*content: Child) -> rx.Component:
    """Content that depends on the address, on a page that is built before there is one."""
    return _OnceRunning.create(*content)


class _Settings(rx.Component):
    library = LIBRARY + "settings"


class _SaveBar(_Settings):
    tag = "SaveBar"

    values: rx.Var[dict[str, Any]]
    words: rx.Var[dict[str, str]]
    mutation: rx.Var[str]
    busy: rx.Var[bool]


class _ZoneSelect(_Settings):
    tag = "ZoneSelect"

    value: rx.Var[str]


class _PictureField(_Settings):
    tag = "PictureField"

    picture: rx.Var[Any]
    upload: rx.Var[str]
    change: rx.Var[str]
    noun: rx.Var[str]


class _GoOn(_Settings):
    tag = "GoOn"

    to: rx.Var[str]


class _OnceRunning(_Settings):
    tag = "OnceRunning"
