"""Levels, renewals, grace, and the reminders about them."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from memberpulse.domains.mail.models import Message
from memberpulse.domains.notifications.models import Notification
from memberpulse.domains.organizations.errors import MemberNotFound
from memberpulse.domains.organizations.levels import rules
from memberpulse.domains.organizations.levels.errors import (
    BadLevel,
    BadZone,
    LevelNotFound,
    NothingToRenew,
    RenewedAlready,
)
from memberpulse.domains.organizations.levels.jobs import remind_next_members, remind_of_renewals
from memberpulse.domains.organizations.levels.mutations import (
    archive_level,
    change_level,
    create_level,
    edit_level,
    move_level,
    renew_membership,
    restore_level,
    set_time_zone,
)
from memberpulse.domains.organizations.levels.queries import list_level_choices, list_levels
from memberpulse.domains.organizations.levels.rules import Standing
from memberpulse.domains.organizations.queries import get_member, list_members_with_addresses
from memberpulse.engine import ActionCtx, system, utc_now
from memberpulse.engine.errors import Forbidden
from tests.domains.conftest import Cast
from tests.domains.organizations.rights import membership_of
from tests.engine.conftest import until

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "standing"),
    [
        (date(2027, 3, 1), Standing.ACTIVE),
        (date(2027, 3, 2), Standing.GRACE),
        (date(2027, 3, 31), Standing.GRACE),
        (date(2027, 4, 1), Standing.LAPSED),
    ],
)
def test_a_membership_is_active_then_in_grace_then_lapsed(day: date, standing: Standing) -> None:
    end, grace = date(2027, 3, 1), date(2027, 3, 31)
    assert rules.standing_of(end, grace, day) is standing
    assert rules.standing_of(None, None, day) is Standing.ACTIVE


def test_a_standing_reads_as_what_happens_when() -> None:
    end, grace, day = date(2027, 3, 1), date(2027, 4, 1), date(2027, 3, 10)
    assert rules.standing_words(Standing.ACTIVE, date(2028, 1, 5), None, day) == "Until 5 Jan 2028"
    assert rules.standing_words(Standing.GRACE, end, grace, day) == "Grace until 1 Apr"
    assert rules.standing_words(Standing.LAPSED, end, grace, day) == "Lapsed 2 Apr"


def test_months_end_on_their_last_day() -> None:
    assert rules.add_months(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert rules.add_months(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert rules.add_months(date(2027, 11, 15), 14) == date(2029, 1, 15)


def test_a_renewal_counts_from_the_old_end_within_grace_and_from_today_after_it() -> None:
    end, grace = date(2027, 3, 1), date(2027, 3, 31)
    assert rules.renewed_until(end, grace, 12, date(2027, 2, 1)) == date(2028, 3, 1)
    assert rules.renewed_until(end, grace, 12, date(2027, 3, 31)) == date(2028, 3, 1)
    assert rules.renewed_until(end, grace, 12, date(2027, 4, 1)) == date(2028, 4, 1)


def test_days_are_those_of_the_organizations_zone() -> None:
    late = datetime(2027, 3, 1, 23, 30, tzinfo=UTC)
    assert rules.today_in("Pacific/Auckland", late) == date(2027, 3, 2)
    assert rules.today_in("America/New_York", late) == date(2027, 3, 1)
    assert rules.next_midnight("Pacific/Auckland", late) == datetime(2027, 3, 2, 11, tzinfo=UTC)


def test_reminders_are_due_once_each() -> None:
    end, grace = date(2027, 3, 31), date(2027, 4, 10)
    due = [rules.notice_due(end, grace, end - timedelta(days=left), "") for left in (15, 14, 4, 3, 0, -1, -10, -11)]
    assert due == ["", "14", "14", "3", "3", "", "", "lapsed"]
    assert rules.notice_due(end, grace, end - timedelta(days=2), rules.notice_key(end, "3")) == ""
    assert rules.notice_due(end, grace, end - timedelta(days=2), rules.notice_key(end, "14")) == "3"


async def a_level(cast: Cast, name: str = "Supporter", months: int | None = 12, grace_days: int = 30) -> uuid.UUID:
    return await cast.engine.mutate(create_level, caller=cast.abe, name=name, months=months, grace_days=grace_days)


async def row_of(cast: Cast, name: str) -> object:
    return (await cast.engine.query(list_members_with_addresses, caller=cast.abe, search=name)).rows[0]


@pytest.mark.anyio
async def test_a_level_begins_on_the_day_it_is_given_and_is_shown(cast: Cast) -> None:
    with time_machine.travel(utc_now(), tick=False):
        level, member = await a_level(cast), await membership_of(cast, cast.max)
        await cast.engine.mutate(change_level, caller=cast.abe, membership_id=member, level_id=level)
        end = rules.add_months(rules.today_in("Europe/London", utc_now()), 12)
        state = (await cast.engine.query(get_member, caller=cast.abe, membership_id=member)).member.state
        assert (state.level, state.standing, state.renews_on) == ("Supporter", "active", end)
        assert state.words == f"Until {end.day} {end:%b} {end.year}"
        found = await cast.engine.query(list_members_with_addresses, caller=cast.abe, level_id=level)
        assert [row.person.name for row in found.rows] == ["Max"]


@pytest.mark.anyio
async def test_a_standing_changes_by_itself_at_midnight_there(cast: Cast) -> None:
    level, member = await a_level(cast), await membership_of(cast, cast.max)
    await cast.engine.mutate(set_time_zone, caller=cast.abe, time_zone="Pacific/Auckland")
    await cast.engine.mutate(
        change_level, caller=cast.abe, membership_id=member, level_id=level, renews_on=date(2027, 3, 1)
    )
    with time_machine.travel(datetime(2027, 3, 1, 10, 59, tzinfo=UTC), tick=False):
        assert (await row_of(cast, "max")).state.standing == "active"  # type: ignore[attr-defined]
    with time_machine.travel(datetime(2027, 3, 1, 11, 0, tzinfo=UTC), tick=False):
        state = (await row_of(cast, "max")).state  # type: ignore[attr-defined]
        assert (state.standing, state.words) == ("grace", "Grace until 31 Mar")
        for standing, names in ((Standing.GRACE, ["Max"]), (Standing.ACTIVE, []), (Standing.LAPSED, [])):
            found = await cast.engine.query(list_members_with_addresses, caller=cast.abe, standing=standing)
            assert [row.person.name for row in found.rows] == names
        counted = (await cast.engine.query(list_levels, caller=cast.abe)).rows[0]
        assert (counted.members, counted.active, counted.grace, counted.lapsed) == (1, 0, 1, 0)


@pytest.mark.anyio
async def test_two_who_renew_at_once_renew_once_and_it_can_be_undone(cast: Cast) -> None:
    with time_machine.travel(utc_now(), tick=False):
        level, member = await a_level(cast), await membership_of(cast, cast.max)
        end = rules.today_in("Europe/London", utc_now()) + timedelta(days=9)
        await cast.engine.mutate(change_level, caller=cast.abe, membership_id=member, level_id=level, renews_on=end)
        renewed = await cast.engine.mutate(renew_membership, caller=cast.abe, membership_id=member, ends_on=end)
        assert renewed == rules.add_months(end, 12)
        with pytest.raises(RenewedAlready):
            await cast.engine.mutate(renew_membership, caller=cast.ann, membership_id=member, ends_on=end)
        await cast.engine.mutate(change_level, caller=cast.abe, membership_id=member, level_id=level, renews_on=end)
        assert (await row_of(cast, "max")).state.renews_on == end  # type: ignore[attr-defined]


@pytest.mark.anyio
async def test_rights_stay_when_a_membership_lapses(cast: Cast) -> None:
    level, member = await a_level(cast, grace_days=0), await membership_of(cast, cast.cleo)
    await cast.engine.mutate(
        change_level, caller=cast.abe, membership_id=member, level_id=level, renews_on=date(2020, 1, 1)
    )
    assert (await row_of(cast, "cleo")).state.standing == "lapsed"  # type: ignore[attr-defined]
    assert "announcements.post" in (await cast.again(cast.cleo)).capabilities


@pytest.mark.anyio
async def test_a_level_without_end_has_nothing_to_renew(cast: Cast) -> None:
    level, member = await a_level(cast, "Honorary", months=None), await membership_of(cast, cast.max)
    await cast.engine.mutate(change_level, caller=cast.abe, membership_id=member, level_id=level)
    with pytest.raises(NothingToRenew):
        await cast.engine.mutate(renew_membership, caller=cast.abe, membership_id=member, ends_on=date(2027, 1, 1))


@pytest.mark.anyio
async def test_levels_are_set_up_by_those_who_may_and_of_their_own_organization(cast: Cast) -> None:
    level, member = await a_level(cast), await membership_of(cast, cast.max)
    with pytest.raises(Forbidden):
        await cast.engine.mutate(create_level, caller=cast.cleo, name="Mine")
    with pytest.raises(Forbidden):
        await cast.engine.mutate(change_level, caller=cast.max, membership_id=member, level_id=level)
    with pytest.raises(LevelNotFound):
        await cast.engine.mutate(edit_level, caller=cast.otto, level_id=level, name="Taken")
    with pytest.raises(MemberNotFound):
        await cast.engine.mutate(change_level, caller=cast.otto, membership_id=member, level_id=None)
    with pytest.raises(LevelNotFound):
        await cast.engine.mutate(
            change_level, caller=cast.otto, membership_id=await membership_of(cast, cast.otto), level_id=level
        )
    assert await cast.engine.query(list_level_choices, caller=cast.otto) == []


@pytest.mark.anyio
async def test_an_archived_level_is_kept_by_those_who_have_it_and_given_to_nobody(cast: Cast) -> None:
    level, member = await a_level(cast), await membership_of(cast, cast.max)
    await cast.engine.mutate(change_level, caller=cast.abe, membership_id=member, level_id=level)
    await cast.engine.mutate(archive_level, caller=cast.abe, level_id=level)
    assert (await row_of(cast, "max")).state.level == "Supporter"  # type: ignore[attr-defined]
    assert await cast.engine.query(list_level_choices, caller=cast.abe) == []
    with pytest.raises(LevelNotFound):
        await cast.engine.mutate(
            change_level, caller=cast.abe, membership_id=await membership_of(cast, cast.cleo), level_id=level
        )
    await cast.engine.mutate(restore_level, caller=cast.abe, level_id=level)
    assert len(await cast.engine.query(list_level_choices, caller=cast.abe)) == 1


@pytest.mark.anyio
async def test_levels_keep_the_order_they_are_moved_to(cast: Cast) -> None:
    first, second = await a_level(cast, "First"), await a_level(cast, "Second")
    await cast.engine.mutate(move_level, caller=cast.abe, level_id=second, up=True)
    await cast.engine.mutate(move_level, caller=cast.abe, level_id=second, up=True)
    names = [row.name for row in (await cast.engine.query(list_levels, caller=cast.abe)).rows]
    assert names == ["Second", "First"]
    assert first != second


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("arguments", "field"),
    [({"name": ""}, "name"), ({"name": "x", "months": 0}, "months"), ({"name": "x", "grace_days": -1}, "grace_days")],
)
async def test_a_bad_level_says_why_beside_its_field(cast: Cast, arguments: dict[str, object], field: str) -> None:
    with pytest.raises(BadLevel) as refusal:
        await cast.engine.mutate(create_level, caller=cast.abe, **arguments)
    assert refusal.value.fields[field]
    with pytest.raises(BadZone):
        await cast.engine.mutate(set_time_zone, caller=cast.abe, time_zone="Mars/Olympus")


async def told(cast: Cast) -> tuple[list[str], list[str]]:
    """Titles of Max's notifications, and the letters that wait for him."""
    mine = select(Notification.title).where(Notification.user_id == cast.max.user_id)
    letters = select(Message.subject).where(Message.to_email == "max@post.example")
    return (
        await cast.write(lambda ctx: list(ctx.db.scalars(mine))),
        await cast.write(lambda ctx: list(ctx.db.scalars(letters))),
    )


