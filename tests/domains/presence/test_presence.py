"""Who is here, by marks, by the clock, and for whom."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from memberpulse.domains.accounts.mutations import end_session
from memberpulse.domains.organizations.mutations import leave_organization
from memberpulse.domains.presence.jobs import forget_stale, sample_presence
from memberpulse.domains.presence.models import Presence, PresenceSample
from memberpulse.domains.presence.mutations import import_samples, left, saw_people
from memberpulse.domains.presence.queries import count_active, get_trend, list_here, list_online, list_seen
from memberpulse.domains.presence.schemas import OnlineNow, PresenceMark, SampleImport, Seen
from memberpulse.engine import Caller, MutationCtx, system, utc_now
from memberpulse.engine.errors import Forbidden
from tests.domains.conftest import Cast
from tests.engine.conftest import settled, until

pytestmark = pytest.mark.anyio


def mark(person: Caller, page: str | None = "/members", *, ago: float = 0, active_ago: float | None = None) -> Any:
    now = utc_now()
    seen_at = now - timedelta(seconds=ago)
    active_at = now - timedelta(seconds=ago if active_ago is None else active_ago)
    return PresenceMark(user_id=person.user_id, page=page, active_at=active_at, seen_at=seen_at)


async def saw(cast: Cast, *marks: PresenceMark) -> None:
    await cast.engine.mutate(saw_people, caller=system(cast.here), marks=list(marks))


async def online(cast: Cast) -> OnlineNow:
    return await cast.engine.query(list_online, caller=cast.ann)


async def test_people_are_here_then_recent_then_away(cast: Cast) -> None:
    await saw(cast, mark(cast.ann), mark(cast.abe, ago=90), mark(cast.cleo, ago=400), mark(cast.max))
    found = await online(cast)
    assert [(row.person.name, row.seen) for row in found.rows] == [
        ("Ann", Seen.HERE),
        ("Max", Seen.HERE),
        ("Abe", Seen.RECENT),
    ]
    assert (found.online, found.active) == (2, 3)
    marks = {each.user_id: each for each in await cast.engine.query(list_seen, caller=cast.max)}
    assert (marks[cast.ann.user_id].seen, marks[cast.ann.user_id].last_seen_at) == (Seen.HERE, None)
    assert marks[cast.cleo.user_id].seen is Seen.AWAY
    assert marks[cast.cleo.user_id].last_seen_at is not None


async def test_time_alone_turns_here_into_recent_on_screens(cast: Cast) -> None:
    await saw(cast, mark(cast.max, ago=59.2))
    screen = cast.watch(cast.ann, list_online)
    await until(lambda: bool(screen.shown))
    assert screen.shown[0]["online"] == 1
    await until(lambda: screen.shown[-1]["online"] == 0)
    assert screen.shown[-1]["rows"][0]["seen"] == "recent"


async def test_the_other_organization_sees_nobody(cast: Cast) -> None:
    screen = cast.watch(cast.otto, list_online)
    await screen.shows({"rows": [], "online": 0, "active": 0})
    await saw(cast, mark(cast.ann))
    await settled(cast.engine)
    assert len(screen.shown) == 1
    assert await cast.engine.query(list_seen, caller=cast.otto) == []
    assert await cast.engine.query(list_here, caller=cast.otto, path="/members") == []


async def test_a_page_shows_the_others_who_are_on_it(cast: Cast) -> None:
    await saw(cast, mark(cast.ann, active_ago=9), mark(cast.max, active_ago=5), mark(cast.abe, "/dashboard"))
    await saw(cast, mark(cast.cleo, ago=70))
    here = await cast.engine.query(list_here, caller=cast.max, path="/members")
    assert [person.name for person in here] == ["Ann"]
    assert [person.name for person in await cast.engine.query(list_here, caller=cast.abe, path="/members")] == [
        "Ann",
        "Max",
    ]


async def test_the_newest_activity_decides_on_the_page_whatever_comes_last(cast: Cast) -> None:
    await saw(cast, mark(cast.max, "/dashboard", active_ago=1))
    await saw(cast, mark(cast.max, "/members", active_ago=30))
    await saw(cast, mark(cast.max, None))
    assert [row.page for row in (await online(cast)).rows] == ["/dashboard"]
    await saw(cast, mark(cast.max, "/members"))
    assert [row.page for row in (await online(cast)).rows] == ["/members"]


async def test_staying_on_a_page_keeps_its_beginning(cast: Cast) -> None:
    first = mark(cast.max, ago=40)
    await saw(cast, first)
    await saw(cast, mark(cast.max, active_ago=40))
    row = (await online(cast)).rows[0]
    assert (row.since, row.seen) == (first.active_at, Seen.HERE)


async def test_a_beat_that_changes_nothing_visible_sends_nothing(cast: Cast) -> None:
    await saw(cast, mark(cast.max, ago=2), mark(cast.ann, ago=2))
    screen = cast.watch(cast.abe, count_active)
    await until(lambda: bool(screen.shown))
    await saw(cast, mark(cast.max, active_ago=2), mark(cast.ann, active_ago=2))
    await settled(cast.engine)
    assert len(screen.shown) == 1


async def test_a_sign_out_is_looked_at_only_where_the_person_was(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    await saw(cast, mark(cast.max))
    await cast.engine.mutate(saw_people, caller=system(cast.there), marks=[mark(cast.otto)])
    ours, theirs = cast.watch(cast.ann, list_online), cast.watch(cast.otto, list_online)
    await until(lambda: bool(ours.shown) and bool(theirs.shown))
    await settled(cast.engine)
    reactor, readers = cast.engine.reactor, list[Caller]()
    compute = reactor.compute
    monkeypatch.setattr(reactor, "compute", lambda *given: readers.append(given[2]) or compute(*given))
    await cast.engine.mutate(end_session, caller=system(), token_hash=cast.max.reference)
    await until(lambda: ours.shown[-1]["online"] == 0)
    await settled(cast.engine)
    assert {each.organization_id for each in readers} == {cast.here}


async def test_leaving_is_not_seen_for_a_minute(cast: Cast) -> None:
    await saw(cast, mark(cast.max, ago=15))
    await cast.engine.mutate(left, caller=system(cast.here), marks=[mark(cast.max)])
    assert (await online(cast)).online == 1
    await cast.engine.mutate(left, caller=system(cast.here), marks=[mark(cast.abe)])
    assert (await online(cast)).active == 1


async def test_who_is_no_member_any_more_is_not_here(cast: Cast) -> None:
    await saw(cast, mark(cast.max), mark(cast.ann))
    await cast.engine.mutate(leave_organization, caller=cast.max)
    assert [row.person.name for row in (await online(cast)).rows] == ["Ann"]


async def test_stale_records_go_after_an_hour_in_batches(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from memberpulse.domains.presence import jobs

    monkeypatch.setattr(jobs, "FORGOTTEN_AT_ONCE", 1)
    await saw(cast, mark(cast.max, ago=3700), mark(cast.abe, ago=3700), mark(cast.ann, ago=3500))
    await cast.engine.transact_async(lambda ctx: ctx.schedule(forget_stale), system())
    await cast.engine.jobs.settle()
    assert await cast.write(lambda ctx: list(ctx.db.scalars(select(Presence.user_id)))) == [cast.ann.user_id]


async def test_samples_count_each_organization_by_itself(cast: Cast) -> None:
    await saw(cast, mark(cast.max), mark(cast.ann), mark(cast.abe, ago=70))
    await cast.engine.transact_async(lambda ctx: sample_presence(ctx), system())
    for organization_id, count in ((cast.here, 2), (cast.there, 0)):
        found = await cast.write(lambda ctx: list(ctx.db.scalars(select(PresenceSample.online))), organization_id)
        assert found == [count]


async def test_the_trend_knows_what_is_usual_once_there_is_history(cast: Cast) -> None:
    fresh = await cast.engine.query(get_trend, caller=cast.max)
    assert ([point.online for point in fresh.points], fresh.usual_low, fresh.highest_at) == ([0], [], None)
    await _import(cast, days=22, online=lambda at: at.hour)
    await saw(cast, mark(cast.max))
    for period, points in (("day", 97), ("week", 85)):
        trend = await cast.engine.query(get_trend, caller=cast.max, period=period_of(period))
        assert len(trend.points) == points
        assert len(trend.usual_low) == len(trend.usual_high) == points
        assert (trend.points[-1].online, trend.now) == (1, 1)
        assert all(low <= high for low, high in zip(trend.usual_low, trend.usual_high, strict=True))
        assert trend.highest == 23 or trend.points[-1].at.hour == 23
    assert (await cast.engine.query(get_trend, caller=cast.otto)).points[:-1] == []


async def test_what_was_five_minutes_ago_is_told(cast: Cast) -> None:
    now = utc_now()
    samples = [SampleImport(now - timedelta(minutes=6), 7), SampleImport(now - timedelta(minutes=1), 9)]
    await cast.engine.mutate(import_samples, caller=system(cast.here), samples=samples)
    await saw(cast, mark(cast.max))
    found = await cast.engine.query(count_active, caller=cast.max)
    assert (found.online, found.active, found.five_minutes_ago) == (1, 1, 7)


async def test_nobody_marks_people_from_outside(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        await cast.engine.mutate(saw_people, caller=cast.ann, marks=[mark(cast.max)])


def period_of(word: str) -> Any:
    from memberpulse.domains.presence.schemas import Period

    return Period(word)


async def _import(cast: Cast, *, days: int, online: Any) -> None:
    def add(ctx: MutationCtx) -> None:
        last: datetime = ctx.now.replace(second=0, microsecond=0) - timedelta(minutes=ctx.now.minute % 15)
        times = [last - timedelta(minutes=15) * back for back in range(days * 96)]
        import_samples(ctx, samples=[SampleImport(at, online(at)) for at in times])

    await cast.write(add)
