"""What people fill in. Each field has its label above and its hint or its error beside it."""

from collections.abc import Sequence
from typing import Any, Literal

import reflex as rx

from memberpulse.ui.components.icons import icon
from memberpulse.ui.components.kinds import LIBRARY, Child, Flag, Handler, Text, classes, given


def text_field(
    label: Text,
    *,
    name: str,
    hint: Text | None = None,
    error: Text | None = None,
    suffix: str | None = None,
    large: bool = False,
    type: Literal["text", "email", "number", "url", "tel", "date", "time", "datetime-local"] = "text",  # noqa: A002
    **props: Any,
) -> rx.Component:
    """One line of text. error: what is wrong, empty when nothing is; suffix: the unit, such as "min".

    Other props (default_value, value, on_change, placeholder, required, max_length, auto_complete …) go to the input.
    """
    control = rx.el.input(id=f"field-{name}", name=name, type=type, **_described(name, hint, error), **props)
    tail = [rx.el.span(suffix, class_name="suffix")] if suffix else []
    return _field(label, name, rx.el.span(control, *tail, class_name=_input_class(error, large)), hint, error)


def password_field(
    label: Text,
    *,
    name: str = "password",
    hint: Text | None = None,
    error: Text | None = None,
    large: bool = False,
    aside: rx.Component | None = None,
    **props: Any,
) -> rx.Component:
    """A password, with a button that shows it. aside: stands at the end of the label's row."""
    control = _Password.create(
        id=f"field-{name}", name=name, class_name=_input_class(error, large), **_described(name, hint, error), **props
    )
    return _field(label, name, control, hint, error, aside)


def text_area(
    label: Text,
    *,
    name: str,
    hint: Text | None = None,
    error: Text | None = None,
    rows: int = 5,
    **props: Any,
) -> rx.Component:
    """Several lines of text; ⌘↵ submits its form. Grows with what is typed."""
    control = rx.el.textarea(
        id=f"field-{name}", name=name, rows=rows, class_name="area", **_described(name, hint, error), **props
    )
    return _field(label, name, rx.el.span(control, class_name=_input_class(error, False)), hint, error)


def select_field(
    label: Text,
    *,
    name: str,
    options: Sequence[tuple[str, str]] | rx.Var[list[tuple[str, str]]],
    hint: Text | None = None,
    error: Text | None = None,
    **props: Any,
) -> rx.Component:
    """One of a few, with the browser's own picker. options: (value, words)."""
    choices: Any = (
        rx.foreach(options, lambda option: rx.el.option(option[1], value=option[0]))
        if isinstance(options, rx.Var)
        else [rx.el.option(words, value=value) for value, words in options]
    )
    many = choices if isinstance(choices, list) else [choices]
    control = rx.el.select(
        *many, id=f"field-{name}", name=name, class_name="sel", **_described(name, hint, error), **props
    )
    return _field(
        label, name, rx.el.span(control, icon("chevron_down"), class_name=_input_class(error, False)), hint, error
    )


def search_field(
    *, label: str, value: Text = "", on_search: Handler, placeholder: Text | None = None, key: str = "/"
) -> rx.Component:
    """A search that reports what was typed after a pause: `on_search(text)`. key: focuses it from anywhere."""
    shown = label if placeholder is None else placeholder
    return _Search.create(label=label, value=value, on_search=on_search, placeholder=shown, shortcut=key)


def switch(label: Child, *, checked: Flag | None = None, on_change: Handler = None, **props: Any) -> rx.Component:
    """On or off, at once."""
    return rx.el.label(
        _Check.create(role="switch", class_name="switch", **given(checked=checked, on_change=on_change), **props),
        label,
        class_name="row",
    )


def checkbox(
    label: Child | None = None,
    *,
    checked: Flag | None = None,
    mixed: Flag = False,
    on_change: Handler = None,
    aria_label: Text | None = None,
    **props: Any,
) -> rx.Component:
    """A tick. mixed: some of what it stands for. Without a label it needs aria_label."""
    box = _Check.create(mixed=mixed, **given(checked=checked, on_change=on_change, aria_label=aria_label), **props)
    return box if label is None else rx.el.label(box, label, class_name="row")


def segmented(
    options: Sequence[tuple[str, Child]],
    *,
    value: Text,
    on_change: Handler,
    label: str,
) -> rx.Component:
    """One of two to four, all in sight. options: (value, words); `on_change(value)` makes the handler."""
    return rx.el.div(
        *[
            rx.el.button(words, type="button", aria_pressed=value == key, on_click=_with(on_change, key))
            for key, words in options
        ],
        class_name="seg",
        role="group",
        aria_label=label,
    )


