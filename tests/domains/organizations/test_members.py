"""Members are listed, change roles, are removed and leave."""

import asyncio
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from memberpulse.domains.accounts.errors import StepUpRequired
from memberpulse.domains.accounts.models import StepUpGrant
from memberpulse.domains.accounts.mutations import create_user
from memberpulse.domains.organizations.errors import (
    AlreadyMember,
    BadName,
    LastOwner,
    MemberNotFound,
    OwnersOnly,
)
from memberpulse.domains.organizations.levels.mutations import change_level, create_level
from memberpulse.domains.organizations.levels.rules import Standing
from memberpulse.domains.organizations.models import Membership, Organization, Role
from memberpulse.domains.organizations.mutations import (
    add_member,
    change_role,
    create_organization,
    delete_organization,
    leave_organization,
    remove_member,
    rename_organization,
)
from memberpulse.domains.organizations.queries import (
    count_members,
    get_viewer,
    list_members,
    list_members_with_addresses,
)
from memberpulse.domains.organizations.removal import restore_member
from memberpulse.engine import Caller, MutationCtx, system
from memberpulse.engine.errors import BadArguments, Forbidden, NotSignedIn
from tests.domains.conftest import Cast, a_person, signed_in
from tests.domains.organizations.post import prove
from tests.engine.conftest import until

pytestmark = pytest.mark.anyio


async def membership_of(cast: Cast, person: Caller) -> uuid.UUID:
    row = select(Membership).where(Membership.user_id == person.user_id)
    organization_id = cast.there if person is cast.otto else cast.here
    return (await cast.write(lambda ctx: ctx.db.scalars(row).one(), organization_id)).id


async def names(cast: Cast, by: Caller | None = None, **arguments: object) -> list[str]:
    found = await cast.engine.query(list_members, caller=by or cast.max, **arguments)
    return [row.person.name for row in found.rows]


async def test_members_are_listed_by_name_and_only_of_the_own_organization(cast: Cast) -> None:
    assert await names(cast) == ["Abe", "Ann", "Cleo", "Max"]


async def test_addresses_are_for_those_who_manage_members(cast: Cast) -> None:
    for caller in (cast.cleo, cast.max):
        rows = (await cast.engine.query(list_members, caller=caller)).rows
        assert {row.email for row in rows} == {""}
        assert await names(cast, caller, search="post.example") == []
        with pytest.raises(Forbidden):
            await cast.engine.query(list_members_with_addresses, caller=caller)
    for caller in (cast.ann, cast.abe):
        rows = (await cast.engine.query(list_members_with_addresses, caller=caller)).rows
        assert [row.email for row in rows] == [f"{name}@post.example" for name in ("abe", "ann", "cleo", "max")]
    found = await cast.engine.query(list_members_with_addresses, caller=cast.abe, search="max@post")
    assert ([row.person.name for row in found.rows], found.total, found.matching) == (["Max"], 4, 1)
    found = await cast.engine.query(list_members_with_addresses, caller=cast.otto)
    assert [row.email for row in found.rows] == ["otto@post.example"]


async def test_levels_are_for_those_who_manage_members(cast: Cast) -> None:
    level = await cast.engine.mutate(create_level, caller=cast.abe, name="Supporter", months=12, grace_days=30)
    member = await membership_of(cast, cast.max)
    await cast.engine.mutate(change_level, caller=cast.abe, membership_id=member, level_id=level)
    for caller in (cast.cleo, cast.max):
        rows = (await cast.engine.query(list_members, caller=caller)).rows
        assert {(row.state.level, row.state.standing, row.state.words) for row in rows} == {("", "", "")}
        for narrowed in ({"level_id": level}, {"standing": Standing.ACTIVE}):
            with pytest.raises(Forbidden):
                await cast.engine.query(list_members, caller=caller, **narrowed)
    rows = (await cast.engine.query(list_members_with_addresses, caller=cast.abe, level_id=level)).rows
    assert [(row.person.name, row.state.level, row.state.standing) for row in rows] == [("Max", "Supporter", "active")]


async def test_everybody_with_the_same_rights_shares_one_result(cast: Cast) -> None:
    screens = [cast.watch(caller, list_members) for caller in (cast.cleo, cast.max)]
    screens += [cast.watch(caller, list_members_with_addresses) for caller in (cast.ann, cast.abe)]
    await until(lambda: all(screen.shown for screen in screens))
    assert len(cast.engine.reactor.queries) == 2


async def test_members_are_found_by_part_of_name_and_by_role(cast: Cast) -> None:
    await a_person(cast.engine, "Şebnem Öztürk", cast.here)
    assert await names(cast, search="sebnem oz") == ["Şebnem Öztürk"]
    assert await names(cast, search="a", role=Role.ADMIN) == ["Abe"]
    assert await names(cast, search="%") == []
    assert await names(cast, search="_") == []
    found = await cast.engine.query(list_members, caller=cast.max, role=Role.CREATOR)
    assert (found.total, found.matching) == (5, 1)


