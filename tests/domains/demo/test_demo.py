"""The demo is seeded once, plays while it may, and can be reset."""

import pytest
from sqlalchemy import func, select

from memberpulse.demo import mutations
from memberpulse.demo.errors import NoDemo
from memberpulse.demo.jobs import play_step
from memberpulse.demo.models import DemoScript
from memberpulse.demo.mutations import play, reset_demo, set_playing
from memberpulse.demo.people import FERNHILL, FERNHILL_ID, HARBOUR_ID, SIGN_INS, id_of
from memberpulse.demo.queries import get_demo
from memberpulse.demo.seed import seed_demo
from memberpulse.domains.accounts.passwords import verify_password
from memberpulse.domains.accounts.queries import find_credentials
from memberpulse.domains.activity.models import Activity
from memberpulse.domains.activity.queries import list_latest
from memberpulse.domains.announcements.models import Announcement
from memberpulse.domains.announcements.mutations import post_announcement
from memberpulse.domains.approvals.queries import count_pending
from memberpulse.domains.notifications.queries import list_unread
from memberpulse.domains.organizations.invitations.queries import list_invitations, list_links
from memberpulse.domains.organizations.models import Membership
from memberpulse.domains.organizations.mutations import rename_organization
from memberpulse.domains.organizations.queries import get_viewer, list_members
from memberpulse.domains.presence.models import PresenceSample
from memberpulse.domains.presence.queries import get_trend, list_online
from memberpulse.engine import Caller, Engine, system
from memberpulse.engine.errors import Forbidden
from tests.domains.conftest import signed_in

pytestmark = pytest.mark.anyio
FERNHILL_SYSTEM = system(FERNHILL_ID)


@pytest.fixture
def demo(engine: Engine) -> Engine:
    """The engine of a house in which the demo stands."""
    return engine


async def be(engine: Engine, key: str) -> Caller:
    person = next(each for each in SIGN_INS if each.key == key)
    return await signed_in(engine, id_of(person.email))


async def test_seeding_twice_changes_nothing(demo: Engine) -> None:
    def count(ctx: object) -> list[int]:
        tables = (Membership, Activity, Announcement, PresenceSample)
        with ctx.across_organizations():  # type: ignore[attr-defined]
            return [ctx.db.scalars(select(func.count()).select_from(each)).one() for each in tables]  # type: ignore[attr-defined]

    before = await demo.transact_async(count, system())
    assert not await seed_demo(demo)
    assert await demo.transact_async(count, system()) == before


async def test_every_sign_in_works_and_has_its_role(demo: Engine) -> None:
    for person in SIGN_INS:
        known = await demo.query(find_credentials, caller=system(), email=person.email)
        assert await verify_password(person.password, known.password_hash) == (True, None)
        viewer = await demo.query(get_viewer, caller=await be(demo, person.key))
        assert (viewer.person.name, viewer.role) == (person.name, person.role)
    assert {person.role for person in SIGN_INS} == {"owner", "admin", "creator", "member"}


async def test_the_first_look_is_full(demo: Engine) -> None:
    amara = await be(demo, "owner")
    viewer = await demo.query(get_viewer, caller=amara)
    assert [each.name for each in viewer.organizations] == ["Fernhill Tool Library", "Harbour Rowing Club"]
    assert (await demo.query(list_members, caller=amara)).total == len(FERNHILL) + 4
    assert len(await demo.query(list_latest, caller=amara)) == 20
    assert (await demo.query(list_unread, caller=amara)).count == 5
    assert (await demo.query(count_pending, caller=amara)).count == 7
    invitations = await demo.query(list_invitations, caller=amara)
    assert {each.step for each in invitations.rows} == {
        "sent",
        "delivered",
        "bounced",
        "revoked",
        "accepted",
        "expired",
    }
    assert [each.uses for each in (await demo.query(list_links, caller=amara)).rows] == [4]
    trend = await demo.query(get_trend, caller=amara)
    assert len(trend.usual_low) == len(trend.points) == 97


async def test_the_outsider_sees_nothing_of_it(demo: Engine) -> None:
    outsider = await be(demo, "outsider")
    names = {row.person.name for row in (await demo.query(list_members, caller=outsider)).rows}
    assert "Jonas Lindqvist" not in names
    assert len(names) == 7
    assert (await demo.query(get_demo, caller=outsider)).playing is False
    with pytest.raises(NoDemo):
        await demo.mutate(set_playing, caller=outsider, playing=True)
    with pytest.raises(NoDemo):
        await demo.mutate(reset_demo, caller=outsider)


