"""Several rows at once: a checkbox in each, and a bar over the foot of the page with what can be done to all of them.

pick("approvals", request.id, label=…)                    in the row, before the face; X presses it by `row_keys`
bulk_bar("approvals", *buttons, known=ids_of_the_rows)    once on the page
run(decide_requests, request_ids=selected("approvals"), …, then=clear_selection("approvals"))
"""

from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex.vars.function import FunctionVar
from reflex_base.utils.imports import ImportVar

from memberpulse.ui.components.kinds import LIBRARY, Child, Handler, Text

_LIBRARY = LIBRARY + "selection"


def pick(name: str, id: Any, *, label: Text) -> rx.Component:  # noqa: A002
    """The checkbox of one row of the list `name`. With shift it takes all since the last one."""
    return _Pick.create(list=name, id=id, label=label)


def selected(name: str) -> Any:
    """The ids of what is selected."""
    variable = f"selected_{name.replace('-', '_')}"
    hook = f"const {variable} = useSelection({name!r});"
    data = VarData(hooks={hook: None}, imports={_LIBRARY: [ImportVar(tag="useSelection")]})
    return rx.Var(variable, _var_type=list[str], _var_data=data).guess_type()


def clear_selection(name: str) -> Handler:
    """A handler that selects nothing."""
    data = VarData(imports={_LIBRARY: [ImportVar(tag="clearSelection")]})
    return rx.Var("clearSelection", _var_data=data).to(FunctionVar).partial(name)


def bulk_bar(name: str, *actions: Child, known: Any) -> rx.Component:
    """Floats over the foot while something is selected. known: the ids of the rows that are shown."""
    return _BulkBar.create(*actions, list=name, known=known)


class _Selection(rx.Component):
    library = _LIBRARY

    list: rx.Var[str]


class _Pick(_Selection):
    tag = "Pick"

    label: rx.Var[str]


class _BulkBar(_Selection):
    tag = "BulkBar"

    known: rx.Var[Any]