async def test_pages_follow_each_other_without_gap_or_repetition(cast: Cast) -> None:

    def join(ctx: MutationCtx) -> None:
        for number in range(120):
            user_id = create_user(ctx, email=f"{number}@post.example", name=f"Twin {number % 3}")
            add_member(ctx, user_id=user_id)

    await cast.write(join)
    seen: list[str] = []
    cursor: str | None = None
    pages = 0
    while pages == 0 or cursor:
        page = await cast.engine.query(list_members, caller=cast.max, cursor=cursor)
        seen += [str(row.id) for row in page.rows]
        cursor, pages = page.next_cursor, pages + 1
    assert pages == 3
    assert len(seen) == len(set(seen)) == 124


@pytest.mark.parametrize("cursor", ["nonsense", "", "W10", "IiI", "WzEsMl0"])
async def test_a_forged_cursor_is_refused_or_the_first_page(cast: Cast, cursor: str) -> None:
    if not cursor:
        assert len(await names(cast, cursor=cursor)) == 4
        return
    with pytest.raises(BadArguments):
        await names(cast, cursor=cursor)


async def test_a_role_change_reaches_the_list_and_the_person_and_is_recorded(cast: Cast) -> None:
    screen = cast.watch(cast.abe, list_members)
    await until(lambda: bool(screen.shown))
    await cast.engine.mutate(
        change_role, caller=cast.abe, membership_id=await membership_of(cast, cast.max), role=Role.CREATOR
    )
    await until(lambda: [row["role"] for row in screen.shown[-1]["rows"]] == ["admin", "owner", "creator", "creator"])
    assert "announcements.post" in (await cast.again(cast.max)).capabilities
    assert (await cast.happened())[0] == ("Abe", "made", "Max a creator")


async def test_the_same_role_again_records_nothing(cast: Cast) -> None:
    before = await cast.happened()
    target = await membership_of(cast, cast.max)
    assert await cast.engine.mutate(change_role, caller=cast.ann, membership_id=target, role=Role.MEMBER) == Role.MEMBER
    assert await cast.happened() == before


async def test_roles_are_not_changed_by_those_who_may_not(cast: Cast) -> None:
    target = await membership_of(cast, cast.max)
    for caller in (cast.cleo, cast.max):
        with pytest.raises(Forbidden):
            await cast.engine.mutate(change_role, caller=caller, membership_id=target, role=Role.ADMIN)
    with pytest.raises(OwnersOnly):
        await cast.engine.mutate(change_role, caller=cast.abe, membership_id=target, role=Role.OWNER)
    with pytest.raises(MemberNotFound):
        await cast.engine.mutate(change_role, caller=cast.otto, membership_id=target, role=Role.ADMIN)


async def test_last_owner_cannot_be_demoted_even_by_two_at_once(cast: Cast) -> None:
    ann = await membership_of(cast, cast.ann)
    with pytest.raises(LastOwner):
        await cast.engine.mutate(change_role, caller=cast.ann, membership_id=ann, role=Role.MEMBER)
    bea = await a_person(cast.engine, "Bea", cast.here, Role.OWNER)
    await prove(cast, cast.ann, "organization.owners")
    await prove(cast, bea, "organization.owners")
    calls = [
        cast.engine.mutate(change_role, caller=by, membership_id=await membership_of(cast, of), role=Role.MEMBER)
        for by, of in ((cast.ann, bea), (bea, cast.ann))
    ]
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert sorted(isinstance(each, Exception) for each in results) == [False, True]
    found = await cast.engine.query(list_members, caller=cast.max, role=Role.OWNER)
    assert found.matching == 1


async def test_an_owner_is_made_and_unmade_with_a_fresh_proof(cast: Cast) -> None:
    bea = await a_person(cast.engine, "Bea", cast.here, Role.OWNER)
    owner, member = await membership_of(cast, bea), await membership_of(cast, cast.max)
    with pytest.raises(StepUpRequired):
        await cast.engine.mutate(change_role, caller=cast.ann, membership_id=member, role=Role.OWNER)
    with pytest.raises(StepUpRequired):
        await cast.engine.mutate(change_role, caller=cast.ann, membership_id=owner, role=Role.MEMBER)
    with pytest.raises(StepUpRequired):
        await cast.engine.mutate(remove_member, caller=cast.ann, membership_id=owner)
    await prove(cast, cast.ann, "organization.owners")
    await cast.engine.mutate(change_role, caller=cast.ann, membership_id=member, role=Role.OWNER)
    await cast.engine.mutate(remove_member, caller=cast.ann, membership_id=owner)
    await cast.write(lambda ctx: ctx.db.execute(delete(StepUpGrant)))
    with pytest.raises(StepUpRequired):
        await cast.engine.mutate(restore_member, caller=cast.ann, membership_id=owner)


async def test_a_removed_member_loses_everything_at_once(cast: Cast) -> None:
    access = cast.engine.identify(cast.max.reference)
    assert access is not None
    await cast.engine.mutate(remove_member, caller=cast.abe, membership_id=await membership_of(cast, cast.max))
    now = await access.known()
    assert now is not None
    assert (now.organization_id, now.capabilities) == (None, frozenset())
    assert (await cast.happened())[0] == ("Abe", "removed", "Max")
    with pytest.raises(Forbidden):
        await cast.engine.mutate(rename_organization, caller=cast.max, name="Mine")
    viewer = await cast.engine.query(get_viewer, caller=now)
    assert (viewer.organization, viewer.role, viewer.capabilities) == (None, None, [])


