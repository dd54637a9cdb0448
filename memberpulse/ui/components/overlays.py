"""What floats over the page: menus, popovers and dialogs. The behaviour is Radix's, fetched when first wanted."""

from dataclasses import dataclass
from typing import Any, Literal

import reflex as rx
from reflex.vars import VarData
from reflex.vars.function import FunctionVar
from reflex_base.utils.imports import ImportVar

from memberpulse.ui.components.actions import Kind, Size, button, button_class, face
from memberpulse.ui.components.icons import icon as icon_of
from memberpulse.ui.components.kinds import LIBRARY, Child, Flag, Handler, Text, given, slots
from memberpulse.ui.components.marks import Rows

_RADIX = [
    "@radix-ui/react-menu@2.2.1",
    "@radix-ui/react-popover@1.3.1",
    "@radix-ui/react-dialog@1.3.1",
    "@radix-ui/react-tooltip@1.4.1",
]


def menu(
    *items: Child,
    label: Text | None = None,
    text: Child = None,
    icon: str | None = None,
    shown: Child = None,
    kind: Kind = "quiet",
    size: Size = "normal",
    title: Text | None = None,
    width: str | None = None,
    align: Literal["start", "center", "end"] = "end",
    side: Literal["top", "bottom"] = "bottom",
    key: str | None = None,
    class_name: str | None = None,
) -> rx.Component:
    """A button that opens a menu of `menu_item`, `menu_choice` and `menu_rule`. On a phone it rises from below.

    text, icon: what the button shows; an icon alone needs a label. shown: anything else it shows, with class_name
    for its look. title: heads the menu. key: a single key that opens it.
    """
    square = text is None and shown is None
    look = class_name or button_class(kind, size, square=square)
    content = shown if shown is not None else rx.fragment(*face(text, icon))
    children, names = slots(*items, face=content)
    return _Menu.create(
        *children,
        slots=names,
        class_name=look,
        align=align,
        side=side,
        **given(label=label, title=title, width=width, shortcut=key.lower() if key else None),
    )


def menu_item(
    text: Child,
    *,
    on_select: Handler = None,
    icon: str | None = None,
    hint: Child = None,
    key: str | None = None,
    href: Text | None = None,
    danger: bool = False,
    off: Flag = False,
) -> rx.Component:
    """Something to do. hint: a second line; off: cannot be done now (say why in the hint)."""
    children, names = slots(text, icon=icon_of(icon) if icon else None, hint=hint)
    return _MenuItem.create(
        *children, slots=names, danger=danger, disabled=off, **given(on_select=on_select, keys=key, href=href)
    )


def menu_choice(
    text: Child, *, checked: Flag, on_select: Handler, hint: Child = None, off: Flag = False, **props: Any
) -> rx.Component:
    """One of several, of which one stands: a role, an order."""
    children, names = slots(text, hint=hint)
    return _MenuChoice.create(*children, slots=names, checked=checked, on_select=on_select, disabled=off, **props)


def menu_rule() -> rx.Component:
    """A hairline between groups of a menu."""
    return _MenuRule.create()


def popover(
    *content: Child,
    title: Text,
    label: Text | None = None,
    text: Child = None,
    icon: str | None = None,
    shown: Child = None,
    kind: Kind = "quiet",
    size: Size = "normal",
    align: Literal["start", "center", "end"] = "end",
    key: str | None = None,
    class_name: str | None = None,
    panel_class: str = "",
    on_open_change: Handler = None,
) -> rx.Component:
    """A button that opens a panel; on a phone a sheet from below. title: names the panel for a screen reader."""
    square = text is None and shown is None
    look = class_name or button_class(kind, size, square=square)
    inside = shown if shown is not None else rx.fragment(*face(text, icon))
    children, names = slots(*content, face=inside)
    return _Popover.create(
        *children,
        slots=names,
        title=title,
        class_name=look,
        panel_class=panel_class,
        align=align,
        **given(label=label, shortcut=key.lower() if key else None, on_open_change=on_open_change),
    )


def panel_head(title: Child, *beside: Child, end: Child = None) -> rx.Component:
    """The head of a popover's panel; it stays in sight while the rest scrolls."""
    tail = [] if end is None else [rx.el.span(end, class_name="push row")]
    return rx.el.div(rx.el.h2(title, class_name="t14"), *beside, *tail, class_name="pop-head")


def panel_list(*items: Child) -> rx.Component:
    """Rows of a popover's panel: `panel_item`s."""
    return Rows.create(*items, as_="ul", class_name="pop-list")


def panel_item(
    lead: Child,
    *content: Child,
    when: Child = None,
    unread: bool = False,
    actions: tuple[Child, ...] = (),
    **props: Any,
) -> rx.Component:
    """One row of a panel: a face or icon, words, the time with an ink dot while unread, and what can be done."""
    dot = [rx.el.span(rx.el.span("Unread", class_name="vh"), class_name="unread")] if unread else []
    deeds = [rx.el.div(*actions, class_name="row")] if actions else []
    side = [] if when is None else [rx.el.span(when, *dot, class_name="when")]
    return rx.el.li(lead, rx.el.div(*content, *deeds, class_name="grow"), *side, **props)


def panel_foot(*content: Child) -> rx.Component:
    """The foot of a popover's panel."""
    return rx.el.div(*content, class_name="pop-foot")


def close_button(
    text: Child, *, kind: Kind = "quiet", size: Size = "normal", on_click: Handler = None, **props: Any
) -> rx.Component:
    """A button that closes the popover or dialog around it."""
    return _Close.create(text, class_name=button_class(kind, size), **given(on_click=on_click), **props)


