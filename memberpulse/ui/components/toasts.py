"""Toasts: for what is not visible on the screen. `run(…, done=…, undo=…)` shows them; this is where they appear."""

import reflex as rx

from memberpulse.ui.components.kinds import LIBRARY


def toasts() -> rx.Component:
    """Bottom right, bottom centre on phones; three at most, the newest lowest. Give it to `rx.App(toaster=…)`."""
    return _Toasts.create()


class _Toasts(rx.Component):
    library = LIBRARY + "toast"
    tag = "Toasts"
    lib_dependencies: list[str] = ["sonner@2.0.8"]
