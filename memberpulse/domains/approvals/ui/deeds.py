"""What is done about a request, as handlers and buttons: the inbox, the bell and the dashboard offer the same."""

from typing import Any

import reflex as rx

from memberpulse.domains.approvals.mutations import (
    approve_request,
    decide_requests,
    reject_request,
    undo_decisions,
)
from memberpulse.domains.approvals.queries import get_request
from memberpulse.domains.approvals.schemas import BulkOutcome, Outcome, RequestRow
from memberpulse.domains.notifications.ui.actions import act_in_row
from memberpulse.ui.components import DialogHandle, button, close_button, dialog, note, select_field, text_area
from memberpulse.ui.components.selection import clear_selection, selected
from memberpulse.ui.expressions import expression
from memberpulse.ui.live import busy, live, live_form, problem, run

LIST = "approvals"
approving = DialogHandle("approve-request-with")
rejecting = DialogHandle("reject-request")
rejecting_many = DialogHandle("reject-requests")


def undo(outcome: Outcome) -> Any:
    return run(undo_decisions, request_ids=[outcome.id])


def said_yes(outcome: Outcome) -> Any:
    return expression(
        "{0}.status === 'approved' ? `Approved: ${{0}.title}` : "
        "`${{0}.title} has ${{0}.given} of ${{0}.needed} approvals`",
        outcome,
    )


def approve(request_id: Any) -> Any:
    return run(approve_request, request_id=request_id, done=said_yes, undo=undo)


def reject_at_once(request_id: Any) -> Any:
    return run(reject_request, request_id=request_id, done=_said_no, undo=undo)


def _said_no(outcome: Outcome) -> Any:
    return expression("`Rejected: ${{0}.title}`", outcome)


def approve_button(request: RequestRow, *, kind: Any = "secondary") -> rx.Component:
    return button(
        "Approve",
        kind=kind,
        size="small",
        on_click=approve(request.id),
        label=_label("Approve", request),
        custom_attrs={"data-approve": ""},
    )


def reject_button(request: RequestRow) -> rx.Component:
    return button(
        "Reject…",
        kind="quiet",
        size="small",
        on_click=rejecting.open(id=request.id, title=request.title),
        label=_label("Reject", request),
        custom_attrs={"data-reject": ""},
    )


def _label(verb: str, request: RequestRow) -> Any:
    who: Any = request.requester
    return expression(f"`{verb} ${{{{0}}}} of ${{{{1}}}}`", request.title, expression("({0}?.name ?? 'somebody')", who))


@rx.memo
def decide_here(source_id: rx.Var[str]) -> rx.Component:
    """In a notification's row: both decisions, while it waits for the reader's own."""
    request_id: Any = source_id
    found = live(get_request, request_id=request_id)
    row = found.value.row
    waits: Any = expression("({0} === 'ready' && {1}.may_decide)", found.status, row, kind=bool)
    yes = button(
        "Approve",
        size="small",
        on_click=approve(request_id),
        busy=busy(approve_request, request_id=request_id),
    )
    no = button(
        "Reject",
        kind="quiet",
        size="small",
        on_click=reject_at_once(request_id),
        busy=busy(reject_request, request_id=request_id),
    )
    half: Any = expression("({0}.needed > 1)", row, kind=bool)
    counted = rx.el.span(row.given, " of ", row.needed, " approvals", class_name="meta tn")
    return rx.fragment(
        rx.cond(
            waits,
            rx.el.div(yes, no, rx.cond(half, counted, rx.fragment()), class_name="row notice-acts"),
            rx.fragment(),
        )
    )


act_in_row("join_request", decide_here)
act_in_row("approval", decide_here)


def decision_dialogs() -> rx.Component:
    """Mount once on a page that shows requests."""
    return rx.fragment(_reject_dialog(), _approve_dialog(), _reject_many_dialog())


def _reason_field(refused: Any, hint: str) -> rx.Component:
    return text_area(
        "Reason",
        name="reason",
        hint=hint,
        error=refused.field("reason"),
        rows=3,
        custom_attrs={"dir": "auto"},
    )


def _refusal(refused: Any) -> rx.Component:
    return rx.cond(
        (refused.message != "") & ~refused.field("reason").bool(),
        note(refused.message, kind="danger", role="alert"),
        rx.fragment(),
    )


def _acts(verb: str, mutation: Any) -> rx.Component:
    return rx.el.div(
        close_button("Cancel", kind="secondary"),
        button(verb, kind="ink", submit=True, busy=busy(mutation)),
        class_name="row dialog-acts",
    )


def _reject_dialog() -> rx.Component:
    refused = problem(reject_request)
    form = live_form(
        reject_request,
        _refusal(refused),
        _reason_field(refused, "Optional. Whoever asked reads it as you write it."),
        _acts("Reject", reject_request),
        arguments={"request_id": rejecting.subject("id")},
        done=_said_no,
        undo=undo,
        then=rejecting.close(),
        class_name="col g4",
    )
    return dialog(
        rejecting,
        form,
        title=rx.fragment("Reject ", rx.el.bdi(rejecting.subject("title"))),
        lead="They are told in ten seconds. Until then you can undo it.",
    )


def _approve_dialog() -> rx.Component:
    refused, choices = problem(approve_request), approving.subject("options")
    options: Any = expression(
        "(({0} ?? []).map((each) => [each.value, each.words]))", choices, kind=list[tuple[str, str]]
    )
    chosen = select_field(approving.subject("label"), name="choice", options=options, error=refused.field("choice"))
    form = live_form(
        approve_request,
        _refusal(refused),
        rx.cond(approving.subject("label"), chosen, rx.fragment()),
        _reason_field(refused, "Optional. Whoever asked reads it as you write it."),
        _acts("Approve", approve_request),
        arguments={"request_id": approving.subject("id")},
        done=said_yes,
        undo=undo,
        then=approving.close(),
        class_name="col g4",
    )
    return dialog(
        approving,
        form,
        title=rx.fragment("Approve ", rx.el.bdi(approving.subject("title"))),
        lead="They are told in ten seconds. Until then you can undo it.",
    )


def approve_many() -> Any:
    return run(
        decide_requests,
        request_ids=selected(LIST),
        approve=True,
        done=_said_of_many,
        undo=_undo_many,
        then=clear_selection(LIST),
    )


def _said_of_many(outcome: BulkOutcome) -> Any:
    return outcome.words


def _undo_many(outcome: BulkOutcome) -> Any:
    ids = expression("{0}.decided.map((each) => each.id)", outcome, kind=list[str])
    return run(undo_decisions, request_ids=ids)


def _reject_many_dialog() -> rx.Component:
    refused = problem(decide_requests)
    form = live_form(
        decide_requests,
        _refusal(refused),
        _reason_field(refused, "Optional. All of them read it as you write it."),
        _acts("Reject", decide_requests),
        arguments={"request_ids": selected(LIST), "approve": False},
        done=_said_of_many,
        undo=_undo_many,
        then=[rejecting_many.close(), clear_selection(LIST)],
        class_name="col g4",
    )
    count = expression("{0}.length", selected(LIST), kind=int)
    return dialog(
        rejecting_many,
        form,
        title=rx.fragment("Reject ", count, rx.cond(count == 1, " request", " requests")),
        lead="They are told in ten seconds. Until then you can undo it.",
    )
