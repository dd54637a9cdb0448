"""The public landing page: what MemberPulse is, in sentences that are true of it."""

import reflex as rx

from memberpulse.domains.newsletter.ui.components import newsletter_form
from memberpulse.pages.scene import scene
from memberpulse.ui.components import badge, icon, link_button, mark
from memberpulse.ui.components.kinds import jump, skip_link
from memberpulse.ui.components.lines import hour
from memberpulse.ui.page import PUBLIC, page

_DESCRIPTION = "A membership platform that runs on your own server and keeps every screen current by itself."

_DOORS = (
    ("globe", "Browser", "Screens for phone and desk. They change while you look.", "/dashboard"),
    ("braces", "HTTP", "Every query and mutation, with an idempotency key.", "POST /api/query/activity.list_latest"),
    ("radio", "Stream", "One WebSocket, versioned, that resumes after a break.", "wss://your.club/live"),
    ("terminal", "Command line", "The same functions, for scripts and for rescue.", "memberpulse run …"),
)
_ROLES = (
    ("Owner", "Everything, and who else owns."),
    ("Admin", "People, roles, announcements, the organization’s settings."),
    ("Creator", "Sees what members see, and posts announcements."),
    ("Member", "Sees the dashboard, the others, the news and their own bell."),
    ("Your own", "What every member may do, and what you add to it."),
)
_TODAY = (
    (
        "layout_dashboard",
        "A live dashboard",
        "Who is here and where, what just happened, what waits, and how today compares.",
    ),
    ("users", "Members", "Levels that renew, details of your own, a directory of those who want to be found."),
    ("user_plus", "Ways in", "Invitations whose letters you see arrive, links, requests, and files with a dry run."),
    ("megaphone", "Announcements", "Post once: it is in everyone’s bell and in the activity at the same moment."),
    ("bell", "One bell, one inbox", "Read it in one tab and it is read in all. By mail, by push, or quiet at night."),
    ("calendar", "Events with live queues", "Join by phone and see your place move; the wall shows who is called."),
    ("credit_card", "Payments", "Priced events, paid straight to the club by Stripe, with refunds and receipts."),
    ("check_check", "Approvals", "One person says yes, or two must; the faster one wins, and it can be taken back."),
    ("folder", "Files", "Dropped in one window, there in the other; checked on the way in, found by what they say."),
    ("key_round", "Rights that explain themselves", "Roles of your own, and one sentence on why somebody may not."),
    ("shield", "Sign-in for everyone", "A password, a link by mail, a passkey, or the account you have elsewhere."),
    ("scroll_text", "A log that can be checked", "Who did what, before and after, in a chain that shows every change."),
)


@page("/", "Your club, as it happens", requires=PUBLIC, description=_DESCRIPTION, sheets=("gate", "queue"))
def landing_page() -> rx.Component:
    return rx.el.div(
        skip_link("Skip to content", to="main"),
        _top(),
        rx.el.main(_hero(), scene(), _live(), _today(), _doors(), _roles(), _host(), _news(), id="main", tab_index=-1),
        _foot(),
        class_name="land",
    )


def _top() -> rx.Component:
    places = (("How it stays current", "live"), ("What is in it", "today"), ("Host it", "host"))
    links = [jump(words, to=name) for words, name in places]
    return rx.el.header(
        rx.el.a(mark(), rx.el.b("MemberPulse", class_name="t14"), href="/", class_name="row g3 brand"),
        rx.el.nav(*links, class_name="row g6 push only-l", aria_label="About"),
        link_button("Sign in", href="/sign-in"),
        class_name="land-top",
    )


