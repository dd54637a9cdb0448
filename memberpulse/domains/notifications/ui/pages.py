"""What one wants to be told of, when and where; and the page that ends letters of one type."""

from typing import Any

import reflex as rx

from memberpulse.domains.notifications.kinds import KINDS
from memberpulse.domains.notifications.preferences import DIGEST, PreferenceRow, list_my_preferences, set_preference
from memberpulse.domains.notifications.ui.choices import push_section, rhythm_sections
from memberpulse.domains.notifications.ui.inbox import inbox_page
from memberpulse.ui.calm import calm_head, calm_page
from memberpulse.ui.components import button, error_state, link_button, native_form, rows_skeleton, switch
from memberpulse.ui.expressions import expression, text_of
from memberpulse.ui.layout import settings_page
from memberpulse.ui.live import live, query_arg, run
from memberpulse.ui.page import PUBLIC, SIGNED_IN, page
from memberpulse.ui.settings import once_running

assert inbox_page, "imported for the page that it registers"

_CHANNELS = (("in_app", "In the app"), ("email", "E-mail"), ("push", "Push"))


@page("/settings/notifications", "Notifications", requires=SIGNED_IN)
def notifications_page() -> rx.Component:
    chosen = live(list_my_preferences)
    return settings_page(
        "Notifications",
        chosen.view(
            _matrix, rows_skeleton(4, label="Loading what you chose"), failed=error_state(chosen, what="What you chose")
        ),
        push_section(),
        rhythm_sections(),
        rx.el.p(
            "Letters about your account itself, such as a new sign-in or a changed password, always reach you.",
            class_name="hint settings-foot",
        ),
        requires=SIGNED_IN,
        lede="What you are told of, and how. It holds in all your organizations, and each switch is saved at once.",
    )


def _matrix(rows: Any) -> rx.Component:
    """A table, also where a phone lays its cells out as a grid: browsers then forget what they are, so it is said."""
    titles = ("What", *[words for _, words in _CHANNELS])
    heads = [
        rx.el.th(words, scope="col", role="columnheader", class_name="mid" if at else "")
        for at, words in enumerate(titles)
    ]
    return rx.el.table(
        rx.el.caption("Notifications", class_name="vh"),
        rx.el.thead(rx.el.tr(*heads, role="row"), role="rowgroup"),
        rx.el.tbody(rx.foreach(rows, _kind), role="rowgroup"),
        class_name="matrix",
        role="table",
    )


def _kind(row: PreferenceRow) -> rx.Component:
    switches = [
        rx.el.td(_switch(row, channel, words), role="cell", custom_attrs={"data-words": words})
        for channel, words in _CHANNELS
    ]
    about = rx.el.span(row.about, class_name="hint block")
    name = rx.el.th(rx.el.span(row.words, class_name="strong block"), about, scope="row", role="rowheader")
    return rx.el.tr(name, *switches, role="row", key=text_of(row.type))


def _switch(row: PreferenceRow, channel: str, words: str) -> rx.Component:
    now: Any = getattr(row, channel)

    def turn(enabled: Any, **more: Any) -> Any:
        return run(set_preference, type=row.type, channel=channel, enabled=enabled, **more)

    done = expression(f"`${{{{0}}}}, {words.lower()}: ${{{{1}} ? 'off' : 'on'}}`", row.words, now)
    return switch(
        rx.el.span(expression(f"`{words}: ${{{{0}}}}`", row.words), class_name="vh"),
        checked=now,
        on_change=turn(~now, done=done, undo=turn(now)),
    )


@page("/unsubscribe", "Unsubscribe", requires=PUBLIC, description="End letters of one type.")
def unsubscribe_page() -> rx.Component:
    known = [*((each.type, each.words.lower()) for each in KINDS), (DIGEST, "your notifications, and no digest")]
    words = rx.match(query_arg("type", ""), *known, "this")
    asked = rx.fragment(
        calm_head(
            rx.fragment("End letters about ", words),
            "You are still told of it in the app. You can turn letters on again in your settings.",
        ),
        native_form(
            rx.el.input(type="hidden", name="token", value=query_arg("token", "")),
            button("End these letters", kind="ink", size="large", submit=True),
            action="/auth/unsubscribe",
        ),
    )
    done = rx.fragment(
        calm_head(rx.fragment("You get no more letters about ", words), "It holds at once, in all your organizations."),
        link_button("Go to your notifications", href="/settings/notifications", size="large"),
    )
    wrong = rx.fragment(
        calm_head(
            "This link does not work", "It may be cut off. Sign in and choose what you are told of in your settings."
        ),
        link_button("Go to your notifications", href="/settings/notifications", size="large"),
    )
    broken = (query_arg("error", "") != "") | (query_arg("token", "") == "")
    shown = rx.cond(query_arg("done", "") != "", done, rx.cond(broken, wrong, asked))
    return calm_page(once_running(shown))