def tabs(*panels: tuple[str, Child, rx.Component], label: str, default: str | None = None) -> rx.Component:
    """Panels of which one shows. panels: (value, words, content)."""
    heads = [_Tab.create(words, value=value) for value, words, _ in panels]
    bodies = [_TabPanel.create(content, value=value) for value, _, content in panels]
    return _Tabs.create(
        _TabList.create(*heads, class_name="tabs", aria_label=label), *bodies, default_value=default or panels[0][0]
    )


def field_error(message: Child, *, id: str | None = None) -> rx.Component:  # noqa: A002
    """What is wrong with a field, and what would be right."""
    return rx.el.p(icon("circle_alert"), rx.el.span(message), class_name="err", **given(id=id))


def copyable(text: Text, *, label: str = "Copy") -> rx.Component:
    """A square button that copies a text."""
    return _Copy.create(text=text, label=label)


def _with(on_change: Handler, value: str) -> Handler:
    if isinstance(on_change, rx.Var):
        return on_change.to(rx.vars.FunctionVar).partial(value)
    return on_change(value)


def _input_class(error: Text | None, large: bool) -> Any:
    look = "input lg" if large else "input"
    if error is None or isinstance(error, str):
        return f"{look} bad" if error else look
    return classes(look, rx.cond(error, "bad", ""))


def _described(name: str, hint: Text | None, error: Text | None) -> dict[str, Any]:
    if error is None or (isinstance(error, str) and not error):
        return {"aria_describedby": f"hint-{name}"} if hint is not None else {}
    ids = f"error-{name}" if hint is None else f"error-{name} hint-{name}"
    if isinstance(error, str):
        return {"aria_describedby": ids, "aria_invalid": "true"}
    return {"aria_describedby": ids, "aria_invalid": rx.cond(error, "true", "false")}


def _field(
    label: Text,
    name: str,
    control: rx.Component,
    hint: Text | None,
    error: Text | None,
    aside: rx.Component | None = None,
) -> rx.Component:
    title = rx.el.label(label, html_for=f"field-{name}", class_name="label")
    below: list[rx.Component] = []
    if isinstance(error, str) and error:
        below.append(field_error(error, id=f"error-{name}"))
    elif isinstance(error, rx.Var):
        message = rx.cond(error, field_error(error), rx.fragment())
        below.append(rx.el.div(message, id=f"error-{name}", aria_live="polite", class_name="err-slot"))
    if hint is not None:
        below.append(rx.el.p(hint, class_name="hint", id=f"hint-{name}"))
    return rx.el.div(
        rx.el.span(title, aside, class_name="row") if aside else title, control, *below, class_name="field"
    )


def _text(value: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (value,)


class _Fields(rx.Component):
    library = LIBRARY + "fields"


class _Password(_Fields):
    tag = "Password"

    name: rx.Var[str]
    required: rx.Var[bool]
    auto_complete: rx.Var[str]
    default_value: rx.Var[str]
    placeholder: rx.Var[str]


class _Search(_Fields):
    tag = "Search"

    label: rx.Var[str]
    value: rx.Var[str]
    placeholder: rx.Var[str]
    shortcut: rx.Var[str]
    on_search: rx.EventHandler[_text]


class _Check(_Fields):
    tag = "Check"

    checked: rx.Var[bool]
    default_checked: rx.Var[bool]
    disabled: rx.Var[bool]
    mixed: rx.Var[bool]
    name: rx.Var[str]
    role: rx.Var[str]
    value: rx.Var[str]
    on_change: rx.EventHandler[rx.event.checked_input_event]


class _Copy(_Fields):
    tag = "Copy"

    text: rx.Var[str]
    label: rx.Var[str]


class _TabsPart(rx.Component):
    library = "@radix-ui/react-tabs@1.2.1"


class _Tabs(_TabsPart):
    tag = "Root"
    alias = "TabsRoot"

    default_value: rx.Var[str]


class _TabList(_TabsPart):
    tag = "List"
    alias = "TabsList"


class _Tab(_TabsPart):
    tag = "Trigger"
    alias = "TabsTrigger"

    value: rx.Var[str]


class _TabPanel(_TabsPart):
    tag = "Content"
    alias = "TabsContent"

    value: rx.Var[str]