@pytest.mark.anyio
async def test_somebody_is_reminded_once_at_each_time_by_bell_and_letter(cast: Cast) -> None:
    level, member = await a_level(cast, grace_days=5), await membership_of(cast, cast.max)
    end = date(2027, 3, 31)
    await cast.engine.mutate(change_level, caller=cast.abe, membership_id=member, level_id=level, renews_on=end)
    counts: list[int] = []
    for left in (20, 14, 13, 3, 3, 0, -2, -6, -7, -40):
        with time_machine.travel(NOON.replace(month=3, day=31) - timedelta(days=left), tick=False):
            await cast.engine.mutate(remind_next_members, caller=system(cast.here))
            counts.append(len((await told(cast))[0]))
    assert counts == [0, 1, 1, 2, 2, 2, 2, 3, 3, 3]
    titles, letters = await told(cast)
    assert sorted(titles) == ["Your membership ends soon", "Your membership ends soon", "Your membership has lapsed"]
    assert len(letters) == 3


@pytest.mark.anyio
async def test_the_clock_reminds_in_every_organization_in_batches(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memberpulse.domains.organizations.levels.jobs.REMINDED_AT_ONCE", 1)
    level = await a_level(cast)
    soon = datetime.now(UTC).date() + timedelta(days=2)
    for person in (cast.max, cast.cleo):
        await cast.engine.mutate(
            change_level,
            caller=cast.abe,
            membership_id=await membership_of(cast, person),
            level_id=level,
            renews_on=soon,
        )
    context = ActionCtx(system(), "test", cast.engine.call_within, utc_now())
    await remind_of_renewals(context)
    assert len((await told(cast))[0]) == 1
    letters = await cast.write(lambda ctx: list(ctx.db.scalars(select(Message.to_email))))
    assert sorted(letters) == ["cleo@post.example", "max@post.example"]


@pytest.mark.anyio
async def test_a_renewal_reaches_an_open_list(cast: Cast) -> None:
    level, member = await a_level(cast), await membership_of(cast, cast.max)
    end = datetime.now(UTC).date() + timedelta(days=1)
    await cast.engine.mutate(change_level, caller=cast.abe, membership_id=member, level_id=level, renews_on=end)
    screen = cast.watch(cast.abe, list_members_with_addresses, search="max")
    await until(lambda: bool(screen.shown))
    renewed = await cast.engine.mutate(renew_membership, caller=cast.abe, membership_id=member, ends_on=end)
    await until(lambda: screen.shown[-1]["rows"][0]["state"]["renews_on"] == renewed.isoformat())
