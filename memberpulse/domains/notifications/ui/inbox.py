"""The inbox: everything that a person was told, and what becomes of it."""

from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex_base.utils.imports import ImportVar

from memberpulse.domains.notifications.kinds import KINDS
from memberpulse.domains.notifications.moves import (
    archive_notices,
    mark_all_read,
    read_notices,
    snooze_notices,
    unarchive_notices,
    unsnooze_notices,
)
from memberpulse.domains.notifications.preferences import mute_type, unmute_type
from memberpulse.domains.notifications.queries import (
    count_inbox,
    explain_notice,
    list_group,
    list_inbox,
)
from memberpulse.domains.notifications.schemas import Inbox, NotificationRow
from memberpulse.domains.notifications.ui.actions import row_actions
from memberpulse.domains.notifications.ui.rows import (
    CHOSEN,
    archive,
    counted,
    face,
    reading,
    said,
    snooze_items,
    snooze_until,
    undo,
)
from memberpulse.ui.address import address_value, clear_address, set_address
from memberpulse.ui.components import (
    DialogHandle,
    anchor,
    badge,
    button,
    close_button,
    dialog,
    empty_state,
    error_state,
    filtered_empty,
    head,
    icon_button,
    link_button,
    menu,
    menu_item,
    menu_rule,
    relative_time,
    row_keys,
    rows_skeleton,
    search_field,
    segmented,
    text_field,
    toolbar,
)
from memberpulse.ui.components.marks import Rows
from memberpulse.ui.expressions import expression, number, size_of, text_of
from memberpulse.ui.layout import KeyHelp, app_page
from memberpulse.ui.live import LiveList, busy, live, live_form, live_list, problem, run
from memberpulse.ui.page import page

_VIEWS = (("all", "Inbox"), ("unread", "Unread"), ("snoozed", "Snoozed"), ("archived", "Archived"))
_KEYS = (
    KeyHelp("J K", "Move"),
    KeyHelp("↵", "Open"),
    KeyHelp("E", "Archive, or put back"),
    KeyHelp("S H", "Snooze, or bring back"),
    KeyHelp("R", "Mark as read or unread"),
    KeyHelp("X", "Select"),
    KeyHelp("U", "Undo"),
    KeyHelp("/", "Search notifications"),
)

_why = DialogHandle("why-notice")


@page("/notifications", "Inbox", requires="notifications.view", sheets=("work",))
def inbox_page() -> rx.Component:
    inbox = _inbox()
    everything = button(
        "Mark all read",
        icon="check_check",
        on_click=run(mark_all_read, done=lambda change: counted(change, "read"), undo=undo),
        busy=busy(mark_all_read),
    )
    unread: Any = live(count_inbox).value.unread
    return app_page(
        "Inbox",
        _tools(),
        inbox.view(
            lambda found: _list(found, inbox),
            rows_skeleton(8, label="Loading your inbox"),
            empty=(size_of(inbox.value.rows) == 0, _none()),
            failed=error_state(inbox, what="Your inbox"),
        ),
        _bulk(),
        dialog(snooze_until, _snooze_form(ids=snooze_until.subject("ids").to(list[str])), title="Snooze until"),
        dialog(_why, _reason(notice=_why.subject("id"), type=_why.subject("type")), title="Why you got this"),
        row_keys(".inbox [data-row]", opens=".notice"),
        _InboxKeys.create(),
        heading=_head(),
        action=rx.cond(unread, everything, rx.fragment()),
        keys=_KEYS,
    )


def _inbox() -> LiveList[Inbox]:
    return live_list(
        list_inbox, view=address_value("view", "all"), type=address_value("type"), search=address_value("q")
    )


def _head() -> rx.Component:
    counts = live(count_inbox).value
    some: Any = counts.unread
    settings = rx.el.span(
        link_button("Settings", href="/settings/notifications", kind="quiet", icon="sliders_horizontal"),
        class_name="only-l",
    )
    beside = rx.cond(
        some,
        rx.el.span(rx.el.span(number(counts.unread), class_name="tn"), " unread", class_name="meta"),
        rx.fragment(),
    )
    return head(beside, title="Inbox", actions=(settings,))