def close_link(*content: Child, href: Text, on_click: Handler = None, **props: Any) -> rx.Component:
    """A link that also closes the popover around it."""
    return _CloseLink.create(*content, href=href, **given(on_click=on_click), **props)


@dataclass(frozen=True)
class DialogHandle:
    """A dialog's name, and how to open it from anywhere on the page. Make one per dialog, at module level."""

    name: str

    def open(self, **subject: Any) -> Handler:
        """A handler that opens the dialog about something: `remove.open(id=row.id, name=row.person.name)`."""
        return _function("openDialog").partial(self.name, rx.Var.create(dict(subject)))

    def close(self) -> Handler:
        """A handler that closes it."""
        return _function("closeDialog").partial(self.name)

    def subject(self, field: str) -> Any:
        """What `open` was given, as a Var."""
        variable = f"dialog_{self.name.replace('-', '_')}"
        data = VarData(
            hooks={f"const {variable} = useDialog({self.name!r});": None},
            imports={LIBRARY + "overlay": [ImportVar(tag="useDialog")]},
        )
        return rx.Var(f"({variable}.subject?.[{field!r}])", _var_type=str, _var_data=data).guess_type()


def dialog(
    handle: DialogHandle,
    *content: Child,
    title: Child,
    lead: Child = None,
    actions: tuple[Child, ...] = (),
    aside: Child = None,
    wide: bool = False,
    on_close: Handler = None,
) -> rx.Component:
    """A modal panel: a title, a lead, the content, and a foot with actions at the right and something at the left.

    Mount it once on the page; open it with `handle.open()`. Esc closes it and focus returns to where it was.
    """
    foot = rx.fragment(aside or rx.fragment(), rx.el.span(*actions, class_name="push row")) if actions else None
    children, names = slots(*content, title=title, lead=lead, footer=foot)
    return _Dialog.create(
        *children,
        slots=names,
        name=handle.name,
        empty=not content,
        **given(on_close=on_close, class_name="wide" if wide else None),
    )


def confirm_dialog(
    handle: DialogHandle,
    *,
    title: Child,
    lead: Child,
    verb: str,
    on_confirm: Handler,
    busy: Flag | None = None,
) -> rx.Component:
    """A plain question before something that cannot be undone, where typing a name would be too much."""
    go = button(verb, kind="danger", on_click=[on_confirm, handle.close()], busy=busy)
    foot = rx.el.span(close_button("Cancel", kind="secondary"), go, class_name="push row")
    children, names = slots(title=title, lead=lead, footer=foot)
    return _Dialog.create(*children, slots=names, name=handle.name, alert=True, empty=True)


def confirm_by_name(
    handle: DialogHandle, *, title: Child, lead: Child, word: Text, verb: str, on_confirm: Handler
) -> rx.Component:
    """Guards what cannot be undone: the danger button wakes when `word` (a name) has been typed."""
    typing = _TypeToConfirm.create(word=word, verb=verb, on_confirm=on_confirm)
    children, names = slots(typing, title=title, lead=lead)
    return _Dialog.create(*children, slots=names, name=handle.name, alert=True)


def drawer(handle: DialogHandle, *content: Child, title: str) -> rx.Component:
    """A modal panel from the left: the navigation where there is no room for it."""
    children, names = slots(*content, title=title)
    return _Dialog.create(*children, slots=names, name=handle.name, shape="drawer", quiet=True)


def _function(tag: str) -> Any:
    return rx.Var(tag, _var_data=VarData(imports={LIBRARY + "overlay": [ImportVar(tag=tag)]})).to(FunctionVar)


def _flag(value: rx.Var[bool]) -> tuple[rx.Var[bool]]:
    return (value,)


class _Overlay(rx.Component):
    library = LIBRARY + "overlay"
    lib_dependencies: list[str] = _RADIX

    slots: rx.Var[list[str]]


class _Menu(_Overlay):
    tag = "Menu"

    label: rx.Var[str]
    title: rx.Var[str]
    width: rx.Var[str]
    align: rx.Var[str]
    side: rx.Var[str]
    shortcut: rx.Var[str]


class _MenuItem(_Overlay):
    tag = "MenuItem"

    keys: rx.Var[str]
    href: rx.Var[str]
    danger: rx.Var[bool]
    disabled: rx.Var[bool]
    on_select: rx.EventHandler[rx.event.no_args_event_spec]


class _MenuChoice(_Overlay):
    tag = "MenuChoice"

    checked: rx.Var[bool]
    disabled: rx.Var[bool]
    on_select: rx.EventHandler[rx.event.no_args_event_spec]


class _MenuRule(_Overlay):
    tag = "MenuRule"


class _Popover(_Overlay):
    tag = "Popover"

    label: rx.Var[str]
    title: rx.Var[str]
    align: rx.Var[str]
    panel_class: rx.Var[str]
    shortcut: rx.Var[str]
    on_open_change: rx.EventHandler[_flag]


class _Close(_Overlay):
    tag = "Close"


class _CloseLink(_Overlay):
    tag = "CloseLink"

    href: rx.Var[str]


class _Dialog(_Overlay):
    tag = "Dialog"

    name: rx.Var[str]
    empty: rx.Var[bool]
    alert: rx.Var[bool]
    shape: rx.Var[str]
    quiet: rx.Var[bool]
    on_close: rx.EventHandler[rx.event.no_args_event_spec]


class _TypeToConfirm(_Overlay):
    tag = "TypeToConfirm"

    word: rx.Var[str]
    verb: rx.Var[str]
    on_confirm: rx.EventHandler[rx.event.no_args_event_spec]
