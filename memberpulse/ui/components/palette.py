"""What the ⌘K palette is made of. The palette itself is part of the application frame."""

from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex.vars.function import FunctionVar
from reflex_base.utils.imports import ImportVar

from memberpulse.ui.components.icons import icon as icon_of
from memberpulse.ui.components.kinds import LIBRARY, Child, Handler, Text, given, slots


def palette(*groups: Child) -> rx.Component:
    """Mounts the palette: ⌘K opens it. What it holds is rendered and subscribed only while it is open."""
    return _Palette.create(*groups)


def palette_group(heading: str, *items: Child) -> rx.Component:
    """Do, Go or People."""
    return _PaletteGroup.create(*items, heading=heading)


def palette_item(
    label: Text,
    *,
    href: Text | None = None,
    on_select: Handler = None,
    icon: str | None = None,
    lead: rx.Component | None = None,
    hint: Text | None = None,
    keys: str | None = None,
    keywords: Text | None = None,
    **props: Any,
) -> rx.Component:
    """One thing to do or place to go. lead: a face in place of an icon; keys: "G D"; keywords: found by these too."""
    sign = lead if lead is not None else icon_of(icon or "arrow_right")
    children, names = slots(icon=sign)
    return _PaletteItem.create(
        *children,
        slots=names,
        label=label,
        **props,
        **given(href=href, on_select=on_select, hint=hint, keys=keys, keywords=keywords),
    )


def palette_text() -> rx.Var[str]:
    """What is typed into the palette, for a query that searches. Only in a part of the palette made by `@rx.memo`."""
    data = VarData(
        hooks={"const paletteText = usePaletteText();": None},
        imports={LIBRARY + "palette": [ImportVar(tag="usePaletteText")]},
    )
    text: Any = rx.Var("paletteText", _var_type=str, _var_data=data).guess_type()
    return text


def open_palette() -> Handler:
    """A handler that opens the palette."""
    data = VarData(imports={LIBRARY + "palette": [ImportVar(tag="openPalette")]})
    return rx.Var("openPalette", _var_data=data).to(FunctionVar).partial()


class _PalettePart(rx.Component):
    library = LIBRARY + "palette"
    lib_dependencies: list[str] = ["cmdk@1.1.1"]  # noqa: RUF012


class _Palette(_PalettePart):
    tag = "Palette"


class _PaletteGroup(_PalettePart):
    tag = "PaletteGroup"

    heading: rx.Var[str]


class _PaletteItem(_PalettePart):
    tag = "PaletteItem"

    label: rx.Var[str]
    href: rx.Var[str]
    slots: rx.Var[list[str]]
    hint: rx.Var[str]
    keys: rx.Var[str]
    keywords: rx.Var[str]
    on_select: rx.EventHandler[rx.event.no_args_event_spec]
