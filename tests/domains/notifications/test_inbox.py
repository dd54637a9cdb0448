"""The inbox: its parts, groups, what is put away or snoozed, and the way back."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.notifications.errors import BadSnooze, NothingToUndo, NotificationNotFound, UnknownKind
from memberpulse.domains.notifications.kinds import Channel
from memberpulse.domains.notifications.models import Notification
from memberpulse.domains.notifications.moves import (
    archive_notices,
    mark_all_read,
    read_notices,
    snooze_notices,
    unarchive_notices,
    undo_change,
    unsnooze_notices,
)
from memberpulse.domains.notifications.mutations import notify_people
from memberpulse.domains.notifications.preferences import mute_type, set_preference, unmute_type
from memberpulse.domains.notifications.queries import (
    View,
    count_inbox,
    explain_notice,
    list_group,
    list_inbox,
    list_unread,
)
from memberpulse.domains.notifications.rules import SnoozeFor
from memberpulse.domains.notifications.schemas import Notice, NotificationRow
from memberpulse.engine import Caller, MutationCtx, system
from memberpulse.engine.errors import BadArguments
from tests.domains.conftest import Cast
from tests.engine.conftest import until

pytestmark = pytest.mark.anyio


async def tell(cast: Cast, *titles: str, group: str = "", person: Caller | None = None) -> None:
    for title in titles:
        notice = Notice(type="announcement", title=title, message=f"About {title}", group=group)
        told = (person or cast.max).user_id
        assert told is not None
        await cast.engine.mutate(notify_people, caller=system(cast.here), user_ids=[told], notice=notice)


async def inbox(cast: Cast, view: View = View.ALL, person: Caller | None = None, **more: str) -> list[NotificationRow]:
    found = await cast.engine.query(list_inbox, caller=person or cast.max, view=view, **more)
    return found.rows


async def titles(cast: Cast, view: View = View.ALL, **more: str) -> list[str]:
    return [row.title for row in await inbox(cast, view, **more)]


async def id_of(cast: Cast, title: str) -> uuid.UUID:
    return await cast.write(
        lambda ctx: ctx.db.scalars(select(Notification.id).where(col(Notification.title) == title)).one()
    )


async def test_each_part_shows_what_belongs_to_it(cast: Cast) -> None:
    await tell(cast, "new", "read", "away", "later")
    ids = {title: await id_of(cast, title) for title in ("read", "away", "later")}
    await cast.engine.mutate(read_notices, caller=cast.max, notification_ids=[ids["read"]])
    await cast.engine.mutate(archive_notices, caller=cast.max, notification_ids=[ids["away"]])
    await cast.engine.mutate(snooze_notices, caller=cast.max, notification_ids=[ids["later"]], when=SnoozeFor.TOMORROW)
    assert await titles(cast) == ["read", "new"]
    assert await titles(cast, View.UNREAD) == ["new"]
    assert await titles(cast, View.ARCHIVED) == ["away"]
    assert await titles(cast, View.SNOOZED) == ["later"]
    counts = await cast.engine.query(count_inbox, caller=cast.max)
    assert (counts.unread, counts.snoozed) == (1, 1)
    bell = await cast.engine.query(list_unread, caller=cast.max)
    assert ([row.title for row in bell.rows], bell.count) == (["new"], 1)


async def test_pages_follow_each_other_without_gap_or_repetition(cast: Cast) -> None:
    await tell(cast, *[str(number) for number in range(27)])
    first = await cast.engine.query(list_inbox, caller=cast.max)
    assert first.next_cursor is not None
    second = await cast.engine.query(list_inbox, caller=cast.max, cursor=first.next_cursor)
    assert [row.title for row in [*first.rows, *second.rows]] == [str(number) for number in range(26, -1, -1)]
    assert second.next_cursor is None
    with pytest.raises(BadArguments):
        await cast.engine.query(list_inbox, caller=cast.max, cursor="nonsense")


async def test_it_is_searched_by_words_and_by_type(cast: Cast) -> None:
    await tell(cast, "Lathe 100%", "Saw")
    assert await titles(cast, search="100%") == ["Lathe 100%"]
    assert await titles(cast, search="about SAW") == ["Saw"]
    assert await titles(cast, type="membership") == []
    assert len(await titles(cast, type="announcement")) == 2


async def test_several_that_ask_are_one_row_until_they_were_read(cast: Cast) -> None:
    await tell(cast, "Wen asks", "Ivo asks", group="join_request.asked")
    await tell(cast, "Alone")
    alone, group = await inbox(cast)
    assert (alone.count, group.count, group.unread) == (1, 2, 2)
    assert (group.title, group.message) == ("2 people ask to join", "Ivo asks, Wen asks")
    members = await cast.engine.query(list_group, caller=cast.max, thread=group.thread)
    assert [row.title for row in members] == ["Ivo asks", "Wen asks"]
    change = await cast.engine.mutate(read_notices, caller=cast.max, notification_ids=[group.id], whole=True)
    assert change.count == 2
    await tell(cast, "Zoe asks", group="join_request.asked")
    assert [(row.title, row.count) for row in await inbox(cast)] == [
        ("Zoe asks", 1),
        ("Alone", 1),
        ("2 people ask to join", 2),
    ]


async def test_a_group_is_put_away_as_one_and_its_members_by_themselves(cast: Cast) -> None:
    await tell(cast, "A", "B", "C", group="join_request.asked")
    one = await id_of(cast, "B")
    await cast.engine.mutate(archive_notices, caller=cast.max, notification_ids=[one])
    (group,) = await inbox(cast)
    assert (group.count, group.message) == (2, "C, A")
    change = await cast.engine.mutate(archive_notices, caller=cast.max, notification_ids=[group.id], whole=True)
    assert (change.count, await titles(cast)) == (2, [])
    await cast.engine.mutate(undo_change, caller=cast.max, change_id=change.id)
    assert [row.count for row in await inbox(cast)] == [2]


async def test_what_was_put_away_counts_as_read_and_undo_restores_exactly_what_was(cast: Cast) -> None:
    await tell(cast, "read", "unread")
    ids = [await id_of(cast, title) for title in ("read", "unread")]
    await cast.engine.mutate(read_notices, caller=cast.max, notification_ids=ids[:1])
    before = await cast.write(_states)
    change = await cast.engine.mutate(archive_notices, caller=cast.max, notification_ids=ids)
    assert all(read is not None for read, _, _ in (await cast.write(_states)).values())
    assert await cast.engine.mutate(undo_change, caller=cast.max, change_id=change.id) == 2
    assert await cast.write(_states) == before
    with pytest.raises(NothingToUndo):
        await cast.engine.mutate(undo_change, caller=cast.max, change_id=change.id)


async def test_an_older_change_is_undone_no_more_once_another_one_followed(cast: Cast) -> None:
    await tell(cast, "one")
    ids = [await id_of(cast, "one")]
    first = await cast.engine.mutate(archive_notices, caller=cast.max, notification_ids=ids)
    await cast.engine.mutate(unarchive_notices, caller=cast.max, notification_ids=ids)
    with pytest.raises(NothingToUndo):
        await cast.engine.mutate(undo_change, caller=cast.max, change_id=first.id)
    assert await titles(cast) == ["one"]


async def test_nobody_moves_or_restores_what_is_somebody_elses(cast: Cast) -> None:
    await tell(cast, "mine")
    ids = [await id_of(cast, "mine")]
    change = await cast.engine.mutate(snooze_notices, caller=cast.max, notification_ids=ids, when=SnoozeFor.TOMORROW)
    for caller in (cast.abe, cast.otto):
        for move in (read_notices, archive_notices, unarchive_notices, unsnooze_notices):
            moved = await cast.engine.mutate(move, caller=caller, notification_ids=ids, whole=True)
            assert moved.count == 0
        with pytest.raises(NothingToUndo):
            await cast.engine.mutate(undo_change, caller=caller, change_id=change.id)
        with pytest.raises(NotificationNotFound):
            await cast.engine.query(explain_notice, caller=caller, notification_id=ids[0])
    assert await titles(cast, View.SNOOZED) == ["mine"]


async def test_what_was_snoozed_comes_back_by_itself_on_top_and_unread(cast: Cast) -> None:
    await tell(cast, "old", "newer")
    ids = [await id_of(cast, "old")]
    await cast.engine.mutate(read_notices, caller=cast.max, notification_ids=ids)
    await cast.engine.mutate(snooze_notices, caller=cast.max, notification_ids=ids, when=SnoozeFor.TOMORROW)
    await cast.write(lambda ctx: _show_again_in(ctx, ids[0], timedelta(seconds=1.5)))
    screen = cast.watch(cast.max, list_inbox)
    bell = cast.watch(cast.max, list_unread)
    await until(lambda: bool(screen.shown) and bool(bell.shown))
    assert [row["title"] for row in screen.shown[-1]["rows"]] == ["newer"]
    await until(lambda: [row["title"] for row in screen.shown[-1]["rows"]] == ["old", "newer"])
    await until(lambda: bell.shown[-1]["count"] == 2)
    assert screen.shown[-1]["rows"][0]["returned"]


@pytest.mark.parametrize(
    "chosen", ["", "soon", "2020-01-01T10:00", "2999-01-01T10:00", "2026-03-14", "2030-01-01T10:00+00:00"]
)
async def test_only_a_time_to_come_is_a_time_to_snooze_until(cast: Cast, chosen: str) -> None:
    await tell(cast, "one")
    ids = [await id_of(cast, "one")]
    with pytest.raises(BadSnooze):
        await cast.engine.mutate(
            snooze_notices, caller=cast.max, notification_ids=ids, when=SnoozeFor.CHOSEN, chosen=chosen
        )
    assert await titles(cast) == ["one"]


async def test_a_chosen_time_is_that_of_the_persons_own_clock(cast: Cast) -> None:
    from memberpulse.domains.accounts.models import User

    def move(ctx: MutationCtx) -> None:
        ctx.db.get_one(User, cast.max.user_id).time_zone = "America/New_York"

    await cast.write(move)
    await tell(cast, "one")
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    await cast.engine.mutate(
        snooze_notices,
        caller=cast.max,
        notification_ids=[await id_of(cast, "one")],
        when=SnoozeFor.CHOSEN,
        chosen=f"{day}T09:30",
    )
    (row,) = await inbox(cast, View.SNOOZED)
    assert row.snoozed_until is not None
    assert row.snoozed_until.astimezone(UTC).hour in (13, 14), "half past nine in New York"


async def test_a_muted_type_tells_nothing_and_can_be_had_back(cast: Cast) -> None:
    await cast.engine.mutate(set_preference, caller=cast.max, type="announcement", channel=Channel.EMAIL, enabled=True)
    muted = await cast.engine.mutate(mute_type, caller=cast.max, type="announcement")
    assert muted.channels == [Channel.IN_APP, Channel.EMAIL, Channel.PUSH]
    await tell(cast, "unheard")
    assert await titles(cast) == []
    await cast.engine.mutate(unmute_type, caller=cast.max, type="announcement", channels=muted.channels)
    await tell(cast, "heard")
    assert await titles(cast) == ["heard"]
    with pytest.raises(UnknownKind):
        await cast.engine.mutate(mute_type, caller=cast.max, type="x")


async def test_it_says_why_one_got_it(cast: Cast) -> None:
    await tell(cast, "news")
    reason = await cast.engine.query(explain_notice, caller=cast.max, notification_id=await id_of(cast, "news"))
    assert reason.sentence == (
        "You get “Announcements” because you are a member of Here, and it is on for everybody until they mute it."
    )
    await cast.engine.mutate(mute_type, caller=cast.max, type="announcement")
    reason = await cast.engine.query(explain_notice, caller=cast.max, notification_id=await id_of(cast, "news"))
    assert (reason.muted, reason.sentence.endswith("you have muted it since.")) == (True, True)


async def test_who_decides_learns_that_it_is_because_they_may(cast: Cast) -> None:
    notice = Notice(type="join_request", title="Wen asks", why="you may approve or reject requests to join")
    await cast.engine.mutate(notify_people, caller=system(cast.here), user_ids=[cast.abe.user_id], notice=notice)
    reason = await cast.engine.query(explain_notice, caller=cast.abe, notification_id=await id_of(cast, "Wen asks"))
    assert "because you may approve or reject requests to join, and" in reason.sentence


async def test_who_is_no_member_is_passed_over(cast: Cast) -> None:
    await tell(cast, "secret", person=cast.otto)
    assert await cast.write(lambda ctx: list(ctx.db.scalars(select(Notification.id)))) == []


async def test_reading_all_leaves_what_is_snoozed_alone(cast: Cast) -> None:
    await tell(cast, "now", "later")
    ids = [await id_of(cast, "later")]
    await cast.engine.mutate(snooze_notices, caller=cast.max, notification_ids=ids, when=SnoozeFor.NEXT_WEEK)
    assert (await cast.engine.mutate(mark_all_read, caller=cast.max)).count == 1
    (row,) = await inbox(cast, View.SNOOZED)
    assert row.unread == 1


async def test_the_same_move_twice_changes_nothing_the_second_time(cast: Cast) -> None:
    await tell(cast, "one")
    ids = [await id_of(cast, "one")]
    for move in (read_notices, archive_notices, unarchive_notices):
        assert (await cast.engine.mutate(move, caller=cast.max, notification_ids=ids)).count == 1
        assert (await cast.engine.mutate(move, caller=cast.max, notification_ids=ids)).count == 0


def _states(ctx: MutationCtx) -> dict[uuid.UUID, tuple[datetime | None, datetime | None, datetime]]:
    return {row.id: (row.read_at, row.archived_at, row.shown_at) for row in ctx.db.scalars(select(Notification))}


def _show_again_in(ctx: MutationCtx, notification_id: uuid.UUID, wait: timedelta) -> None:
    ctx.db.get_one(Notification, notification_id).shown_at = ctx.now + wait