def _hero() -> rx.Component:
    return rx.el.section(
        rx.el.h1(
            "Your club, as it happens",
            rx.el.span(class_name="stop", aria_hidden="true"),
            class_name="hero-words",
            tab_index=-1,
        ),
        rx.el.p(
            "Members, events with live queues, payments, approvals and files, on screens that keep themselves current. "
            "It runs on your own server and nothing is held back.",
            class_name="lede",
        ),
        rx.el.div(
            link_button("Create an account", href="/sign-up", kind="ink", size="large"),
            link_button("Sign in", href="/sign-in", size="large"),
            jump("How it stays current", to="live", class_name="btn quiet lg only-l"),
            class_name="row wrap land-acts",
        ),
        hour(),
        class_name="land-hero",
    )


def _part(name: str, title: str, text: str, content: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.div(rx.el.h2(title, class_name="land-title", id=f"{name}-title"), rx.el.p(text, class_name="soft")),
        content,
        class_name="land-part",
        id=name,
        aria_labelledby=f"{name}-title",
    )


def _live() -> rx.Component:
    steps = (
        ("A screen asks.", "The engine runs the query once for everyone who looks, and remembers what it read."),
        (
            "Someone acts.",
            "The change is one transaction: the record, the activity and the notifications, or none of it.",
        ),
        (
            "The screen knows.",
            "Exactly the queries that read what changed run again. Nobody reloads, nobody sees what they may not.",
        ),
    )
    items = [
        rx.el.li(rx.el.span(str(index), class_name="land-n tn", aria_hidden="true"), rx.el.p(rx.el.b(lead), " ", rest))
        for index, (lead, rest) in enumerate(steps, 1)
    ]
    return _part(
        "live",
        "Every screen keeps itself current",
        "When the link is lost, what you see stays, says as of when it is, and catches up by itself.",
        rx.el.ol(*items, class_name="land-list"),
    )


def _today() -> rx.Component:
    items = [
        rx.el.li(rx.el.span(icon(sign), class_name="ico"), rx.el.p(rx.el.b(title), rx.el.span(text, class_name="soft")))
        for sign, title, text in _TODAY
    ]
    return _part(
        "today",
        "What is in it",
        "All of it in the one package: on a phone and on a desk, by mouse, by touch and by keyboard.",
        rx.el.ul(*items, class_name="land-grid"),
    )


def _doors() -> rx.Component:
    items = [
        rx.el.li(
            rx.el.span(icon(sign), class_name="ico"),
            rx.el.p(rx.el.b(name), rx.el.span(text, class_name="soft")),
            rx.el.code(example, class_name="only-l"),
        )
        for sign, name, text, example in _DOORS
    ]
    return _part(
        "doors",
        "Four doors, one set of rules",
        "Whatever comes in, the same function checks the same rights, in the same transaction.",
        rx.el.ul(*items, class_name="land-list doors"),
    )


def _roles() -> rx.Component:
    items = [rx.el.li(badge(name), rx.el.p(text)) for name, text in _ROLES]
    return _part(
        "roles",
        "Four roles, and your own",
        "Take a right away and the page that needed it closes by itself, while it is open.",
        rx.el.ul(*items, class_name="land-list roles"),
    )


def _host() -> rx.Component:
    return _part(
        "host",
        "Yours to host",
        "One process, one port, your disk. SQLite to begin with, PostgreSQL when you outgrow it.",
        rx.el.div(
            rx.el.pre(
                rx.el.code("make run"), class_name="land-code", tab_index=0, aria_label="The command that starts it"
            ),
            rx.el.p(
                "That installs, builds, migrates, fills a demo organization and prints the address. "
                "No account with anyone, no data that leaves your server.",
                class_name="soft",
            ),
            class_name="col g4 land-host",
        ),
    )


def _news() -> rx.Component:
    return _part(
        "newsletter",
        "Hear of releases",
        "What is new and what it is good for, when there is something. Never more than once a month.",
        newsletter_form(),
    )


def _foot() -> rx.Component:
    return rx.el.footer(
        mark(size=18),
        rx.el.span("MemberPulse", class_name="strong"),
        rx.el.a("Sign in", href="/sign-in", class_name="link push"),
        class_name="land-foot",
    )
