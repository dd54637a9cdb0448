"""Who is here and how many were, for any page."""

from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex_base.utils.imports import ImportVar

from memberpulse.domains.organizations.schemas import PersonView
from memberpulse.domains.presence.queries import (
    count_active,
    get_trend,
    list_here,
    list_looking,
    list_online,
    list_seen,
)
from memberpulse.domains.presence.schemas import ActiveCount, OnlineNow, Period, PresenceRow, Trend
from memberpulse.ui.charts import legend_key, trend_chart
from memberpulse.ui.components import (
    avatar,
    avatar_stack,
    error_state,
    link,
    live_dot,
    relative_time,
    row,
    rows,
    rows_skeleton,
    section,
    stat,
    stat_skeleton,
)
from memberpulse.ui.expressions import clock_words, expression, names, number, size_of, text_of
from memberpulse.ui.live import live
from memberpulse.ui.page import all_pages

_MARKS = "$/public/presence"
PERIODS = (("day", "24 hours"), ("week", "7 days"), ("month", "30 days"))
_SPARK_POINTS = 16


def who_is_here() -> rx.Component:
    """The faces of the others on the page that is shown."""
    location = VarData(hooks={"const here = usePagePath();": None}, imports={_MARKS: [ImportVar(tag="usePagePath")]})
    path: Any = rx.Var("here", _var_type=str, _var_data=location).guess_type()
    people = live(list_here, path=path)
    shown = expression("({0} ?? [])", people.value, kind=list[Any])
    faces = avatar_stack(people.value, label="On this page: " + names(people.value), most=3)
    return rx.cond(shown.length() > 0, faces, rx.fragment())


def online_stat() -> rx.Component:
    """How many are online within 60 seconds, and how that compares with five minutes ago."""
    active, trend = live(count_active), live(get_trend, period=Period.DAY)
    recent = expression(
        f"({{0}} ?? []).slice(-{_SPARK_POINTS}).map((point) => point.online)", trend.value.points, kind=list[int]
    )

    def ready(count: ActiveCount) -> rx.Component:
        change: Any = count.online - count.five_minutes_ago
        why = rx.cond(
            change > 0,
            rx.fragment(change, " more than 5 min ago"),
            rx.cond(change < 0, rx.fragment(-change, " fewer than 5 min ago"), "as many as 5 min ago"),
        )
        return stat("Online", number(count.online), why=why, live=True, spark=recent)

    return active.view(ready, stat_skeleton(), forbidden=rx.fragment())


def active_stat() -> rx.Component:
    """How many were seen within five minutes."""
    active = live(count_active)

    def ready(count: ActiveCount) -> rx.Component:
        return stat("Active", number(count.active), why="seen in the last 5 min", live=True)

    return active.view(ready, stat_skeleton(), forbidden=rx.fragment())


def people_online_chart(period: Any) -> rx.Component:
    """The trend of a period: "day", "week" or "month"."""
    trend = live(get_trend, period=period)
    span = rx.match(period, ("week", "over 7 days"), ("month", "over 30 days"), "over 24 hours")

    def ready(found: Trend) -> rx.Component:
        highest = expression('{0} ? `${{0}} at ${{1}}` : "none"', found.highest, clock_words(found.highest_at))
        sentence = expression("`People online ${{0}}: ${{1}} now, highest ${{2}}`", span, found.now, highest)
        band = size_of(found.usual_high) > 0
        usual = rx.cond(band, legend_key("usual range", "band"), rx.fragment())
        return trend_chart(
            found.points,
            field="online",
            low=found.usual_low,
            high=found.usual_high,
            label=sentence,
            title="People online",
            legend=(
                legend_key("online"),
                rx.cond(period == "day", legend_key("last 15 min", "now"), rx.fragment()),
                usual,
            ),
            unit="People",
        )

    waiting = rx.el.div(
        rx.el.header(rx.el.h2("People online", class_name="t14")),
        rx.el.div(class_name="trend-box trend-room", aria_hidden="true"),
        class_name="trend",
        aria_busy="true",
    )
    return rx.el.section(
        trend.view(ready, waiting, failed=error_state(trend, what="The chart", small=True)), class_name="sec"
    )


def online_now() -> rx.Component:
    """Who is here and where, then who has just left."""
    online = live(list_online)

    def line(each: PresenceRow) -> rx.Component:
        here = rx.fragment(page_name(each.page), ", ", relative_time(each.since))
        gone = rx.fragment("left ", relative_time(each.last_seen_at, form="ago"))
        return row(
            rx.el.bdi(each.person.name, class_name="strong cut block"),
            lead=avatar(each.person, seen=each.seen),
            note=rx.cond(each.seen == "here", here, gone),
            key=text_of(each.person.id),
        )

    def ready(found: OnlineNow) -> rx.Component:
        return rows(rx.foreach(found.rows, line), label="Online now", tight=True, open=True)

    count = rx.cond(online.status == "ready", rx.el.span(online.value.online, class_name="meta tn"), rx.fragment())
    nobody = rx.el.p("Nobody is here just now.", class_name="meta pad lone")
    return section(
        online.view(
            ready,
            rows_skeleton(6, label="Loading who is online"),
            empty=(size_of(online.value.rows) == 0, nobody),
            failed=error_state(online, what="Who is online", small=True),
        ),
        title="Online now",
        beside=count,
        end=link("Members", href="/members"),
    )


def page_name(path: Any) -> Any:
    """Where somebody is, in words."""
    known = [(spec.route, spec.title) for spec in all_pages() if spec.requires != "public"]
    return rx.match(path, *known, "Elsewhere")


def seen_marks() -> Any:
    """When everybody was last seen: pass it to `seen_of` and `seen_words`."""
    return live(list_seen).value


def seen_of(marks: Any, user_id: Any) -> Any:
    """here, recent or away, for an avatar's ring."""
    return expression("seenOf({0}, {1})", marks, user_id, seenOf=_MARKS)


def looking_at(page: str) -> Any:
    """Who looks at what on a page, where it is in its address as `?open=`: pass it to `lookers_of`."""
    return live(list_looking, page=page).value


def lookers_of(looks: Any, thing: Any, viewer: Any) -> rx.Component:
    """ "Jonas is looking", with his face; nothing while nobody else does. viewer: whose own look does not count."""
    others: Any = expression(
        "lookersOf({0}, {1}, {2}?.person?.id)", looks, thing, viewer, kind=list[PersonView], lookersOf=_MARKS
    )
    first: Any = expression("{0}[0]", others, kind=PersonView)
    words = expression(
        "{0}.length > 1 ? `${{1}} and ${{0}.length - 1} more are looking` : `${{1}} is looking`",
        others,
        expression("({0}?.name ?? '').split(' ')[0]", first),
    )
    shown = rx.el.span(avatar(first, size="tiny"), rx.el.bdi(words), class_name="badge live looking")
    return rx.cond(size_of(others) > 0, shown, rx.fragment())


def seen_words(marks: Any, user_id: Any) -> rx.Component:
    """ "Online", "3 min ago", or nothing when it is longer ago."""
    last = expression("lastSeen({0}, {1})", marks, user_id, lastSeen=_MARKS)
    online = rx.el.span(live_dot(), "Online", class_name="st")
    ago = rx.el.span(rx.cond(last, relative_time(last, form="ago"), "Away"), class_name="st soft")
    return rx.cond(seen_of(marks, user_id) == "here", online, ago)
