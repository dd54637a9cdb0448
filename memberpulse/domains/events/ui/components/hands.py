"""What hands do: the keys of the board, rows that are dragged, numbers that are stepped."""

from collections.abc import Callable, Sequence
from typing import Any

import reflex as rx

from memberpulse.engine import function_of
from memberpulse.ui.components.kinds import Child, Text, given

_LIBRARY = "$/public/queue/board"


def board_keys() -> rx.Component:
    """The single keys of the board. What they press is marked `data-deed` inside a `data-lane` or a row."""
    return _BoardKeys.create()


def drag_rows(mutation: Callable[..., Any]) -> rx.Component:
    """Rows (`tr[data-row]` with `data-position`) may be dragged; the mutation takes place_id and position."""
    return _DragRows.create(mutation=function_of(mutation).name)


def tab_title(text: Text) -> rx.Component:
    """The title of the browser's tab, for as long as this is shown."""
    return _TabTitle.create(text=text)


def stepper(label: str, *, name: str, value: Any = 1, least: int = 1, most: int = 20) -> rx.Component:
    """A number in a form, one fewer or one more."""
    return _Stepper.create(label=label, name=name, value=value, least=least, most=most)


def live_stepper(
    label: str,
    mutation: Callable[..., Any],
    argument: str,
    *,
    value: Any,
    least: int = 1,
    most: int = 20,
    **arguments: Any,
) -> rx.Component:
    """A number that is changed at once: the mutation gets it as `argument`, beside the other arguments."""
    props = {"label": label, "value": value, "least": least, "most": most, "argument": argument}
    return _LiveStepper.create(mutation=function_of(mutation).name, args=arguments, **props)


def live_select(
    label: str,
    mutation: Callable[..., Any],
    argument: str,
    *,
    value: Any,
    options: Sequence[tuple[str, str]],
    id: str | None = None,  # noqa: A002
    **arguments: Any,
) -> rx.Component:
    """A choice of a number that is changed at once; the option "" stands for none."""
    chosen = {"value": value, "options": list(options), "argument": argument, "label": label}
    return _LiveSelect.create(mutation=function_of(mutation).name, args=arguments, **chosen, **given(id=id))


def draining(until: Any, *content: Child) -> rx.Component:
    """What can be taken back until a moment, with a ring that drains."""
    return _Draining.create(*content, until=until)


def suggestions(field: str, words: Sequence[str], *, label: str) -> rx.Component:
    """Words that a press puts into the text field of that name."""
    return _Suggestions.create(field=field, words=list(words), label=label)


class _Hand(rx.Component):
    library = _LIBRARY


class _BoardKeys(_Hand):
    tag = "BoardKeys"


class _DragRows(_Hand):
    tag = "DragRows"

    mutation: rx.Var[str]


class _TabTitle(_Hand):
    tag = "TabTitle"

    text: rx.Var[str]


class _Step(_Hand):
    label: rx.Var[str]
    value: rx.Var[Any]
    least: rx.Var[int]
    most: rx.Var[int]


class _Stepper(_Step):
    tag = "Stepper"

    name: rx.Var[str]


class _LiveStepper(_Step):
    tag = "LiveStepper"

    mutation: rx.Var[str]
    argument: rx.Var[str]
    args: rx.Var[dict[str, Any]]


class _LiveSelect(_Hand):
    tag = "LiveSelect"

    mutation: rx.Var[str]
    argument: rx.Var[str]
    args: rx.Var[dict[str, Any]]
    value: rx.Var[Any]
    options: rx.Var[list[Any]]
    label: rx.Var[str]


class _Draining(_Hand):
    tag = "Draining"

    until: rx.Var[Any]


class _Suggestions(_Hand):
    tag = "Suggestions"

    field: rx.Var[str]
    words: rx.Var[list[str]]
    label: rx.Var[str]
