"""The page registry: what pages exist, where, and who may open them.

Pages announce themselves with `@page(...)`; the composition root adds them to the app and the gate sends people who
are not signed in to the sign-in page. The frame around a page is in `layout.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

import reflex as rx

from memberpulse.ui.components.kinds import style_sheet

PUBLIC = "public"
SIGNED_IN = "signed_in"


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One page. requires: "public", "signed_in", or the capability its main query asks for. sheets: the style sheets
    that it has beyond those of all pages and of its frame.
    """

    route: str
    title: str
    requires: str
    component: Callable[[], rx.Component]
    description: str = ""
    sheets: tuple[str, ...] = ()

    def with_sheets(self) -> Callable[[], rx.Component]:
        """Draws the page with its style sheets. Of the same module: Reflex bundles what it compiles by that."""

        @wraps(self.component)
        def draw() -> rx.Component:
            return rx.fragment(*[style_sheet(name) for name in self.sheets], self.component())

        return draw


_pages: dict[str, PageSpec] = {}


def page(
    route: str, title: str, *, requires: str, description: str = "", sheets: tuple[str, ...] = ()
) -> Callable[[Callable[[], rx.Component]], Callable[[], rx.Component]]:
    """Register the decorated function as the page at `route`.

    Raises ValueError when two pages claim one route.
    """

    def register(component: Callable[[], rx.Component]) -> Callable[[], rx.Component]:
        known = _pages.get(route)
        if known is not None and _name(known.component) != _name(component):
            raise ValueError(f"Two pages claim {route}: {_name(known.component)} and {_name(component)}")
        _pages[route] = PageSpec(route, title, requires, component, description, sheets)
        return component

    return register


def _name(component: Callable[[], rx.Component]) -> str:
    return f"{component.__module__}.{component.__qualname__}"


def all_pages() -> tuple[PageSpec, ...]:
    """Every registered page, in order of registration."""
    return tuple(_pages.values())