def _tools() -> rx.Component:
    view, type_ = address_value("view", "all"), address_value("type")
    chosen = rx.match(type_, *[(each.type, each.words) for each in KINDS], "All types")
    types = [
        menu_item(words, icon=None, on_select=set_address("type").partial(value))
        for value, words in (("", "All types"), *((each.type, each.words) for each in KINDS))
    ]
    return toolbar(
        search_field(
            label="Search notifications",
            placeholder="Title or message",
            value=address_value("q"),
            on_search=set_address("q"),
        ),
        menu(*types, text=chosen, icon="list_filter", kind="secondary", title="Type", align="start", width="14rem"),
        segmented(_VIEWS, value=view, on_change=set_address("view", "all"), label="Part of the inbox"),
    )


# The list


def _list(found: Inbox, inbox: LiveList[Inbox]) -> rx.Component:
    scope = expression(
        "[{0}, {1}, {2}, {3}].join(':')",
        address_value("view", "all"),
        address_value("type"),
        address_value("q"),
        inbox.pages,
    )
    more = button("Show more", on_click=inbox.more, busy=inbox.loading_more)
    return rx.fragment(
        Rows.create(rx.foreach(found.rows, _row), as_="ul", class_name="inbox", label="Notifications", scope=scope),
        rx.cond(inbox.has_more, rx.el.div(more, class_name="more-row"), rx.fragment()),
    )


def _row(notice: NotificationRow) -> rx.Component:
    is_group = notice.count > 1
    several = _Unfold.create(
        _members(thread=text_of(notice.thread), view=address_value("view", "all")), count=notice.count
    )
    return rx.el.li(
        _Tick.create(notice=text_of(notice.id), label=expression("`Select ${{0}}`", notice.title)),
        face(notice),
        rx.el.div(
            rx.el.p(_title(notice), _marks(notice), class_name="row g2 wrap"),
            said(notice),
            rx.cond(is_group, several, row_actions(notice)),
            class_name="grow",
        ),
        rx.el.span(_when(notice), _deeds(notice), class_name="inbox-end"),
        class_name=rx.cond(notice.unread > 0, "inbox-row unread-row", "inbox-row"),
        tab_index=-1,
        key=text_of(notice.thread),
        custom_attrs={"data-row": ""},
    )


@rx.memo
def _members(thread: rx.Var[str], view: rx.Var[str]) -> rx.Component:
    """The notifications of a group, one by one."""
    asked: Any = {"thread": thread, "view": view}
    group = live(list_group, **asked)
    return group.view(
        lambda some: rx.el.ul(rx.foreach(some, _member), class_name="inbox-group"),
        rows_skeleton(2, label="Loading the group"),
        failed=error_state(group, what="The group", small=True),
    )


def _member(notice: NotificationRow) -> rx.Component:
    put_away = run(
        archive_notices, notification_ids=[notice.id], done=lambda change: counted(change, "archived"), undo=undo
    )
    return rx.el.li(
        face(notice),
        rx.el.div(rx.el.p(_title(notice)), said(notice), row_actions(notice), class_name="grow"),
        relative_time(notice.at),
        icon_button("archive", label="Archive this one", size="small", on_click=put_away),
        key=text_of(notice.id),
    )


def _title(notice: NotificationRow) -> Any:
    words = rx.el.bdi(notice.title, class_name="strong")
    opened = anchor(words, href=text_of(notice.link), on_click=reading(notice), class_name="notice")
    stays = rx.el.button(words, type="button", on_click=reading(notice), class_name="notice")
    return rx.cond(notice.link, opened, stays)


def _marks(notice: NotificationRow) -> rx.Component:
    back: Any = notice.snoozed_until
    away = badge(rx.fragment("Back ", relative_time(notice.snoozed_until, form="stamp")), kind="line")
    returned = badge("Was snoozed", kind="line")
    return rx.fragment(rx.cond(back, away, rx.fragment()), rx.cond(notice.returned, returned, rx.fragment()))


def _when(notice: NotificationRow) -> rx.Component:
    dot = rx.el.span(rx.el.span("Unread", class_name="vh"), class_name="unread")
    return rx.el.span(relative_time(notice.at), rx.cond(notice.unread > 0, dot, rx.fragment()), class_name="inbox-when")


