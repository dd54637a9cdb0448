"""Small JavaScript expressions over Vars, for what Reflex's own operations cannot say."""

from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex_base.utils.imports import ImportVar

from memberpulse.ui.components.kinds import LIBRARY

_WORDS = LIBRARY + "words"


def expression(text: str, *parts: Any, kind: Any = str, **imported: str) -> Any:
    """A Var of a JavaScript expression; "{0}" stands for the first of the parts, and so on.

    imported: what the expression uses, as name=library.
    """
    given = [rx.Var.create(part) for part in parts]
    data = VarData.merge(
        *[part._get_all_var_data() for part in given],  # pyright: ignore[reportPrivateUsage]
        VarData(imports={library: [ImportVar(tag=tag)] for tag, library in imported.items()}),
    )
    for index, part in enumerate(given):
        text = text.replace(f"{{{index}}}", str(part))
    return rx.Var(f"({text})", _var_type=kind, _var_data=data).guess_type()


def at_ends(rows: Any, index: Any) -> tuple[Any, Any]:
    """Whether the row of that index is the first, and whether it is the last of those that are not archived."""
    return index == 0, expression("({0}[{1} + 1]?.archived ?? true)", rows, index, kind=bool)


def text_of(value: Any) -> Any:
    """An id or another plain value as text: for keys and ids of elements."""
    return rx.Var.create(value).to(str)


def size_of(rows: Any) -> Any:
    """How many there are; 0 while they are not known."""
    return expression("({0} ?? []).length", rows, kind=int)


def may(viewer: Any, capability: str) -> Any:
    """Whether the viewer holds a capability; False while it is not known. The server checks in any case."""
    return expression(f"({{0}} ?? []).includes({capability!r})", viewer.capabilities, kind=bool)


def number(value: Any) -> Any:
    """A number as it is read: "1,284"; empty while it is not known."""
    return expression("sayNumber({0})", value, sayNumber=_WORDS)


def names(people: Any, total: Any = None) -> Any:
    """Who they are: "Priya Raman, Jonas Lindqvist and 2 more"."""
    return expression(
        "sayNames({0}, {1})", people, total if total is not None else rx.Var("undefined"), sayNames=_WORDS
    )


def clock_words(at: Any) -> Any:
    """A moment inside a sentence that is read aloud: "11:10", or "14 Mar"."""
    return expression("sayMoment({0})", at, sayMoment=LIBRARY + "time")
