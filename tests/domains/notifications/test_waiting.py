"""Quiet hours and digests, from the settings to the letter: nothing early, nothing twice, nothing lost."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.announcements.mutations import post_announcement, withdraw_announcement
from memberpulse.domains.mail.delivery import open_letter
from memberpulse.domains.mail.models import Message
from memberpulse.domains.notifications import waiting
from memberpulse.domains.notifications.errors import BadRhythm
from memberpulse.domains.notifications.http import _end
from memberpulse.domains.notifications.kinds import Channel
from memberpulse.domains.notifications.models import Letters, Outgoing, Rhythm
from memberpulse.domains.notifications.moves import mark_all_read
from memberpulse.domains.notifications.preferences import DIGEST, mute_type, set_preference
from memberpulse.domains.notifications.push.devices import add_device
from memberpulse.domains.notifications.queries import list_unread
from memberpulse.domains.notifications.rhythm import get_my_rhythm, set_letters, set_quiet_hours
from memberpulse.domains.notifications.waiting import release_due, tell_waiting
from memberpulse.domains.organizations.mutations import add_member, leave_organization
from memberpulse.engine import MutationCtx, system
from memberpulse.settings import get_settings
from tests.domains.conftest import Cast
from tests.push_service import PushService

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("MEMBERPULSE_SECRET", "s" * 40)
    monkeypatch.setenv("MEMBERPULSE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MEMBERPULSE_PUSH_PRIVATE", "1")
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


async def wants_letters(cast: Cast) -> None:
    await cast.engine.mutate(set_preference, caller=cast.max, type="announcement", channel=Channel.EMAIL, enabled=True)


async def is_quiet_now(cast: Cast) -> None:
    """Quiet hours that began an hour ago and end in two."""
    user = await cast.write(lambda ctx: ctx.db.get_one(User, cast.max.user_id).time_zone)
    from memberpulse.domains.notifications.rules import zone_named

    now = datetime.now(UTC).astimezone(zone_named(user))
    begin, end = now - timedelta(hours=1), now + timedelta(hours=2)
    await cast.engine.mutate(
        set_quiet_hours, caller=cast.max, quiet=True, quiet_from=f"{begin:%H:%M}", quiet_until=f"{end:%H:%M}"
    )


async def announce(cast: Cast, title: str = "Lathe course") -> Message | None:
    posted = await cast.engine.mutate(post_announcement, caller=cast.ann, title=title, body="On Sunday.")
    return posted.id  # type: ignore[return-value]


async def subjects(cast: Cast) -> list[str]:
    return await cast.write(lambda ctx: list(ctx.db.scalars(select(Message.subject).order_by(col(Message.id)))))


async def waits(cast: Cast) -> list[tuple[str, bool]]:
    found = select(Outgoing.channel, Outgoing.digest).select_from(Outgoing).order_by(col(Outgoing.channel))
    return await cast.write(lambda ctx: [(row[0], row[1]) for row in ctx.db.execute(found)])


async def time_passes(cast: Cast, by: timedelta = timedelta(days=8), *, quiet: bool = False) -> None:
    """What waits is due, as if it had been put there that long ago. quiet: it is so now as well."""

    def age(ctx: MutationCtx) -> None:
        with ctx.across_organizations():
            for row in ctx.db.scalars(select(Outgoing)):
                row.due_at -= by
                row.created_at -= by
            for rhythm in ctx.db.scalars(select(Rhythm)):
                rhythm.quiet = rhythm.quiet and quiet

    await cast.write(age)


async def a_round(cast: Cast) -> None:
    await cast.engine.transact_async(lambda ctx: ctx.schedule(release_due), system())
    await cast.engine.jobs.settle()


async def test_quiet_hours_let_letters_and_pushes_wait_and_nothing_in_the_app(cast: Cast) -> None:
    await wants_letters(cast)
    await is_quiet_now(cast)
    with PushService() as service:
        await cast.engine.mutate(add_device, caller=cast.max, **service.subscribe().subscription)
        await announce(cast)
        await a_round(cast)
        assert (await cast.engine.query(list_unread, caller=cast.max)).count == 1
        assert (await subjects(cast), service.posts) == ([], 0)
        assert await waits(cast) == [("email", False), ("push", False)]
        await time_passes(cast)
        await a_round(cast)
        assert (await subjects(cast), service.told()) == (["Lathe course · Here"], ["Lathe course"])
        await a_round(cast)
        assert (len(await subjects(cast)), service.posts, await waits(cast)) == (1, 1, [])


async def test_what_is_due_when_it_is_quiet_again_waits_on(cast: Cast) -> None:
    await wants_letters(cast)
    await is_quiet_now(cast)
    with PushService() as service:
        await cast.engine.mutate(add_device, caller=cast.max, **service.subscribe().subscription)
        await announce(cast)
        await time_passes(cast, quiet=True)
        await a_round(cast)
        assert (await subjects(cast), service.posts) == ([], 0)
        assert await waits(cast) == [("email", False), ("push", False)]
        await time_passes(cast)
        await a_round(cast)
        assert (await subjects(cast), service.told()) == (["Lathe course · Here"], ["Lathe course"])


@pytest.mark.parametrize("letters", [Letters.AT_ONCE, Letters.DAILY])
async def test_what_is_not_wanted_any_more_does_not_leave(cast: Cast, letters: Letters) -> None:
    await wants_letters(cast)
    await is_quiet_now(cast)
    await cast.engine.mutate(set_letters, caller=cast.max, letters=letters)
    with PushService() as service:
        await cast.engine.mutate(add_device, caller=cast.max, **service.subscribe().subscription)
        await announce(cast)
        await cast.engine.mutate(mute_type, caller=cast.max, type="announcement")
        await time_passes(cast)
        await a_round(cast)
        assert (await subjects(cast), service.posts, await waits(cast)) == ([], 0, [])


async def test_a_digest_that_is_due_is_not_put_off_by_another_choice(cast: Cast) -> None:
    await wants_letters(cast)
    await cast.engine.mutate(set_letters, caller=cast.max, letters=Letters.DAILY)
    await announce(cast)
    await time_passes(cast)
    await cast.engine.mutate(set_letters, caller=cast.max, letters=Letters.DAILY, digest_at="09:15")
    await is_quiet_now(cast)
    await a_round(cast)
    assert await subjects(cast) == ["1 notification from Here"]


async def test_many_that_waited_through_the_night_come_as_one_push(cast: Cast) -> None:
    await is_quiet_now(cast)
    with PushService() as service:
        await cast.engine.mutate(add_device, caller=cast.max, **service.subscribe().subscription)
        for number in range(5):
            await announce(cast, f"News {number}")
        await time_passes(cast)
        await a_round(cast)
        assert service.told() == ["5 notifications while it was quiet"]


async def test_what_was_read_withdrawn_or_left_behind_meanwhile_does_not_leave(cast: Cast) -> None:
    await wants_letters(cast)
    await is_quiet_now(cast)
    await announce(cast, "Read")
    await cast.engine.mutate(mark_all_read, caller=cast.max)
    gone = await announce(cast, "Withdrawn")
    await cast.engine.mutate(withdraw_announcement, caller=cast.ann, announcement_id=gone)
    await time_passes(cast)
    await a_round(cast)
    assert (await subjects(cast), await waits(cast)) == ([], [])
    await is_quiet_now(cast)
    await announce(cast, "Left")
    assert len(await waits(cast)) == 2
    await cast.engine.mutate(leave_organization, caller=cast.max)
    assert await waits(cast) == []


async def test_a_digest_is_one_letter_of_all_organizations_and_of_what_is_still_unread(cast: Cast) -> None:
    await wants_letters(cast)
    await cast.engine.mutate(set_letters, caller=cast.max, letters=Letters.DAILY, digest_at="07:30")
    await cast.write(lambda ctx: add_member(ctx, user_id=cast.max.user_id), cast.there)  # type: ignore[arg-type]
    await announce(cast, "Read already")
    await cast.engine.mutate(mark_all_read, caller=cast.max)
    await announce(cast, "Lathe course")
    await cast.engine.mutate(post_announcement, caller=cast.otto, title="Regatta", body="In May.")
    assert await subjects(cast) == []
    await time_passes(cast)
    await a_round(cast)
    (letter,) = await cast.write(lambda ctx: list(ctx.db.scalars(select(Message))))
    assert (letter.subject, letter.kind, letter.to_email) == (
        "2 notifications from 2 organizations",
        "digest",
        "max@post.example",
    )
    assert letter.sealed_letter is not None
    told = open_letter(letter.sealed_letter)
    assert set(told.paragraphs) == {"Here", "Lathe course: On Sunday.", "There", "Regatta: In May."}
    assert await waits(cast) == []


async def test_a_digest_leaves_once_for_its_slot_however_often_it_is_asked_for(cast: Cast) -> None:
    await wants_letters(cast)
    await cast.engine.mutate(set_letters, caller=cast.max, letters=Letters.DAILY)
    await announce(cast)
    await time_passes(cast)
    job = lambda ctx: tell_waiting(ctx, user_id=cast.max.user_id)  # type: ignore[arg-type]  # noqa: E731
    await asyncio.gather(*(cast.engine.transact_async(job, system()) for _ in range(6)))
    assert await subjects(cast) == ["1 notification from Here"]


async def test_what_is_late_for_a_slot_that_has_left_waits_for_the_next(cast: Cast) -> None:
    await wants_letters(cast)
    await cast.engine.mutate(set_letters, caller=cast.max, letters=Letters.DAILY)
    await announce(cast, "In time")
    await time_passes(cast)
    await a_round(cast)
    await announce(cast, "Late")

    def same_slot(ctx: MutationCtx) -> None:
        slot = ctx.db.scalars(select(Rhythm)).one().digested_until
        for row in ctx.db.scalars(select(Outgoing)):
            row.due_at = slot or ctx.now

    await cast.write(same_slot)
    await a_round(cast)
    assert await subjects(cast) == ["1 notification from Here"], "never two for one slot"
    (due_at,) = await cast.write(lambda ctx: list(ctx.db.scalars(select(Outgoing.due_at).select_from(Outgoing))))
    assert due_at > datetime.now(UTC)


async def test_a_process_that_dies_in_the_middle_has_sent_nothing_and_forgotten_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wants_letters(cast)
    await cast.engine.mutate(set_letters, caller=cast.max, letters=Letters.WEEKLY, digest_weekday=3)
    await announce(cast)
    await time_passes(cast)

    def die(*_: object, **__: object) -> None:
        raise SystemError("died")

    with monkeypatch.context() as dying:
        dying.setattr(waiting, "_send_single", die)
        dying.setattr(waiting, "digest_letter", die)
        await a_round(cast)
    assert (await subjects(cast), await waits(cast)) == ([], [("email", True)])
    await a_round(cast)
    assert await subjects(cast) == ["1 notification from Here"]


async def test_other_choices_move_what_waits(cast: Cast) -> None:
    await wants_letters(cast)
    await cast.engine.mutate(set_letters, caller=cast.max, letters=Letters.WEEKLY)
    await announce(cast)
    assert await waits(cast) == [("email", True)]
    await cast.engine.mutate(set_letters, caller=cast.max, letters=Letters.AT_ONCE)
    assert await waits(cast) == [("email", False)]
    await a_round(cast)
    assert await subjects(cast) == ["Lathe course · Here"]
    await cast.engine.mutate(set_letters, caller=cast.max, letters=Letters.DAILY)
    await announce(cast)
    await cast.engine.mutate(set_letters, caller=cast.max, letters=Letters.NEVER)
    await announce(cast)
    assert (await waits(cast), len(await subjects(cast))) == ([], 1)


async def test_one_click_in_a_digest_ends_all_letters_of_notifications(cast: Cast) -> None:
    await wants_letters(cast)
    await cast.engine.mutate(set_letters, caller=cast.max, letters=Letters.DAILY)
    await announce(cast)
    assert cast.max.user_id is not None
    for _ in range(2):
        await _end(cast.engine, cast.max.user_id, DIGEST)
    assert await waits(cast) == []
    assert (await cast.engine.query(get_my_rhythm, caller=cast.max)).letters is Letters.NEVER
    await announce(cast)
    await a_round(cast)
    assert await subjects(cast) == []


async def test_who_is_leaving_for_good_gets_nothing_that_waited(cast: Cast) -> None:
    await wants_letters(cast)
    await is_quiet_now(cast)
    await announce(cast)
    await cast.write(
        lambda ctx: ctx.db.execute(
            update(User)
            .where(col(User.id) == cast.max.user_id)
            .values(erase_at=ctx.now)
            .execution_options(synchronize_session=False)
        )
    )
    await time_passes(cast)
    await a_round(cast)
    assert (await subjects(cast), await waits(cast)) == ([], [])


async def test_more_people_than_one_batch_holds_are_all_told(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PEOPLE_AT_ONCE", 1)
    for caller in (cast.max, cast.abe, cast.cleo):
        await cast.engine.mutate(
            set_preference, caller=caller, type="announcement", channel=Channel.EMAIL, enabled=True
        )
        await cast.engine.mutate(set_letters, caller=caller, letters=Letters.DAILY)
    await announce(cast)
    await time_passes(cast)
    await a_round(cast)
    assert len(await subjects(cast)) == 3


@pytest.mark.parametrize(
    ("mutation", "wrong", "field"),
    [
        (set_quiet_hours, {"quiet": True, "quiet_from": "25:00"}, "quiet_from"),
        (set_quiet_hours, {"quiet": True, "quiet_until": "7"}, "quiet_until"),
        (set_quiet_hours, {"quiet": True, "quiet_from": "٠٧:٠٠"}, "quiet_from"),
        (set_quiet_hours, {"quiet": True, "quiet_from": "08:00", "quiet_until": "08:00"}, "quiet_until"),
        (set_letters, {"letters": Letters.DAILY, "digest_at": "08:60"}, "digest_at"),
        (set_letters, {"letters": Letters.WEEKLY, "digest_weekday": 7}, "digest_weekday"),
    ],
)
async def test_times_that_are_none_are_refused_beside_their_field(
    cast: Cast, mutation: object, wrong: dict[str, object], field: str
) -> None:
    with pytest.raises(BadRhythm) as refused:
        await cast.engine.mutate(mutation, caller=cast.max, **wrong)  # type: ignore[arg-type]
    assert list(refused.value.fields) == [field]
    assert not (await cast.engine.query(get_my_rhythm, caller=cast.max)).quiet


async def test_the_settings_say_what_they_mean_now(cast: Cast) -> None:
    before = await cast.engine.query(get_my_rhythm, caller=cast.max)
    assert (before.quiet, before.quiet_from, before.letters) == (False, "22:00", Letters.AT_ONCE)
    await is_quiet_now(cast)
    await cast.engine.mutate(set_letters, caller=cast.max, letters=Letters.WEEKLY, digest_at="09:15", digest_weekday=6)
    after = await cast.engine.query(get_my_rhythm, caller=cast.max)
    assert after.quiet_now is not None
    assert after.next_digest is not None
    assert after.next_digest.astimezone(UTC).weekday() == 6
