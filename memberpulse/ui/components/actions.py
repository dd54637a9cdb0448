"""What people press: buttons, links, and the keys they show."""

from typing import Any, Literal

import reflex as rx

from memberpulse.ui.components.icons import icon as icon_of
from memberpulse.ui.components.kinds import LIBRARY, Child, Flag, Handler, Text, classes, given

Kind = Literal["ink", "secondary", "quiet", "danger", "danger-quiet"]
Size = Literal["small", "normal", "large"]

_KINDS: dict[str, str] = {
    "ink": "ink",
    "secondary": "",
    "quiet": "quiet",
    "danger": "danger",
    "danger-quiet": "quiet danger-quiet",
}
_SIZES: dict[str, str] = {"small": "sm", "normal": "", "large": "lg"}


def button_class(kind: Kind = "secondary", size: Size = "normal", *, square: bool = False, full: bool = False) -> str:
    """The class names of a button, for what looks like one and is none."""
    return classes("btn", _KINDS[kind], _SIZES[size], "sq" if square else "", "full" if full else "")


def face(text: Child = None, icon: str | None = None, key: str | None = None) -> list[Child]:
    """What a button shows: an icon, its words, its key."""
    parts: list[Child] = []
    if icon:
        parts.append(icon_of(icon))
    if text is not None:
        parts.append(text)
    if key:
        parts.append(kbd(key))
    return parts


def button(
    text: Child,
    *,
    on_click: Handler = None,
    kind: Kind = "secondary",
    size: Size = "normal",
    icon: str | None = None,
    key: str | None = None,
    busy: Flag | None = None,
    off: Text | None = None,
    submit: bool = False,
    full: bool = False,
    label: Text | None = None,
    **props: Any,
) -> rx.Component:
    """A button: a verb with its object.

    kind: one "ink" button a view; "danger" only inside a confirmation. key: a single key that presses it, shown on it.
    busy: draws a ring over the words and keeps the width; pass `busy(mutation, …)` beside `run(mutation, …)`.
    off: why it cannot be pressed now, empty when it can; it stays focusable and the reason is in a tip and read aloud.
    submit: sends the form around it. label: what is read aloud when the words alone do not say enough.
    """
    parts = [rx.el.span(*face(text, icon, key), class_name="face")]
    if busy is not None:
        parts.append(rx.el.span(class_name="spin", aria_hidden="true"))
    state: dict[str, Any] = {}
    if busy is not None:
        state = {"aria_busy": busy, "aria_disabled": busy}
    named = given(aria_label=label, data_key=key.lower() if key else None, on_click=on_click)
    kind_of_button = "submit" if submit else "button"
    look = button_class(kind, size, full=full)
    if off is None:
        return rx.el.button(*parts, type=kind_of_button, class_name=look, **state, **named, **props)
    return _Button.create(*parts, type=kind_of_button, class_name=look, off=off, **state, **named, **props)


def icon_button(
    icon: str,
    *,
    label: Text,
    on_click: Handler = None,
    kind: Kind = "quiet",
    size: Size = "normal",
    key: str | None = None,
    off: Flag | None = None,
    **props: Any,
) -> rx.Component:
    """A square button with an icon alone; the label is read aloud and shown in a tip.

    off: cannot be done now. It keeps the focus, as who presses it again and again comes to an end.
    """
    pressed = rx.el.button(
        icon_of(icon),
        type="button",
        class_name=button_class(kind, size, square=True),
        aria_label=label,
        **given(on_click=on_click, data_key=key.lower() if key else None, aria_disabled=off),
        **props,
    )
    return tip(pressed, text=label, key=key)


def anchor(*children: Child, href: Text, **props: Any) -> rx.Component:
    """A bare link that navigates without loading the page anew; `aria-current` is set where it is the page shown."""
    return _NavLink.create(*children, to=href, **props)


def link(text: Child, *, href: Text, push: bool = False, **props: Any) -> rx.Component:
    """An underlined link inside the application. push: to the right end of its row."""
    return anchor(text, href=href, class_name="link push" if push else "link", **props)


def link_button(
    text: Child,
    *,
    href: Text,
    kind: Kind = "secondary",
    size: Size = "normal",
    icon: str | None = None,
    key: str | None = None,
    full: bool = False,
    **props: Any,
) -> rx.Component:
    """A link that looks like a button."""
    return anchor(
        *face(text, icon, key),
        href=href,
        class_name=button_class(kind, size, full=full),
        **given(data_key=key.lower() if key else None),
        **props,
    )


def text_button(text: Child, *, on_click: Handler, push: bool = False, **props: Any) -> rx.Component:
    """A button that reads as a link, inside a sentence or a section's head."""
    return rx.el.button(text, type="button", on_click=on_click, class_name="link push" if push else "link", **props)


def kbd(key: str) -> rx.Component:
    """A key, as printed on it."""
    return rx.el.kbd(key, aria_hidden="true")


def tip(child: rx.Component, *, text: Text, key: str | None = None, side: str = "bottom") -> rx.Component:
    """Names what it surrounds on hover and focus. Never for what must be known."""
    return _Tip.create(child, text=text, side=side, **given(keys=key))


class _NavLink(rx.Component):
    library = "react-router"
    tag = "NavLink"

    to: rx.Var[str]
    end: rx.Var[bool]
    prefetch: rx.Var[str]


class _Tip(rx.Component):
    library = LIBRARY + "overlay"
    tag = "Tip"
    lib_dependencies: list[str] = ["@radix-ui/react-tooltip@1.4.1"]  # noqa: RUF012

    text: rx.Var[str]
    keys: rx.Var[str]
    side: rx.Var[str]


class _Button(rx.Component):
    library = LIBRARY + "buttons"
    tag = "OffButton"
    lib_dependencies: list[str] = ["@radix-ui/react-tooltip@1.4.1"]  # noqa: RUF012

    type: rx.Var[str]
    off: rx.Var[str]
    disabled: rx.Var[bool]
