"""A request opened in its row: what it is about, who has said what, and the longer way to decide."""

from typing import Any

import reflex as rx

from memberpulse.domains.approvals.enclosing import AT, enclose_file, take_file_back
from memberpulse.domains.approvals.queries import get_request
from memberpulse.domains.approvals.schemas import DetailView, RequestDetail, VoteView
from memberpulse.domains.approvals.ui.deeds import approving, rejecting
from memberpulse.domains.files.models import Audience
from memberpulse.domains.files.ui.attachments import attachments
from memberpulse.ui.components import avatar, bone, button, error_state, icon, relative_time
from memberpulse.ui.expressions import size_of, text_of
from memberpulse.ui.live import live


@rx.memo
def opened(request_id: rx.Var[str]) -> rx.Component:
    """Subscribed only while the row is open."""
    asked: Any = request_id
    found = live(get_request, request_id=asked)
    waiting = rx.el.div(bone("14rem"), bone("20rem"), class_name="col g2 late")
    return rx.el.div(
        found.view(_all_of_it, waiting, failed=error_state(found, what="The request", small=True)),
        class_name="approval-open",
    )


def _all_of_it(detail: RequestDetail) -> rx.Component:
    row = detail.row
    return rx.fragment(
        rx.cond(row.summary, rx.el.p(row.summary, class_name="said", dir="auto"), rx.fragment()),
        rx.el.dl(
            _line("Asked", relative_time(row.created_at, form="full")),
            rx.foreach(detail.details, _detail),
            _line("Takes", rx.cond(row.needed == 1, "one approval", rx.fragment(row.needed, " approvals"))),
            class_name="facts",
        ),
        _files(detail),
        rx.el.ol(rx.foreach(detail.votes, _vote), class_name="votes", aria_label="Who has said what"),
        rx.cond(row.may_decide, _longer_way(detail), rx.fragment()),
    )


def _files(detail: RequestDetail) -> rx.Component:
    row = detail.row
    return attachments(
        entity_type=AT,
        entity_id=row.id,
        attach=enclose_file,
        detach=take_file_back,
        arguments={"request_id": row.id},
        may_change=row.mine & (row.status == "pending") & (size_of(detail.votes) == 0),  # type: ignore[operator]
        label="Files",
        audience=Audience.ADMINS.value,
    )


def _line(label: Any, text: Any) -> rx.Component:
    return rx.el.div(rx.el.dt(label), rx.el.dd(text))


def _detail(detail: DetailView) -> rx.Component:
    return rx.el.div(rx.el.dt(detail.label), rx.el.dd(rx.el.bdi(detail.text)), key=text_of(detail.label))


def _vote(vote: VoteView) -> rx.Component:
    who: Any = vote.person
    return rx.el.li(
        rx.cond(who, avatar(who, size="small"), icon("user")),
        rx.el.div(
            rx.el.p(
                rx.el.b(rx.el.bdi(rx.cond(who, who.name, "Deleted person"))),
                rx.cond(vote.approves, " approved", " rejected"),
                rx.cond(vote.choice, rx.fragment(" as ", rx.el.bdi(vote.choice)), rx.fragment()),
                ", ",
                relative_time(vote.at, form="ago"),
            ),
            rx.cond(vote.reason, rx.el.p(vote.reason, class_name="said", dir="auto"), rx.fragment()),
        ),
        key=text_of(vote.id),
    )


def _longer_way(detail: RequestDetail) -> rx.Component:
    row = detail.row
    about = {"id": row.id, "title": row.title, "label": detail.choice_label, "options": detail.options}
    words = rx.cond(detail.choice_label, "Approve as…", "Approve with a reason…")
    return rx.el.div(
        button(words, size="small", on_click=approving.open(**about)),
        button("Reject with a reason…", size="small", on_click=rejecting.open(id=row.id, title=row.title)),
        class_name="row wrap",
    )
