"""What waits, for other pages."""

from typing import Any

import reflex as rx

from memberpulse.domains.approvals.queries import count_pending, count_waiting, list_requests
from memberpulse.domains.approvals.schemas import PendingCount, RequestList, RequestRow
from memberpulse.domains.approvals.ui.deeds import approve_button, decision_dialogs, reject_button
from memberpulse.domains.organizations.queries import get_viewer
from memberpulse.domains.presence.ui.components import lookers_of, looking_at
from memberpulse.ui.components import (
    avatar,
    count,
    icon_tile,
    link,
    relative_time,
    row,
    rows,
    section,
    stat,
    stat_skeleton,
)
from memberpulse.ui.expressions import expression, number, text_of
from memberpulse.ui.live import live

_SHOWN = 4


def approvals_stat() -> rx.Component:
    """How many requests wait in the organization, how many of them for whoever looks, and since when."""
    pending, waiting = live(count_pending), live(count_waiting).value

    def ready(found: PendingCount) -> rx.Component:
        mine = rx.cond(waiting.count, rx.fragment(number(waiting.count), " for you, "), rx.fragment())
        oldest = rx.fragment(mine, "oldest waits ", relative_time(found.oldest_at))
        return stat("Approvals", number(found.count), why=rx.cond(found.oldest_at, oldest, "nobody waits"), live=True)

    return pending.view(ready, stat_skeleton(), forbidden=rx.fragment())


def waiting_for_you() -> rx.Component:
    """The requests that have waited longest for whoever looks, to be decided on the spot. Nothing while none does."""
    waiting, requests = live(count_waiting), live(list_requests)
    looks, viewer = looking_at("/approvals"), live(get_viewer).value

    def line(request: RequestRow) -> rx.Component:
        who: Any = request.requester
        return row(
            rx.el.bdi(rx.cond(who, who.name, "Somebody"), class_name="strong"),
            " ",
            rx.el.bdi(request.title),
            lead=rx.cond(who, avatar(who), icon_tile("user")),
            end=rx.fragment(
                lookers_of(looks, request.id, viewer),
                rx.el.span(relative_time(request.created_at), class_name="meta only-l"),
                reject_button(request),
                approve_button(request),
            ),
            key=text_of(request.id),
        )

    def ready(found: RequestList) -> rx.Component:
        yours: Any = expression(
            f"{{0}}.filter((row) => row.may_decide).slice(0, {_SHOWN})", found.rows, kind=list[RequestRow]
        )
        return section(
            rows(rx.foreach(yours, line), label="Waiting for you"),
            title="Waiting for you",
            beside=count(number(waiting.value.count), soft=True),
            end=link("See all", href="/approvals"),
        )

    some: Any = expression("(({0}?.count ?? 0) > 0)", waiting.value, kind=bool)
    shown = requests.view(ready, rx.fragment(), forbidden=rx.fragment(), failed=rx.fragment())
    return rx.fragment(rx.cond(some, shown, rx.fragment()), decision_dialogs())
