"""The way to a page that lies inside another one."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from memberpulse.ui.components import anchor, icon
from memberpulse.ui.components.kinds import Child


@dataclass(frozen=True)
class Trail:
    """The pages above this one, each with its address, and what this one is called where that is not clear.

    A name may be a Var that is empty until it is known: until then there is no link.
    """

    above: tuple[tuple[Any, Any], ...]
    here: Child = None

    def words(self) -> rx.Component:
        """ "Events / Repair night", for the bar of a wide screen."""
        parts: list[Child] = []
        for name, href in self.above:
            parts += [_if_known(name, anchor(name, href=href, class_name="faint cut")), _slash()]
        here = rx.el.span(self.here, class_name="t14 cut")
        return rx.el.span(*(parts[:-1] if self.here is None else [*parts, here]), class_name="row crumbs")

    def back(self) -> rx.Component:
        """An arrow to the page above, for the bar of a phone."""
        name, href = self.above[-1]
        arrow = anchor(
            icon("arrow_left"),
            rx.el.span("Back to ", name, class_name="vh"),
            href=href,
            class_name="btn quiet sq only-s",
        )
        return _if_known(name, arrow)


def _slash() -> rx.Component:
    return rx.el.span("/", class_name="faint", aria_hidden="true")


def _if_known(name: Any, shown: rx.Component) -> rx.Component:
    return rx.cond(name, shown, rx.fragment()) if isinstance(name, rx.Var) else shown