def _deeds(notice: NotificationRow) -> rx.Component:
    ids: Any = [notice.id]
    back, now = _back(ids), _now(ids)
    put_away = archive(ids, lambda change: counted(change, "archived"))
    is_away: Any = notice.snoozed_until
    snooze = menu(
        *snooze_items(ids),
        icon="clock",
        label=expression("`Snooze ${{0}}`", notice.title),
        size="small",
        title="Snooze until",
        width="14rem",
    )
    return rx.el.span(
        rx.cond(
            notice.archived,
            icon_button("archive_restore", label="Put back into the inbox", size="small", on_click=back, data_do="e"),
            icon_button("archive", label="Archive", size="small", on_click=put_away, data_do="e"),
        ),
        rx.cond(
            is_away,
            icon_button("bell_ring", label="Bring back now", size="small", on_click=now, data_do="s"),
            rx.cond(notice.archived, rx.fragment(), rx.el.span(snooze, data_do="s")),
        ),
        _more(notice),
        class_name="acts",
    )


def _back(ids: Any) -> Any:
    return run(unarchive_notices, notification_ids=ids, whole=True, done="Back in your inbox", undo=undo)


def _now(ids: Any) -> Any:
    return run(unsnooze_notices, notification_ids=ids, whole=True, done="Back in your inbox", undo=undo)


def _more(notice: NotificationRow) -> rx.Component:
    ids: Any = [notice.id]

    def mark(read: bool, words: str) -> rx.Component:
        done = run(read_notices, notification_ids=ids, read=read, whole=True)
        return menu_item(words, icon="mail_open" if read else "mail", key="R", on_select=done)

    mute = run(
        mute_type,
        type=notice.type,
        done=lambda muted: expression("`${{0}}: muted`", muted.words),
        undo=lambda muted: run(unmute_type, type=muted.type, channels=muted.channels),
    )
    muting = menu_item(
        expression("`Mute “${{0}}”`", notice.kind),
        hint="You are told of none any more",
        icon="bell_off",
        on_select=mute,
    )
    hidden = rx.cond(
        notice.unread > 0,
        _press("r", run(read_notices, notification_ids=ids, read=True, whole=True)),
        _press("r", run(read_notices, notification_ids=ids, read=False, whole=True)),
    )
    put_away = menu_item(
        "Archive", icon="archive", key="E", on_select=archive(ids, lambda change: counted(change, "archived"))
    )
    back = menu_item("Put back into the inbox", icon="archive_restore", key="E", on_select=_back(ids))
    now = menu_item("Bring back now", icon="bell_ring", key="S", on_select=_now(ids))
    is_away: Any = notice.snoozed_until
    return rx.fragment(
        hidden,
        menu(
            rx.cond(notice.archived, back, put_away),
            rx.cond(is_away, now, rx.fragment()),
            rx.cond(notice.unread > 0, mark(True, "Mark as read"), mark(False, "Mark as unread")),
            menu_item("Why did I get this?", icon="circle_help", on_select=_why.open(id=notice.id, type=notice.type)),
            menu_rule(),
            rx.cond(notice.kind, muting, rx.fragment()),
            icon="ellipsis",
            size="small",
            label=expression("`More for ${{0}}`", notice.title),
            title=notice.title,
            width="16rem",
        ),
    )


def _press(key: str, handler: Any) -> rx.Component:
    """What a key presses, for a deed that has no button of its own in the row."""
    return rx.el.button(type="button", on_click=handler, hidden=True, tab_index=-1, aria_hidden="true", data_do=key)


# What is done to several


def _bulk() -> rx.Component:
    ids = _selected()
    view = address_value("view", "all")
    after = {"then": _clear_selected()}
    count = size_of(ids)
    scope = expression("[{0}, {1}, {2}].join(':')", view, address_value("type"), address_value("q"))

    def deed(words: str, icon: str, key: str, mutation: Any, done: str) -> rx.Component:
        handler = run(
            mutation, notification_ids=ids, whole=True, done=lambda change: counted(change, done), undo=undo, **after
        )
        return button(words, icon=icon, kind="quiet", on_click=handler, data_do=key)

    put_away = button(
        "Archive",
        icon="archive",
        kind="quiet",
        on_click=archive(ids, lambda each: counted(each, "archived"), **after),
        data_do="e",
    )
    snooze = menu(*snooze_items(ids, **after), text="Snooze", icon="clock", title="Snooze until", width="14rem")
    return _Bulk.create(
        rx.el.b(rx.el.span(count, class_name="tn"), " selected"),
        rx.el.span(class_name="rule", aria_hidden="true"),
        rx.cond(
            view == "archived",
            deed("Put back", "archive_restore", "e", unarchive_notices, "put back"),
            put_away,
        ),
        rx.match(
            view,
            ("snoozed", deed("Bring back", "bell_ring", "s", unsnooze_notices, "brought back")),
            ("archived", rx.fragment()),
            rx.el.span(snooze, data_do="s"),
        ),
        deed("Mark read", "mail_open", "r", read_notices, "read"),
        icon_button("x", label="Select nothing", on_click=_clear_selected()),
        scope=scope,
    )


