"""The bell: who is told, what they read, what is forgotten."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from memberpulse.domains.notifications import mutations, sending
from memberpulse.domains.notifications.errors import NotificationNotFound
from memberpulse.domains.notifications.jobs import clean_up
from memberpulse.domains.notifications.models import Broadcast, Notification
from memberpulse.domains.notifications.moves import mark_all_read, undo_change
from memberpulse.domains.notifications.mutations import (
    mark_read,
    mark_unread,
    notify_members,
    notify_people,
    withdraw_notice,
)
from memberpulse.domains.notifications.queries import list_unread
from memberpulse.domains.notifications.schemas import Notice, Unread
from memberpulse.domains.organizations.models import Membership
from memberpulse.domains.organizations.mutations import leave_organization
from memberpulse.engine import Caller, MutationCtx, system, uuid7
from memberpulse.engine.errors import Forbidden
from tests.domains.conftest import Cast
from tests.engine.conftest import until

pytestmark = pytest.mark.anyio


async def tell_all(cast: Cast, title: str = "News", source_id: uuid.UUID | None = None) -> None:
    notice = Notice(type="test", title=title, person_id=cast.ann.user_id, source_id=source_id)
    await cast.engine.mutate(notify_members, caller=system(cast.here), notice=notice)


async def unread(cast: Cast, person: Caller) -> Unread:
    return await cast.engine.query(list_unread, caller=person)


async def test_every_member_but_the_author_is_told(cast: Cast) -> None:
    await tell_all(cast)
    assert [(await unread(cast, person)).count for person in (cast.ann, cast.abe, cast.cleo, cast.max, cast.otto)] == [
        0,
        1,
        1,
        1,
        0,
    ]
    row = (await unread(cast, cast.max)).rows[0]
    assert (row.title, row.person.name if row.person else None) == ("News", "Ann")


async def test_the_latest_fifty_are_shown_and_all_are_counted(cast: Cast) -> None:
    for number in range(53):
        notice = Notice(type="test", title=str(number))
        await cast.engine.mutate(notify_people, caller=system(cast.here), user_ids=[cast.max.user_id], notice=notice)
    found = await unread(cast, cast.max)
    assert found.count == 53
    assert [row.title for row in found.rows] == [str(number) for number in range(52, 2, -1)]


async def test_reading_reaches_all_own_screens_and_nobody_elses(cast: Cast) -> None:
    await tell_all(cast)
    tabs = [cast.watch(cast.max, list_unread) for _ in range(2)]
    await until(lambda: all(tab.shown and tab.shown[-1]["count"] == 1 for tab in tabs))
    await cast.engine.mutate(mark_read, caller=cast.max, notification_id=(await unread(cast, cast.max)).rows[0].id)
    for tab in tabs:
        await tab.shows({"count": 0, "rows": []})
    assert (await unread(cast, cast.abe)).count == 1


async def test_nobody_reads_somebody_elses(cast: Cast) -> None:
    await tell_all(cast)
    theirs = (await unread(cast, cast.max)).rows[0].id
    for caller in (cast.abe, cast.otto):
        with pytest.raises(NotificationNotFound):
            await cast.engine.mutate(mark_read, caller=caller, notification_id=theirs)
        assert await cast.engine.mutate(mark_unread, caller=caller, notification_ids=[theirs]) == 0
    with pytest.raises(Forbidden):
        await cast.engine.mutate(notify_members, caller=cast.ann, notice=Notice(type="test", title="No"))


async def test_reading_all_can_be_undone(cast: Cast) -> None:
    for title in ("One", "Two"):
        await tell_all(cast, title)
    ids = [row.id for row in (await unread(cast, cast.max)).rows]
    change = await cast.engine.mutate(mark_all_read, caller=cast.max)
    assert change.count == 2
    assert (await unread(cast, cast.max)).count == 0
    assert (await unread(cast, cast.abe)).count == 2
    assert await cast.engine.mutate(undo_change, caller=cast.max, change_id=change.id) == 2
    assert [row.id for row in (await unread(cast, cast.max)).rows] == ids


async def test_a_large_organization_is_told_in_batches(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    _batches_of_two(monkeypatch)
    await tell_all(cast)
    assert (await unread(cast, cast.max)).count == 0
    await cast.engine.jobs.settle()
    assert [(await unread(cast, person)).count for person in (cast.ann, cast.abe, cast.cleo, cast.max)] == [0, 1, 1, 1]
    assert await cast.write(lambda ctx: list(ctx.db.scalars(select(Broadcast)))) == []


async def test_what_is_withdrawn_reaches_nobody_any_more(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = uuid7(), uuid7()
    await tell_all(cast, "Small", small)
    _batches_of_two(monkeypatch)
    await tell_all(cast, "Large", large)
    for source_id in (small, large):
        await cast.engine.mutate(withdraw_notice, caller=system(cast.here), source_id=source_id)
    await cast.engine.jobs.settle()
    assert (await unread(cast, cast.max)).count == 0


async def test_who_leaves_keeps_nothing(cast: Cast) -> None:
    await tell_all(cast)
    await cast.engine.mutate(leave_organization, caller=cast.max)
    left = await cast.write(lambda ctx: list(ctx.db.scalars(select(Notification.user_id))))
    assert cast.max.user_id not in left
    assert len(left) == 2


async def test_only_what_is_read_and_old_is_forgotten_also_beyond_one_batch(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from memberpulse.domains.notifications import jobs

    monkeypatch.setattr(jobs, "CLEANED_AT_ONCE", 2)
    for title in ("old and read", "old and read", "old and read", "old", "read"):
        await tell_all(cast, title)
    old, read = timedelta(days=91), timedelta(minutes=1)

    def age(ctx: MutationCtx) -> None:
        for row in ctx.db.scalars(select(Notification)):
            row.created_at -= old if "old" in row.title else timedelta()
            row.read_at = ctx.now - read if "read" in row.title else None

    await cast.write(age)
    await cast.engine.transact_async(lambda ctx: ctx.schedule(clean_up), system())
    await cast.engine.jobs.settle()
    left = await cast.write(lambda ctx: sorted(ctx.db.scalars(select(Notification.title))))
    assert left == ["old"] * 3 + ["read"] * 3


async def test_memberships_bound_who_is_told(cast: Cast) -> None:
    await tell_all(cast)
    told = await cast.write(lambda ctx: set(ctx.db.scalars(select(Notification.user_id))))
    members = await cast.write(lambda ctx: set(ctx.db.scalars(select(Membership.user_id))))
    assert told == members - {cast.ann.user_id}


def _batches_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    from memberpulse.domains.notifications import jobs

    for module in (mutations, jobs, sending):
        monkeypatch.setattr(module, "AT_ONCE", 2)
