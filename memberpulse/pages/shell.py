"""What stands in the application's frame on every page: where one can go, the bell, who is here, what can be done."""

import reflex as rx

from memberpulse.demo.ui.components import demo_bar, reset_dialog
from memberpulse.domains.accounts.ui.data import parting_bar
from memberpulse.domains.accounts.ui.step_up import step_up_dialog
from memberpulse.domains.approvals.queries import count_waiting
from memberpulse.domains.events.ui.tile import open_count
from memberpulse.domains.notifications.queries import count_inbox
from memberpulse.domains.notifications.ui.bell import KEY as BELL_KEY
from memberpulse.domains.notifications.ui.bell import bell, mark_everything_read
from memberpulse.domains.organizations.queries import count_members, get_viewer
from memberpulse.domains.organizations.ui.components import other_organizations, people_group
from memberpulse.domains.organizations.ui.organization_page import deletion_banner
from memberpulse.domains.payments.ui.components import payment_toasts
from memberpulse.domains.presence.ui.components import who_is_here
from memberpulse.domains.records.queries import count_records
from memberpulse.ui.components import link_button, palette_item
from memberpulse.ui.expressions import may
from memberpulse.ui.layout import KeyHelp, NavItem, Shell
from memberpulse.ui.live import live

VERSION = "0.1"


def make_shell() -> Shell:
    return Shell(
        viewer=live(get_viewer),
        nav=_places(),
        settings=_settings(),
        bell=lambda: rx.fragment(bell(), reset_dialog(), payment_toasts()),
        here=who_is_here,
        notice=lambda: parting_bar(live(get_viewer).value.erase_at),
        people=people_group,
        deeds=_deeds,
        corner=demo_bar,
        outside=_outside,
        banner=deletion_banner,
        step_up=step_up_dialog,
        keys=(KeyHelp(BELL_KEY.upper(), "Notifications"),),
        why="/settings/permissions/why?can={}",
        version=VERSION,
    )


def _outside() -> rx.Component:
    return rx.fragment(other_organizations(), link_button("Start or join one", href="/welcome"))


def _places() -> tuple[NavItem, ...]:
    return (
        NavItem(
            "Dashboard", "layout_dashboard", "/dashboard", requires="dashboard.view", go="d", tab=True, short="Home"
        ),
        NavItem(
            "Inbox",
            "inbox",
            "/notifications",
            requires="notifications.view",
            go="i",
            badge=live(count_inbox).value.unread,
        ),
        NavItem(
            "Approvals",
            "stamp",
            "/approvals",
            requires="approvals.view",
            go="a",
            badge=live(count_waiting).value.count,
        ),
        NavItem(
            "Members",
            "users",
            "/members",
            requires="members.view",
            go="m",
            group="Community",
            tab=True,
            badge=live(count_members).value.total,
        ),
        NavItem(
            "Events",
            "calendar",
            "/events",
            requires="events.view",
            go="e",
            group="Community",
            tab=True,
            badge=open_count(),
            live=True,
        ),
        NavItem("Directory", "book_user", "/directory", requires="directory.view", go="y", group="Community"),
        NavItem(
            "Announcements",
            "megaphone",
            "/announcements",
            requires="announcements.view",
            go="n",
            group="Community",
            tab=True,
            short="News",
        ),
        NavItem("Files", "folder", "/files", requires="files.view", go="f", group="Community"),
        NavItem(
            "Records",
            "list_checks",
            "/records",
            requires="records.view",
            go="r",
            group="Try it",
            badge=live(count_records).value.total,
        ),
        NavItem("Payments", "credit_card", "/payments", requires="payments.view", go="p", group="Community"),
        NavItem("Receipts", "receipt", "/receipts", requires="payments.pay", group="Yours"),
        NavItem("Settings", "sliders_horizontal", "/settings", go="s", group="Yours"),
    )


def _settings() -> tuple[NavItem, ...]:
    """The pages behind "Settings": of the person, then of the organization."""
    return (
        NavItem("Profile", "user", "/settings/profile", group="You"),
        NavItem("Notifications", "bell", "/settings/notifications", group="You"),
        NavItem("Security", "shield", "/settings/security", group="You"),
        NavItem("Sessions", "monitor_smartphone", "/settings/sessions", group="You"),
        NavItem("My data", "database", "/settings/data", group="You"),
        NavItem("Being paid", "wallet", "/settings/payments", requires="payments.connect", group="You"),
        NavItem("Organization", "building_2", "/settings/organization", requires="members.view", group="Organization"),
        NavItem("Membership levels", "award", "/settings/levels", requires="levels.manage", group="Organization"),
        NavItem("Member details", "tag", "/settings/fields", requires="fields.manage", group="Organization"),
        NavItem("Approval rules", "stamp", "/settings/approvals", requires="approvals.manage", group="Organization"),
        NavItem("Roles", "key_round", "/settings/roles", requires="roles.manage", group="Rights"),
        NavItem("Permissions", "shield_check", "/settings/permissions", requires="permissions.view", group="Rights"),
        NavItem("Audit log", "scroll_text", "/settings/audit", requires="audit.view", group="Rights"),
    )


def _deeds() -> list[rx.Component]:
    post = palette_item(
        "Post an announcement", icon="megaphone", href="/announcements#field-title", keywords="write news"
    )
    read = palette_item("Mark all notifications read", icon="check_check", on_select=mark_everything_read())
    viewer = live(get_viewer).value
    invite = palette_item(
        "Invite people", icon="user_plus", href="/members/invitations", keywords="add member invitation link"
    )
    upload = palette_item("Upload files", icon="upload", href="/files", keywords="add document picture photo pdf")
    bring = palette_item("Import members", icon="upload", href="/members/import", keywords="csv file upload")
    decide = palette_item(
        "Decide on requests to join", icon="user_check", href="/members/requests", keywords="approve decline applicants"
    )
    approvals = palette_item(
        "Decide on approvals", icon="stamp", href="/approvals", keywords="approvals approve reject pending requests"
    )
    own = palette_item("Your membership", icon="id_card", href="/directory/me", keywords="details directory listed")
    plan = palette_item("Create an event", icon="calendar_plus", href="/events/new", keywords="new event queue")
    places = palette_item(
        "Your places in queues", icon="list_ordered", href="/events", keywords="queue line position wait turn"
    )
    start = palette_item("Start an organization", icon="plus", href="/welcome", keywords="new create found join")
    return [
        rx.cond(may(viewer, "announcements.post"), post, rx.fragment()),
        rx.cond(may(viewer, "invitations.manage"), invite, rx.fragment()),
        rx.cond(may(viewer, "requests.decide"), decide, rx.fragment()),
        rx.cond(may(viewer, "files.upload"), upload, rx.fragment()),
        rx.cond(may(viewer, "approvals.decide"), approvals, rx.fragment()),
        rx.cond(may(viewer, "members.import"), bring, rx.fragment()),
        rx.cond(may(viewer, "directory.view"), own, rx.fragment()),
        rx.cond(may(viewer, "events.create"), plan, rx.fragment()),
        rx.cond(may(viewer, "queue.join"), places, rx.fragment()),
        read,
        start,
    ]