async def test_nobody_is_removed_by_those_who_may_not(cast: Cast) -> None:
    target, ann = await membership_of(cast, cast.max), await membership_of(cast, cast.ann)
    for caller in (cast.cleo, cast.max):
        with pytest.raises(Forbidden):
            await cast.engine.mutate(remove_member, caller=caller, membership_id=target)
    with pytest.raises(MemberNotFound):
        await cast.engine.mutate(remove_member, caller=cast.otto, membership_id=target)
    with pytest.raises(OwnersOnly):
        await cast.engine.mutate(remove_member, caller=cast.abe, membership_id=ann)
    with pytest.raises(LastOwner):
        await cast.engine.mutate(remove_member, caller=cast.ann, membership_id=ann)
    assert await names(cast) == ["Abe", "Ann", "Cleo", "Max"]


async def test_anybody_but_the_last_owner_may_leave(cast: Cast) -> None:
    await cast.engine.mutate(leave_organization, caller=cast.max)
    assert (await cast.happened())[0] == ("Max", "left the organization", "")
    with pytest.raises(LastOwner):
        await cast.engine.mutate(leave_organization, caller=cast.ann)


async def test_nobody_joins_twice(cast: Cast) -> None:
    with pytest.raises(AlreadyMember):
        await cast.engine.mutate(add_member, caller=system(cast.here), user_id=cast.max.user_id)


async def test_a_new_name_reaches_every_frame(cast: Cast) -> None:
    screen = cast.watch(cast.max, get_viewer)
    await until(lambda: bool(screen.shown))
    await cast.engine.mutate(rename_organization, caller=cast.abe, name=" Over  here ")
    await until(lambda: screen.shown[-1]["organization"]["name"] == "Over here")
    assert (await cast.happened())[0] == ("Abe", "renamed the organization to", "Over here")
    with pytest.raises(BadName):
        await cast.engine.mutate(rename_organization, caller=cast.abe, name=" ")
    with pytest.raises(Forbidden):
        await cast.engine.mutate(rename_organization, caller=cast.cleo, name="Mine")
    otto = await cast.engine.query(get_viewer, caller=cast.otto)
    assert otto.organization.name == "There"


async def test_the_viewer_knows_all_their_organizations(cast: Cast) -> None:
    await cast.engine.mutate(add_member, caller=system(cast.there), user_id=cast.max.user_id, role=Role.ADMIN)
    viewer = await cast.engine.query(get_viewer, caller=cast.max)
    assert [each.name for each in viewer.organizations] == ["Here", "There"]
    assert (viewer.organization.name, viewer.role, viewer.email) == ("Here", Role.MEMBER, "max@post.example")
    assert viewer.capabilities == sorted(cast.max.capabilities)
    assert (await cast.engine.query(get_viewer, caller=cast.ann)).organizations == [viewer.organizations[0]]


async def test_somebody_without_organization_is_told_so(cast: Cast) -> None:
    user_id = await cast.engine.mutate(create_user, caller=system(), email="new@post.example", name="New")
    viewer = await cast.engine.query(get_viewer, caller=await signed_in(cast.engine, user_id))
    assert (viewer.organization, viewer.organizations) == (None, [])
    with pytest.raises(NotSignedIn):
        await cast.engine.query(get_viewer, caller=await cast.engine.caller_of(None))


async def test_new_members_are_counted_for_a_week(cast: Cast) -> None:
    def age(ctx: MutationCtx) -> None:
        row = select(Membership).where(Membership.user_id == cast.max.user_id)
        ctx.db.scalars(row).one().joined_at = ctx.now - timedelta(days=8)

    await cast.write(age)
    count = await cast.engine.query(count_members, caller=cast.max)
    assert (count.total, count.joined_this_week) == (4, 3)


async def test_slugs_stay_unique_however_long_and_alike_the_names_are(cast: Cast) -> None:
    names = ["Here!", "HERE", *["合唱団"] * 2, *["The friends of the tool library of the valley of the river Fern"] * 4]
    ids = [await cast.engine.mutate(create_organization, caller=system(), name=name) for name in names]
    slugs = await cast.write(lambda ctx: [ctx.db.get_one(Organization, each).slug for each in ids])
    assert slugs[:5] == ["here-2", "here-3", "organization", "organization-2", slugs[4]]
    assert len(set(slugs)) == len(slugs)
    assert all(len(slug) <= 60 and not slug.endswith("-") for slug in slugs)


async def test_a_deleted_organization_takes_its_rows_along(cast: Cast) -> None:
    await cast.engine.mutate(delete_organization, caller=system(), organization_id=cast.here)
    assert (await cast.again(cast.ann)).organization_id is None
    assert await cast.write(lambda ctx: list(ctx.db.scalars(select(Membership)))) == []
    assert (await cast.again(cast.otto)).organization_id == cast.there
