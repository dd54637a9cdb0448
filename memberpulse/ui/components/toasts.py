"""Toasts: for what is not visible on the screen. `run(…, done=…, undo=…)` shows them; this is where they appear."""

from typing import Literal

import reflex as rx
from reflex.vars import VarData
from reflex.vars.function import FunctionVar
from reflex_base.utils.imports import ImportVar

from memberpulse.ui.components.kinds import LIBRARY, Handler, Text, given

_LIBRARY = LIBRARY + "toast"


def toasts() -> rx.Component:
    """Bottom right, bottom centre on phones; three at most, the newest lowest. Give it to `rx.App(toaster=…)`."""
    return _Toasts.create()


def notify(
    text: Text,
    *,
    kind: Literal["done", "live", "error"] = "done",
    detail: Text | None = None,
    request_id: Text | None = None,
    undo: Handler = None,
) -> Handler:
    """A handler that shows a toast. kind "live": it happened by itself. With a detail the text is bold."""
    said = rx.Var.create(given(text=text, kind=kind, detail=detail, requestId=request_id, undo=undo))
    return (
        rx.Var("notify", _var_data=VarData(imports={_LIBRARY: [ImportVar(tag="notify")]})).to(FunctionVar).partial(said)
    )


class _Toasts(rx.Component):
    library = _LIBRARY
    tag = "Toasts"
    lib_dependencies: list[str] = ["sonner@2.0.8"]  # noqa: RUF012
