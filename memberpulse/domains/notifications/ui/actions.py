"""What can be done about a notification where it is shown. Higher domains register it; the row knows only its type.

    act_in_row("join_request", decide_here)

The component is an `@rx.memo` with one prop, `source_id`: the entity that the notification is about. It shows nothing
once there is nothing left to do.
"""

from collections.abc import Callable
from typing import Any

import reflex as rx

from memberpulse.domains.notifications.schemas import NotificationRow
from memberpulse.ui.expressions import text_of

RowAction = Callable[..., rx.Component]

_actions: dict[str, RowAction] = {}


def act_in_row(type_: str, action: RowAction) -> None:
    """Offer something to do in the rows of one type of notification. Before the pages are compiled."""
    _actions[type_] = action


def row_actions(notice: NotificationRow) -> rx.Component:
    """The place for it in a row; nothing for a type without any, or without an entity."""
    if not _actions:
        return rx.fragment()
    source: Any = notice.source_id
    known = [(type_, action(source_id=text_of(source))) for type_, action in _actions.items()]
    return rx.cond(source, rx.match(notice.type, *known, rx.fragment()), rx.fragment())
