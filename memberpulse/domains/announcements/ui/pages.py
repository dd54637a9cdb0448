"""The announcements page: what was said to everybody, and where it is said."""

from typing import Any

import reflex as rx

from memberpulse.domains.announcements.mutations import post_announcement, withdraw_announcement
from memberpulse.domains.announcements.queries import list_announcements
from memberpulse.domains.announcements.rules import MAX_BODY_CHARACTERS, MAX_TITLE_CHARACTERS, UNDO
from memberpulse.domains.announcements.schemas import AnnouncementList, AnnouncementView
from memberpulse.domains.organizations.queries import get_viewer
from memberpulse.ui.components import (
    avatar,
    button,
    empty_state,
    error_state,
    head,
    kbd,
    note,
    relative_time,
    rows_skeleton,
    text_area,
    text_field,
    until,
)
from memberpulse.ui.components.marks import Rows
from memberpulse.ui.expressions import expression, may, size_of, text_of
from memberpulse.ui.layout import KeyHelp, app_page
from memberpulse.ui.live import busy, live, live_form, live_list, problem, run
from memberpulse.ui.page import page

_KEYS = (KeyHelp("C", "Write an announcement"), KeyHelp("⌘ ↵", "Post it"))


@page("/announcements", "Announcements", requires="announcements.view", sheets=("work",))
def announcements_page() -> rx.Component:
    may_post = may(live(get_viewer).value, "announcements.post")
    return app_page(
        "Announcements",
        rx.el.div(
            rx.el.div(_list(may_post), class_name="split-l"),
            rx.cond(may_post, rx.el.div(_composer(), class_name="split-r"), rx.fragment()),
            class_name=rx.cond(may_post, "split news", "news"),
        ),
        _Linked.create(count=size_of(live_list(list_announcements).value.rows)),
        heading=head(title="Announcements"),
        keys=_KEYS,
    )


def _composer() -> rx.Component:
    refused = problem(post_announcement)
    organization = expression("({0}?.name ?? '')", live(get_viewer).value.organization)
    return rx.el.section(
        rx.el.header(rx.el.h2("New announcement", class_name="t14")),
        live_form(
            post_announcement,
            rx.cond(
                (refused.message != "") & ~(refused.field("title") | refused.field("body")),
                note(refused.message, kind="danger", role="alert"),
                rx.fragment(),
            ),
            _counted(
                text_field(
                    "Title",
                    name="title",
                    error=refused.field("title"),
                    auto_complete="off",
                    placeholder="What is new?",
                    custom_attrs={"data-key": "c", "dir": "auto"},
                ),
                "title",
                MAX_TITLE_CHARACTERS,
            ),
            _counted(
                text_area(
                    "What everybody should know",
                    name="body",
                    error=refused.field("body"),
                    rows=6,
                    placeholder=" ",
                    custom_attrs={"dir": "auto"},
                ),
                "body",
                MAX_BODY_CHARACTERS,
            ),
            rx.el.div(
                rx.el.p("Everyone in ", organization, " is told at once.", class_name="meta grow"),
                button(
                    rx.fragment("Post", rx.el.span(kbd("⌘"), kbd("↵"), class_name="row g1 only-l")),
                    kind="ink",
                    submit=True,
                    busy=busy(post_announcement),
                ),
                class_name="row g3",
            ),
            done="Announcement posted",
            undo=lambda posted: run(withdraw_announcement, announcement_id=posted.id),
            class_name="col g4 pad",
            aria_label="New announcement",
        ),
        class_name="sec composer",
    )


def _counted(field: rx.Component, name: str, most: int) -> rx.Component:
    return rx.el.div(field, _Counter.create(field=f"field-{name}", most=most), class_name="counted")


def _list(may_post: Any) -> rx.Component:
    posted = live_list(list_announcements)
    more = button("Show more", on_click=posted.more, busy=posted.loading_more)

    def ready(found: AnnouncementList) -> rx.Component:
        return rx.fragment(
            Rows.create(
                rx.foreach(found.rows, _announcement),
                as_="ul",
                class_name="newslist",
                label="Announcements",
                scope=posted.pages,
            ),
            rx.cond(posted.has_more, rx.el.div(more, class_name="more-row"), rx.fragment()),
        )

    return posted.view(
        ready,
        rows_skeleton(6, label="Loading announcements"),
        empty=(size_of(posted.value.rows) == 0, _none(may_post)),
        failed=error_state(posted, what="The announcements"),
    )


def _none(may_post: Any) -> rx.Component:
    first = empty_state(
        "Nothing has been announced", "Post the first one: it is in everybody’s bell at the same moment."
    )
    wait = empty_state("Nothing has been announced", "When somebody does, it appears here and in your bell.")
    return rx.cond(may_post, first, wait)


def _announcement(announcement: AnnouncementView) -> rx.Component:
    author = announcement.author
    mine = author.id == live(get_viewer).value.person.id
    withdraw = button(
        "Withdraw",
        icon="undo_2",
        size="small",
        on_click=run(withdraw_announcement, announcement_id=announcement.id),
    )
    undone = rx.cond(mine, until(announcement.at, withdraw, seconds=int(UNDO.total_seconds())), rx.fragment())
    return rx.el.li(
        avatar(author),
        rx.el.article(
            rx.el.header(
                rx.el.bdi(author.name, class_name="soft cut"),
                relative_time(announcement.at, form="ago", class_name="meta"),
                rx.el.span(undone, class_name="push"),
                class_name="row",
            ),
            rx.el.h2(announcement.title, class_name="t14", dir="auto"),
            rx.el.p(announcement.body, class_name="said", dir="auto"),
            class_name="grow",
        ),
        id=text_of(announcement.id),
        key=text_of(announcement.id),
        tab_index=-1,
    )


class _Announcements(rx.Component):
    library = "$/public/announcements"


class _Counter(_Announcements):
    tag = "Counter"

    field: rx.Var[str]
    most: rx.Var[int]


class _Linked(_Announcements):
    tag = "Linked"

    count: rx.Var[int]
