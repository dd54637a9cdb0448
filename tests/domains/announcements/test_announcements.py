"""Announcements reach everybody, and can be taken back for a moment."""

import uuid
from datetime import timedelta

import pytest

from memberpulse.domains.announcements import rules
from memberpulse.domains.announcements.errors import (
    AnnouncementNotFound,
    BadAnnouncement,
    NotTheAuthor,
    TooLateToWithdraw,
)
from memberpulse.domains.announcements.models import Announcement
from memberpulse.domains.announcements.mutations import keep_latest, post_announcement, withdraw_announcement
from memberpulse.domains.announcements.queries import list_announcements
from memberpulse.domains.notifications.queries import list_unread
from memberpulse.engine import MutationCtx, system
from memberpulse.engine.errors import Forbidden, NotSignedIn
from tests.domains.conftest import Cast
from tests.engine.conftest import settled, until

pytestmark = pytest.mark.anyio
WORDS = {"title": "Saturday clinic", "body": "Doors open at ten."}


@pytest.mark.parametrize(
    ("title", "body", "fields"),
    [
        ("", "Text", {"title"}),
        ("   \n ", "Text", {"title"}),
        ("a" * 121, "Text", {"title"}),
        ("Title", "  ", {"body"}),
        ("Title", "a" * 4001, {"body"}),
        ("", "", {"title", "body"}),
    ],
)
def test_every_fault_is_told_beside_its_field(title: str, body: str, fields: set[str]) -> None:
    with pytest.raises(BadAnnouncement) as refusal:
        rules.clean_text(title, body)
    assert set(refusal.value.fields) == fields
    assert refusal.value.status == 422


def test_text_is_kept_but_for_stray_space() -> None:
    assert rules.clean_text(" A\n title ", "\r\nOne\r\n\r\nTwo  ") == ("A title", "One\n\nTwo")
    assert rules.clean_text("a" * 120, "b" * 4000) == ("a" * 120, "b" * 4000)
    assert len(rules.excerpt("word " * 100)) <= 140


async def test_posting_reaches_list_bells_and_activity_of_the_organization_only(cast: Cast) -> None:
    listed = cast.watch(cast.max, list_announcements)
    bell, own_bell, foreign = (cast.watch(person, list_unread) for person in (cast.max, cast.cleo, cast.otto))
    foreign_list = cast.watch(cast.otto, list_announcements)
    await until(lambda: all(screen.shown for screen in (listed, bell, own_bell, foreign, foreign_list)))
    posted = await cast.engine.mutate(post_announcement, caller=cast.cleo, **WORDS)
    await until(lambda: listed.shown[-1]["rows"] and listed.shown[-1]["rows"][0]["id"] == str(posted.id))
    await until(lambda: bell.shown[-1]["count"] == 1)
    row = bell.shown[-1]["rows"][0]
    assert (row["title"], row["message"], row["person"]["name"]) == ("Saturday clinic", "Doors open at ten.", "Cleo")
    assert row["link"] == f"/announcements#{posted.id}"
    assert (await cast.happened())[0] == ("Cleo", "posted", "Saturday clinic")
    await settled(cast.engine)
    assert own_bell.shown[-1]["count"] == 0
    assert foreign.shown[-1]["count"] == 0
    assert foreign_list.shown[-1]["rows"] == []


async def test_who_may_not_post_cannot(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        await cast.engine.mutate(post_announcement, caller=cast.max, **WORDS)
    with pytest.raises(NotSignedIn):
        await cast.engine.mutate(post_announcement, caller=await cast.engine.caller_of(None), **WORDS)
    assert (await cast.engine.query(list_announcements, caller=cast.max)).rows == []


async def test_a_double_click_posts_once(cast: Cast) -> None:
    for _ in range(2):
        await cast.engine.mutate(post_announcement, caller=cast.ann, key="the same click", **WORDS)
    assert len((await cast.engine.query(list_announcements, caller=cast.max)).rows) == 1
    assert (await cast.engine.query(list_unread, caller=cast.max)).count == 1


async def test_the_author_takes_it_back_from_everybody(cast: Cast) -> None:
    posted = await cast.engine.mutate(post_announcement, caller=cast.ann, **WORDS)
    await cast.engine.mutate(withdraw_announcement, caller=cast.ann, announcement_id=posted.id)
    assert (await cast.engine.query(list_announcements, caller=cast.max)).rows == []
    assert (await cast.engine.query(list_unread, caller=cast.max)).count == 0
    assert (await cast.happened())[:2] == [("Ann", "withdrew", "Saturday clinic"), ("Ann", "posted", "Saturday clinic")]
    with pytest.raises(AnnouncementNotFound):
        await cast.engine.mutate(withdraw_announcement, caller=cast.ann, announcement_id=posted.id)


async def test_nobody_else_takes_it_back(cast: Cast) -> None:
    posted = await cast.engine.mutate(post_announcement, caller=cast.cleo, **WORDS)
    for caller, refusal in ((cast.ann, NotTheAuthor), (cast.max, Forbidden), (cast.otto, AnnouncementNotFound)):
        with pytest.raises(refusal):
            await cast.engine.mutate(withdraw_announcement, caller=caller, announcement_id=posted.id)


async def test_it_stays_after_ten_seconds(cast: Cast) -> None:
    posted = await cast.engine.mutate(post_announcement, caller=cast.ann, **WORDS)
    await cast.write(lambda ctx: _age(ctx, posted.id, timedelta(seconds=13)))
    with pytest.raises(TooLateToWithdraw):
        await cast.engine.mutate(withdraw_announcement, caller=cast.ann, announcement_id=posted.id)
    await cast.write(lambda ctx: _age(ctx, posted.id, timedelta(seconds=-5)))
    await cast.engine.mutate(withdraw_announcement, caller=cast.ann, announcement_id=posted.id)


async def test_pages_go_back_in_time_and_can_be_cut(cast: Cast) -> None:
    for number in range(23):
        words = {"title": f"No. {number}", "body": "Text"}
        posted = await cast.engine.mutate(post_announcement, caller=cast.ann, **words)
        await cast.write(lambda ctx, found=posted.id: _age(ctx, found, timedelta(hours=1)))
    first = await cast.engine.query(list_announcements, caller=cast.max)
    rest = await cast.engine.query(list_announcements, caller=cast.max, cursor=first.next_cursor)
    titles = [row.title for row in [*first.rows, *rest.rows]]
    assert titles == [f"No. {number}" for number in range(22, -1, -1)]
    assert (len(first.rows), rest.next_cursor) == (20, None)
    await cast.engine.mutate(keep_latest, caller=system(cast.here), count=2)
    assert len((await cast.engine.query(list_announcements, caller=cast.max)).rows) == 2
    assert (await cast.engine.query(list_unread, caller=cast.max)).count == 2


def _age(ctx: MutationCtx, announcement_id: uuid.UUID, by: timedelta) -> None:
    ctx.db.get_one(Announcement, announcement_id).created_at -= by
