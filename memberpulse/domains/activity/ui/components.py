"""What happened, for any page."""

from typing import Any

import reflex as rx

from memberpulse.domains.activity.queries import list_latest
from memberpulse.domains.activity.schemas import ActivityRow
from memberpulse.ui.components import error_state, feed, feed_item, relative_time, rows_skeleton, section
from memberpulse.ui.expressions import size_of, text_of
from memberpulse.ui.live import live


def latest_activity() -> rx.Component:
    """The 20 latest activities; new ones arrive warm."""
    latest = live(list_latest)

    def ready(found: list[ActivityRow]) -> rx.Component:
        return feed(rx.foreach(found, _line), label="Latest activity")

    nothing = rx.el.p("Nothing has happened yet. What people do appears here by itself.", class_name="meta pad lone")
    return section(
        latest.view(
            ready,
            rows_skeleton(8, avatars=False, label="Loading activity"),
            empty=(size_of(latest.value) == 0, nothing),
            failed=error_state(latest, what="Activity", small=True),
        ),
        title="Activity",
    )


def _line(activity: ActivityRow) -> rx.Component:
    person: Any = activity.person
    who = rx.cond(person, rx.fragment(rx.el.bdi(person.name, class_name="strong"), " "), rx.fragment())
    target = rx.cond(activity.target, rx.fragment(" ", rx.el.bdi(activity.target, class_name="strong")), rx.fragment())
    at = relative_time(activity.at, form="clock")
    return feed_item(who, activity.text, target, time=at, key=text_of(activity.id))
