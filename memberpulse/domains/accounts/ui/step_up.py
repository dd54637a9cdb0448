"""The dialog that asks for a fresh proof. The frame mounts it once; it opens by itself, see `accounts/step_up.py`."""

import reflex as rx

from memberpulse.domains.accounts.proofs.actions import prove_by_code, prove_by_password
from memberpulse.domains.accounts.proofs.mutations import send_step_up_code
from memberpulse.domains.accounts.proofs.queries import get_step_up_options
from memberpulse.engine import function_name
from memberpulse.ui.components.kinds import LIBRARY


def step_up_dialog() -> rx.Component:
    calls = {
        "options": function_name(get_step_up_options),
        "password": function_name(prove_by_password),
        "code": function_name(prove_by_code),
        "send": function_name(send_step_up_code),
    }
    return _StepUp.create(calls=calls)


class _StepUp(rx.Component):
    library = LIBRARY + "step_up"
    tag = "StepUp"

    calls: rx.Var[dict[str, str]]
