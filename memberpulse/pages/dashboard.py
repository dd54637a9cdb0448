"""The dashboard: what is going on right now, across domains."""

import reflex as rx

from memberpulse.domains.activity.ui.components import latest_activity
from memberpulse.domains.approvals.ui.components import approvals_stat, waiting_for_you
from memberpulse.domains.events.ui.tile import open_queues
from memberpulse.domains.notifications.ui.bell import unread_stat
from memberpulse.domains.organizations.queries import count_members
from memberpulse.domains.organizations.schemas import MemberCount
from memberpulse.domains.presence.ui.components import (
    PERIODS,
    active_stat,
    online_now,
    online_stat,
    people_online_chart,
)
from memberpulse.ui.address import address_value, set_address
from memberpulse.ui.components import (
    badge,
    clock,
    head,
    segmented,
    split,
    stat,
    stat_skeleton,
    strip,
    today,
)
from memberpulse.ui.expressions import number
from memberpulse.ui.layout import app_page
from memberpulse.ui.live import live
from memberpulse.ui.page import page

_PERIOD = "day"


@page("/dashboard", "Dashboard", requires="dashboard.view")
def dashboard_page() -> rx.Component:
    period = address_value("period", _PERIOD)
    choice = segmented(PERIODS, value=period, on_change=set_address("period", _PERIOD), label="Period of the chart")
    return app_page(
        "Dashboard",
        strip(online_stat(), active_stat(), approvals_stat(), _members(), unread_stat(), label="Right now"),
        split(
            rx.fragment(open_queues(), people_online_chart(period), waiting_for_you(), latest_activity()), online_now()
        ),
        heading=head(badge(clock(), kind="live"), title=today(), actions=(choice,)),
    )


def _members() -> rx.Component:
    members = live(count_members)

    def ready(found: MemberCount) -> rx.Component:
        joined = rx.fragment(number(found.joined_this_week), " joined this week")
        return stat(
            "Members", number(found.total), why=rx.cond(found.joined_this_week, joined, "nobody joined this week")
        )

    return members.view(ready, stat_skeleton(), forbidden=rx.fragment())