async def test_people_come_and_do_things(demo: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    amara = await be(demo, "owner")
    for _ in range(40):
        await demo.mutate(play, caller=FERNHILL_SYSTEM)
    found = await demo.query(list_online, caller=amara)
    assert found.online >= 5
    assert {row.page for row in found.rows} <= {"/dashboard", "/members", "/announcements"}
    assert (await demo.query(get_demo, caller=amara)).people >= 5
    visitors = {id_of(person.email) for person in SIGN_INS}
    assert not visitors & {row.person.id for row in found.rows}
    assert (await demo.query(list_unread, caller=amara)).count >= 3, "nobody reads in the visitor's place"


async def test_a_step_is_driven_by_the_clock(demo: Engine) -> None:
    await demo.transact_async(lambda ctx: ctx.schedule(play_step), system())
    await demo.jobs.settle()
    assert await demo.transact_async(lambda ctx: ctx.db.scalars(select(DemoScript.step)).one(), FERNHILL_SYSTEM) == 1


async def test_without_a_demo_the_clock_does_nothing(engine: Engine) -> None:
    await engine.transact_async(lambda ctx: ctx.schedule(play_step), system())
    await engine.jobs.settle()


async def test_managers_stop_and_start_it(demo: Engine) -> None:
    fatima, elif_ = await be(demo, "admin"), await be(demo, "member")
    with pytest.raises(Forbidden):
        await demo.mutate(set_playing, caller=elif_, playing=False)
    assert (await demo.mutate(set_playing, caller=fatima, playing=False)).playing is False
    await demo.mutate(play, caller=FERNHILL_SYSTEM)
    assert (await demo.query(list_online, caller=fatima)).rows == []
    assert (await demo.mutate(set_playing, caller=fatima, playing=True)).playing is True
    await demo.mutate(play, caller=FERNHILL_SYSTEM)
    assert (await demo.query(list_online, caller=fatima)).rows != []


async def test_a_reset_puts_everything_back_and_keeps_people_signed_in(demo: Engine) -> None:
    amara, elif_ = await be(demo, "owner"), await be(demo, "member")
    with pytest.raises(Forbidden):
        await demo.mutate(reset_demo, caller=elif_)
    await demo.mutate(rename_organization, caller=amara, name="Something else")
    await demo.mutate(post_announcement, caller=amara, title="New", body="New")
    await demo.mutate(reset_demo, caller=amara)
    await demo.jobs.settle()
    viewer = await demo.query(get_viewer, caller=await demo.caller_of(amara.reference))
    assert (viewer.organization.name, viewer.role) == ("Fernhill Tool Library", "owner")
    assert viewer.organization.slug == "fernhill-tool-library"
    titles = await demo.transact_async(lambda ctx: list(ctx.db.scalars(select(Announcement.title))), FERNHILL_SYSTEM)
    assert len(titles) == 6
    assert "New" not in titles
    assert (await demo.query(list_members, caller=await be(demo, "outsider"))).total == 7


async def test_the_other_organization_is_never_rebuilt(demo: Engine) -> None:
    await demo.transact_async(lambda ctx: ctx.schedule(mutations.rebuild_demo), system(HARBOUR_ID))
    await demo.jobs.settle()
    assert (await demo.query(list_members, caller=await be(demo, "outsider"))).total == 7


async def test_tables_stay_bounded(demo: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutations, "TIDY_EVERY_STEPS", 5)
    monkeypatch.setattr(mutations, "ACTIVITIES_KEPT", 10)
    monkeypatch.setattr(mutations, "ANNOUNCEMENTS_KEPT", 2)
    for _ in range(5):
        await demo.mutate(play, caller=FERNHILL_SYSTEM)
    activities = select(func.count()).select_from(Activity)
    announcements = select(func.count()).select_from(Announcement)
    assert await demo.transact_async(lambda ctx: ctx.db.scalars(activities).one(), FERNHILL_SYSTEM) == 10
    assert await demo.transact_async(lambda ctx: ctx.db.scalars(announcements).one(), FERNHILL_SYSTEM) == 2
