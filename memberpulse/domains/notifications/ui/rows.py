"""What a notification's row is made of, in the bell and in the inbox alike."""

from typing import Any

import reflex as rx

from memberpulse.domains.notifications.moves import archive_notices, read_notices, snooze_notices, undo_change
from memberpulse.domains.notifications.queries import list_snooze_times
from memberpulse.domains.notifications.rules import SnoozeFor
from memberpulse.domains.notifications.schemas import Change, NotificationRow, SnoozeTime
from memberpulse.ui.components import (
    DialogHandle,
    avatar,
    icon_tile,
    menu_item,
    menu_rule,
    relative_time,
)
from memberpulse.ui.expressions import expression
from memberpulse.ui.live import live, run

snooze_until = DialogHandle("snooze-until")
"""Opened with ids and whether the others of their groups are meant too."""


def face(notice: NotificationRow) -> rx.Component:
    """Who caused it; of a group, the first two."""
    person: Any = notice.person
    people: Any = notice.people
    alone = rx.cond(person, avatar(person), icon_tile("bell"))
    pair = rx.el.span(
        rx.foreach(people[:2], lambda each: avatar(each, size="small")), class_name="faces", aria_hidden="true"
    )
    return rx.cond((notice.count > 1) & (people.length() > 1), pair, alone)


def said(notice: NotificationRow) -> rx.Component:
    """Who, and what."""
    person: Any = notice.person
    by = rx.cond(person, rx.fragment(rx.el.bdi(person.name), rx.cond(notice.message, ": ", "")), rx.fragment())
    return rx.el.p(rx.cond(notice.count > 1, rx.fragment(), by), rx.el.bdi(notice.message), class_name="meta clamp2")


def undo(change: Change) -> Any:
    """A handler that takes a change back."""
    return run(undo_change, change_id=change.id)


def reading(notice: NotificationRow) -> Any:
    """A handler that marks all that a row stands for as read."""
    return run(read_notices, notification_ids=[notice.id], whole=True)


def archive(ids: Any, done: Any, **more: Any) -> Any:
    return run(archive_notices, notification_ids=ids, whole=True, done=done, undo=undo, **more)


def snooze_items(ids: Any, **more: Any) -> list[rx.Component]:
    """The choices of a menu: until when it is out of sight. The times are those of the person's own clock."""
    times = live(list_snooze_times)

    def item(time: SnoozeTime) -> rx.Component:
        snooze = run(
            snooze_notices,
            notification_ids=ids,
            when=time.choice,
            whole=True,
            done=lambda change: _snoozed(change, time.words),
            undo=undo,
            **more,
        )
        return menu_item(time.words, hint=relative_time(time.at, form="stamp"), icon="clock", on_select=snooze)

    return [
        rx.foreach(expression("({0} ?? [])", times.value, kind=list[SnoozeTime]), item),
        menu_rule(),
        menu_item("Choose a time…", icon="calendar_clock", on_select=snooze_until.open(ids=ids)),
    ]


def counted(change: Change, verb: str) -> Any:
    """Such as "3 notifications archived"."""
    return expression(f"{{0}} === 1 ? '1 notification {verb}' : `${{{{0}}}} notifications {verb}`", change.count)


def _snoozed(change: Change, words: Any) -> Any:
    return expression("({0} === 1 ? 'Snoozed: ' : {0} + ' snoozed: ') + {1}.toLowerCase()", change.count, words)


CHOSEN = SnoozeFor.CHOSEN.value
