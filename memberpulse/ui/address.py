"""What a page shows as part of its address: `?period=week`. It needs no State, survives a reload and can be shared."""

import json
from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex.vars.function import FunctionVar
from reflex_base.utils.imports import ImportVar

from memberpulse.ui.components.kinds import LIBRARY, Handler

_LIBRARY = LIBRARY + "address"


def address_value(name: str, default: str = "") -> Any:
    """The value behind `?name=`, or the default. As an argument of `live` it resubscribes when it changes."""
    variable = f"address_{name}"
    data = _hooked(f"const {variable} = useAddress({json.dumps(name)}, {json.dumps(default)});", "useAddress")
    return rx.Var(variable, _var_type=str, _var_data=data).guess_type()


def set_address(name: str, default: str = "") -> Handler:
    """A handler that takes the new value and puts it into the address; the default is left out of it."""
    data = _hooked("const setAddress = useSetAddress();", "useSetAddress")
    return rx.Var("setAddress", _var_data=data).to(FunctionVar).partial(name, default)


def clear_address(*names: str) -> Handler:
    """A handler that takes several values out of the address at once."""
    data = _hooked("const clearAddress = useClearAddress();", "useClearAddress")
    return rx.Var("clearAddress", _var_data=data).to(FunctionVar).partial(rx.Var.create(list(names)))


def load_again() -> Handler:
    """A handler that loads the page anew, with what is kept on the server now."""
    return rx.Var("(() => window.location.reload())").to(FunctionVar)


def _hooked(hook: str, tag: str) -> VarData:
    return VarData(hooks={hook: None}, imports={_LIBRARY: [ImportVar(tag=tag)]})
