"""The shapes that components take: what may stand inside one, and what may happen on a press."""

from typing import Any, TypeAlias

import reflex as rx
from reflex.vars import VarData
from reflex_base.utils.imports import ImportVar
from reflex_components_core.el.elements.base import BaseHTML

Child: TypeAlias = Any
"""A component, a text, a number, or a Var of either."""

Text: TypeAlias = str | rx.Var[str]
Flag: TypeAlias = bool | rx.Var[bool]
Handler: TypeAlias = Any
"""What `run` returns, a Reflex event, or a Var that is a JavaScript function."""

LIBRARY = "$/public/kit/"


def classes(*names: str | rx.Var[str] | None) -> Any:
    """Class names joined by spaces; None is left out."""
    given = [name for name in names if name is not None and not (isinstance(name, str) and not name)]
    if all(isinstance(name, str) for name in given):
        return " ".join(str(name) for name in given)
    joined: Any = rx.Var.create(given[0])
    for name in given[1:]:
        joined = joined + " " + (name.to(str) if isinstance(name, rx.Var) else name)
    return joined


def given(**props: Any) -> dict[str, Any]:
    """Props without those that are None."""
    return {name: value for name, value in props.items() if value is not None}


def style_sheet(name: str) -> rx.Component:
    """`assets/<name>.css`, for a page whose looks few others share: only they load it. Nothing is drawn."""
    data = VarData(imports={"": [ImportVar(tag=f"$/public/{name}.css")]})
    return rx.fragment(rx.Var("null", _var_data=data))


def slots(*rest: Child, **named: Child) -> tuple[list[Child], list[str]]:
    """Children for a component with named places: those that are given, in order, and then the rest as one.

    Reflex collects the hooks of children and not those of components in props, so places are children.
    """
    filled = given(**named)
    return [*(rx.fragment(child) for child in filled.values()), rx.fragment(*rest)], list(filled)


class NativeForm(BaseHTML):
    """A form that the browser submits itself; `rx.el.form` always prevents that."""

    tag = "form"

    action: rx.Var[str]
    method: rx.Var[str]


def native_form(*children: Child, action: Text, **props: Any) -> rx.Component:
    """A form posted by the browser with a full navigation: signing in and out, switching organization."""
    return NativeForm.create(*children, action=action, method="post", **props)


class _Anchor(BaseHTML):
    tag = "a"

    href: rx.Var[str]


def skip_link(text: str, *, to: str) -> rx.Component:
    """The first thing that Tab reaches: past the navigation, to the element of that id."""
    return _Anchor.create(text, href=f"#{to}", class_name="skip")


def jump(*children: Child, to: str, **props: Any) -> rx.Component:
    """A link to a part of the same page, followed by the browser."""
    return _Anchor.create(*children, href=f"#{to}", **props)


def plain_link(*children: Child, href: Text, **props: Any) -> rx.Component:
    """A link that the browser follows itself, with a full navigation: to a route, or to an address from outside."""
    return _Anchor.create(*children, href=href, **props)