@rx.memo
def _snooze_form(ids: rx.Var[list[str]]) -> rx.Component:
    refused = problem(snooze_notices)
    return live_form(
        snooze_notices,
        text_field(
            "Date and time",
            name="chosen",
            type="datetime-local",
            hint="As your own clock shows it. It comes back to the top of your inbox, unread.",
            error=refused.field("chosen"),
            required=True,
        ),
        rx.el.div(
            close_button("Cancel", kind="secondary"),
            button("Snooze", kind="ink", submit=True, busy=busy(snooze_notices)),
            class_name="row push-end",
        ),
        arguments={"notification_ids": ids, "when": CHOSEN, "whole": True},
        done=lambda change: counted(change, "snoozed"),
        undo=undo,
        then=[snooze_until.close(), _clear_selected()],
        class_name="col g4",
        aria_label="Snooze until",
    )


@rx.memo
def _reason(notice: rx.Var[str], type: rx.Var[str]) -> rx.Component:  # noqa: A002
    """Why, in one sentence, and how to change it."""
    asked: Any = {"notification_id": notice}
    reason = live(explain_notice, **asked)
    mute = button(
        "Mute this type",
        icon="bell_off",
        on_click=run(
            mute_type,
            type=type,
            done=lambda muted: expression("`${{0}}: muted`", muted.words),
            undo=lambda muted: run(unmute_type, type=muted.type, channels=muted.channels),
            then=_why.close(),
        ),
    )
    return rx.el.div(
        reason.view(
            lambda found: rx.el.p(found.sentence, class_name="why-sentence"),
            rx.el.p("\u00a0"),
            failed=error_state(reason, what="The reason", small=True),
        ),
        rx.el.div(
            rx.cond(reason.value.muted, rx.fragment(), mute),
            link_button("All your choices", href="/settings/notifications", kind="quiet"),
            class_name="row wrap",
        ),
        class_name="col g4",
    )


def _none() -> rx.Component:
    view = address_value("view", "all")
    narrowed = address_value("q") | address_value("type")
    dropped = filtered_empty(
        "Nothing here fits what you look for.", drop="Show everything", on_drop=clear_address("q", "type")
    )
    settings = link_button("Choose what you are told of", href="/settings/notifications")
    return rx.cond(
        narrowed,
        dropped,
        rx.match(
            view,
            (
                "unread",
                empty_state("Nothing is unread", "What concerns you arrives here, in every tab at once.", settings),
            ),
            (
                "snoozed",
                empty_state("Nothing is snoozed", "Press S on a notification to have it back when it suits you."),
            ),
            (
                "archived",
                empty_state(
                    "Nothing is archived", "Press E on a notification to put it away. It stays here for 90 days."
                ),
            ),
            empty_state("Your inbox is empty", "What concerns you arrives here, in every tab at once.", settings),
        ),
    )


def _selected() -> Any:
    data = VarData(
        hooks={"const selectedNotices = useSelected();": None},
        imports={"$/public/inbox": [ImportVar(tag="useSelected")]},
    )
    return rx.Var("selectedNotices", _var_type=list[str], _var_data=data).guess_type()


def _clear_selected() -> Any:
    data = VarData(imports={"$/public/inbox": [ImportVar(tag="clearSelected")]})
    return rx.Var("clearSelected", _var_data=data).to(rx.vars.FunctionVar)


class _InboxPart(rx.Component):
    library = "$/public/inbox"


class _Tick(_InboxPart):
    tag = "Tick"

    notice: rx.Var[str]
    label: rx.Var[str]


class _Bulk(_InboxPart):
    tag = "Bulk"

    scope: rx.Var[str]


class _Unfold(_InboxPart):
    tag = "Unfold"

    count: rx.Var[int]


class _InboxKeys(_InboxPart):
    tag = "InboxKeys"
