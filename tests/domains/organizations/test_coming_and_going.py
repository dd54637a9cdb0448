"""Organizations begin and end, and people leave them, without ever being without an owner."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.errors import StepUpRequired
from memberpulse.domains.organizations import deletion
from memberpulse.domains.organizations.deletion import (
    allow_deletion,
    ask_deletion,
    block_deletion,
    cancel_deletion,
    find_due_deletions,
    get_deletion,
)
from memberpulse.domains.organizations.directory.mutations import show_in_directory
from memberpulse.domains.organizations.directory.schemas import Shown
from memberpulse.domains.organizations.errors import (
    AlreadyMember,
    BadName,
    DeletionBlocked,
    LastOwner,
    MemberNotFound,
    NotBeingDeleted,
    OwnersOnly,
)
from memberpulse.domains.organizations.fields.models import FieldKind
from memberpulse.domains.organizations.fields.mutations import create_field, fill_in
from memberpulse.domains.organizations.founding import found_organization, set_join_policy
from memberpulse.domains.organizations.levels.mutations import change_level, create_level
from memberpulse.domains.organizations.models import JoinPolicy, Membership, Organization, Role
from memberpulse.domains.organizations.mutations import (
    add_member,
    change_role,
    leave_organization,
    remove_member,
)
from memberpulse.domains.organizations.queries import get_member, get_organization, get_viewer
from memberpulse.domains.organizations.removal import forget_ended_memberships, restore_member
from memberpulse.domains.organizations.roles.errors import NotYoursToGive
from memberpulse.engine import Caller, MutationCtx, QueryCtx, system
from memberpulse.engine.errors import Forbidden, NotSignedIn
from tests.domains.conftest import Cast, a_person
from tests.domains.organizations.post import Recorded, letters_to, membership_id, newcomer, prove, roles_of
from tests.domains.organizations.rights import a_role, give

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


async def exists(cast: Cast) -> bool:
    return await cast.write(lambda ctx: ctx.db.get(Organization, cast.here) is not None)


async def owners(cast: Cast) -> int:
    rows = select(col(Membership.id)).where(col(Membership.role) == Role.OWNER)
    return len(await cast.write(lambda ctx: list(ctx.db.scalars(rows))))


async def test_a_founder_owns_the_organization_and_acts_in_it_at_once(cast: Cast) -> None:
    nell = await newcomer(cast, "nell@post.example")
    with Recorded(cast) as recorded:
        made = await cast.engine.mutate(found_organization, caller=nell, name="  River   Choir ")
    assert recorded.kinds() == ["OrganizationFounded", "MemberJoined"]
    assert (made.name, made.slug) == ("River Choir", "river-choir")
    now = await cast.again(nell)
    assert (now.organization_id, now.role) == (made.id, Role.OWNER)
    with pytest.raises(BadName):
        await cast.engine.mutate(found_organization, caller=nell, name=" ")
    with pytest.raises(NotSignedIn):
        await cast.engine.mutate(found_organization, caller=await cast.engine.caller_of(None), name="Ghosts")


async def test_a_second_organization_leaves_the_first_as_it_is(cast: Cast) -> None:
    await cast.engine.mutate(found_organization, caller=cast.max, name="Elsewhere")
    viewer = await cast.engine.query(get_viewer, caller=await cast.again(cast.max))
    assert (viewer.organization.name, viewer.role) == ("Elsewhere", Role.OWNER)
    assert [each.name for each in viewer.organizations] == ["Elsewhere", "Here"]
    assert await roles_of(cast, cast.max) == [Role.MEMBER]
    assert all(text != "founded" for _, text, _ in await cast.happened())


async def test_two_who_found_the_same_name_at_once_get_two_addresses(cast: Cast) -> None:
    calls = [cast.engine.mutate(found_organization, caller=by, name="Choir") for by in (cast.max, cast.cleo)]
    assert sorted(made.slug for made in await asyncio.gather(*calls)) == ["choir", "choir-2"]


async def test_the_join_policy_is_decided_by_those_who_manage(cast: Cast) -> None:
    with Recorded(cast) as recorded:
        before = await cast.engine.mutate(set_join_policy, caller=cast.abe, policy=JoinPolicy.LINK)
        await cast.engine.mutate(set_join_policy, caller=cast.abe, policy=JoinPolicy.LINK)
    assert before is JoinPolicy.CLOSED
    assert recorded.kinds() == ["JoinPolicyChanged"]
    with pytest.raises(Forbidden):
        await cast.engine.mutate(set_join_policy, caller=cast.cleo, policy=JoinPolicy.CLOSED)
    seen = await cast.engine.query(get_organization, caller=cast.max)
    assert (seen.join_policy, seen.last_owner, seen.members) == (JoinPolicy.LINK, False, 4)
    assert seen.join_url.endswith("/join/here")
    assert (await cast.engine.query(get_organization, caller=cast.ann)).last_owner


async def test_who_leaves_acts_in_another_of_their_organizations_or_in_none(cast: Cast) -> None:
    await cast.engine.mutate(add_member, caller=system(cast.there), user_id=cast.max.user_id)
    await cast.engine.mutate(leave_organization, caller=cast.max)
    assert (await cast.again(cast.max)).organization_id == cast.there
    await cast.engine.mutate(leave_organization, caller=await cast.again(cast.max))
    assert (await cast.again(cast.max)).organization_id is None


async def test_who_is_removed_is_not_put_into_another_organization(cast: Cast) -> None:
    await cast.engine.mutate(add_member, caller=system(cast.there), user_id=cast.max.user_id)
    await cast.engine.mutate(remove_member, caller=cast.abe, membership_id=await membership_id(cast, cast.max))
    now = await cast.again(cast.max)
    assert (now.organization_id, now.capabilities) == (None, frozenset())
    viewer = await cast.engine.query(get_viewer, caller=now)
    assert [each.name for each in viewer.organizations] == ["There"]


async def test_a_removal_is_undone_with_role_and_date_for_a_moment(cast: Cast) -> None:
    def age(ctx: MutationCtx) -> None:
        row = select(Membership).where(col(Membership.user_id) == cast.cleo.user_id)
        ctx.db.scalars(row).one().joined_at = NOON - timedelta(days=900)

    with time_machine.travel(NOON, tick=False) as clock:
        await cast.write(age)
        target = await membership_id(cast, cast.cleo)
        await cast.engine.mutate(remove_member, caller=cast.abe, membership_id=target)
        for stranger, refused in ((cast.otto, MemberNotFound), (cast.max, Forbidden)):
            with pytest.raises(refused):
                await cast.engine.mutate(restore_member, caller=stranger, membership_id=target)
        clock.shift(timedelta(seconds=10))
        with Recorded(cast) as recorded:
            await cast.engine.mutate(restore_member, caller=cast.abe, membership_id=target)
        assert recorded.kinds() == ["MemberRestored"]
        restored = await cast.write(lambda ctx: ctx.db.get_one(Membership, target))
        assert (restored.role, restored.joined_at) == (Role.CREATOR, NOON - timedelta(days=900))
        assert (await cast.again(cast.cleo)).organization_id == cast.here
        with pytest.raises(MemberNotFound):
            await cast.engine.mutate(restore_member, caller=cast.abe, membership_id=target)

        await cast.engine.mutate(remove_member, caller=cast.abe, membership_id=target)
        clock.shift(timedelta(seconds=13))
        with pytest.raises(MemberNotFound):
            await cast.engine.mutate(restore_member, caller=cast.abe, membership_id=target)
        clock.shift(timedelta(hours=2))
        await cast.write(lambda ctx: forget_ended_memberships(ctx))


async def test_undoing_a_removal_brings_back_level_role_details_and_choices(cast: Cast) -> None:
    target = await membership_id(cast, cast.max)
    helper = await a_role(cast, "Helper", "audit.view")
    level = await cast.engine.mutate(create_level, caller=cast.abe, name="Full", months=12)
    field = await cast.engine.mutate(create_field, caller=cast.abe, name="Boat", kind=FieldKind.TEXT)
    await give(cast, cast.max, helper)
    await cast.engine.mutate(change_level, caller=cast.abe, membership_id=target, level_id=level)
    await cast.engine.mutate(fill_in, caller=cast.abe, membership_id=target, field_id=field, value="Petrel")
    await cast.engine.mutate(show_in_directory, caller=cast.max, what=Shown.LISTED, shown=True)
    before = await cast.engine.query(get_member, caller=cast.abe, membership_id=target)
    assert (before.member.role_name, before.member.state.level, before.listed) == ("Helper", "Full", True)
    await cast.engine.mutate(remove_member, caller=cast.abe, membership_id=target)
    await cast.engine.mutate(restore_member, caller=cast.abe, membership_id=target)
    assert await cast.engine.query(get_member, caller=cast.abe, membership_id=target) == before
    assert [each.value for each in before.fields] == ["Petrel"]


async def test_who_may_remove_brings_back_nobody_who_may_do_more(cast: Cast) -> None:
    target = await membership_id(cast, cast.cleo)
    await give(cast, cast.max, await a_role(cast, "Doorkeeper", "members.remove"))
    await cast.engine.mutate(remove_member, caller=cast.ann, membership_id=target)
    with pytest.raises(NotYoursToGive):
        await cast.engine.mutate(restore_member, caller=await cast.again(cast.max), membership_id=target)


async def test_undoing_a_removal_finds_who_has_joined_anew_and_who_may_not(cast: Cast) -> None:
    target = await membership_id(cast, cast.max)
    await cast.engine.mutate(remove_member, caller=cast.abe, membership_id=target)
    await cast.engine.mutate(add_member, caller=system(cast.here), user_id=cast.max.user_id)
    with pytest.raises(AlreadyMember):
        await cast.engine.mutate(restore_member, caller=cast.abe, membership_id=target)
    bea = await a_person(cast.engine, "Bea", cast.here, Role.OWNER)
    owner = await membership_id(cast, bea)
    await prove(cast, cast.ann, "organization.owners")
    await cast.engine.mutate(remove_member, caller=cast.ann, membership_id=owner)
    with pytest.raises(OwnersOnly):
        await cast.engine.mutate(restore_member, caller=cast.abe, membership_id=owner)


async def test_an_organization_is_never_without_an_owner_whatever_happens_at_once(cast: Cast) -> None:
    """Writes are SERIALIZABLE on PostgreSQL and one after the other on SQLite: a count of owners that another write
    changes meanwhile is a conflict, and is counted anew."""
    bea = await a_person(cast.engine, "Bea", cast.here, Role.OWNER)
    ann_id, bea_id = await membership_id(cast, cast.ann), await membership_id(cast, bea)
    await prove(cast, cast.ann, "organization.owners")
    await prove(cast, bea, "organization.owners")

    def demote(by: Caller, target: object) -> object:
        return cast.engine.mutate(change_role, caller=by, membership_id=target, role=Role.MEMBER)

    def remove(by: Caller, target: object) -> object:
        return cast.engine.mutate(remove_member, caller=by, membership_id=target)

    def leave(by: Caller) -> object:
        return cast.engine.mutate(leave_organization, caller=by)

    rounds = [
        lambda: [demote(cast.ann, bea_id), demote(bea, ann_id)],
        lambda: [remove(cast.ann, bea_id), remove(bea, ann_id)],
        lambda: [leave(cast.ann), leave(bea)],
        lambda: [demote(cast.ann, bea_id), leave(cast.ann)],
        lambda: [remove(cast.ann, bea_id), demote(bea, ann_id), leave(cast.ann), leave(bea)],
    ]
    for calls in rounds * 3:
        results = await asyncio.gather(*calls(), return_exceptions=True)  # type: ignore[call-overload]
        faults = [each for each in results if isinstance(each, Exception)]
        assert all(isinstance(each, LastOwner | OwnersOnly | Forbidden | MemberNotFound) for each in faults), faults
        assert await owners(cast) == 1
        await cast.write(lambda ctx: _both_own_again(ctx, {cast.ann: ann_id, bea: bea_id}))
        assert await owners(cast) == 2


def _both_own_again(ctx: MutationCtx, people: dict[Caller, object]) -> None:
    from memberpulse.domains.accounts.models import Session

    for person, key in people.items():
        row = ctx.db.get(Membership, key)
        if row is None:
            ctx.db.add(Membership(id=key, organization_id=ctx.organization_id, user_id=person.user_id, role=Role.OWNER))
        else:
            row.role = Role.OWNER
        ctx.db.get_one(Session, person.session_id).organization_id = ctx.organization_id


@pytest.fixture
def blocker() -> Iterator[list[str]]:
    """Something that must be settled first, while the list has a reason."""
    reasons: list[str] = []

    def unsettled(ctx: QueryCtx) -> str | None:
        return reasons[0] if reasons else None

    block_deletion(unsettled)
    yield reasons
    allow_deletion(unsettled)


async def test_an_organization_is_deleted_after_seven_days_in_which_any_owner_may_cancel(cast: Cast) -> None:
    bea = await a_person(cast.engine, "Bea", cast.here, Role.OWNER)
    with time_machine.travel(NOON, tick=False) as clock:
        await prove(cast, cast.ann, "organization.delete")
        with Recorded(cast) as recorded:
            at = await cast.engine.mutate(ask_deletion, caller=cast.ann, name="Here")
            assert await cast.engine.mutate(ask_deletion, caller=cast.ann, name="Here") == at
        assert recorded.kinds() == ["DeletionAsked"]
        assert at == NOON + timedelta(days=7)
        for address in ("ann@post.example", "bea@post.example"):
            assert [letter["kind"] for letter in await letters_to(cast, address)] == ["organization_deletion"]
        viewer = await cast.engine.query(get_viewer, caller=cast.max)
        assert viewer.organization.deletes_at == at

        with pytest.raises(Forbidden):
            await cast.engine.mutate(cancel_deletion, caller=cast.abe)
        await cast.engine.mutate(cancel_deletion, caller=bea)
        with pytest.raises(NotBeingDeleted):
            await cast.engine.mutate(cancel_deletion, caller=cast.ann)
        clock.shift(timedelta(days=8))
        await cast.write(find_due_deletions)
        await cast.engine.jobs.settle()
        assert await exists(cast)

        await prove_again(cast, cast.ann)
        await cast.engine.mutate(ask_deletion, caller=cast.ann, name="Here")
        clock.shift(timedelta(days=7) - timedelta(minutes=1))
        await cast.engine.transact_async(find_due_deletions, system())
        await cast.engine.jobs.settle()
        assert await exists(cast)
        clock.shift(timedelta(minutes=1))
        await cast.engine.transact_async(find_due_deletions, system())
        await cast.engine.jobs.settle()
        assert not await exists(cast)
        assert (await cast.again(cast.max)).organization_id is None
        assert (await letters_to(cast, "bea@post.example"))[-1]["kind"] == "organization_deleted"
        assert (await cast.again(cast.otto)).organization_id == cast.there


async def prove_again(cast: Cast, caller: Caller) -> None:
    from memberpulse.domains.accounts.models import StepUpGrant

    def longer(ctx: MutationCtx) -> None:
        for grant in ctx.db.scalars(select(StepUpGrant).where(col(StepUpGrant.session_id) == caller.session_id)):
            grant.expires_at = ctx.now + timedelta(minutes=10)

    await cast.write(longer)


async def test_a_deletion_needs_the_name_a_proof_and_an_owner(cast: Cast) -> None:
    with pytest.raises(StepUpRequired):
        await cast.engine.mutate(ask_deletion, caller=cast.ann, name="Here")
    await prove(cast, cast.ann, "organization.delete")
    with pytest.raises(BadName):
        await cast.engine.mutate(ask_deletion, caller=cast.ann, name="here")
    for caller in (cast.abe, cast.cleo, cast.max):
        with pytest.raises(Forbidden):
            await cast.engine.mutate(ask_deletion, caller=caller, name="Here")
        with pytest.raises(Forbidden):
            await cast.engine.query(get_deletion, caller=caller)
    with pytest.raises(BadName):
        await cast.engine.mutate(ask_deletion, caller=cast.otto, name="Here")
    assert await exists(cast)


async def test_what_is_unsettled_blocks_a_deletion_when_asked_and_when_due(cast: Cast, blocker: list[str]) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        await prove(cast, cast.ann, "organization.delete")
        blocker.append("Cancel the subscription first.")
        assert (await cast.engine.query(get_deletion, caller=cast.ann)).blockers == blocker
        with pytest.raises(DeletionBlocked, match="Cancel the subscription first"):
            await cast.engine.mutate(ask_deletion, caller=cast.ann, name="Here")
        reason = blocker.pop()
        await cast.engine.mutate(ask_deletion, caller=cast.ann, name="Here")
        blocker.append(reason)
        clock.shift(timedelta(days=8))
        await cast.engine.transact_async(find_due_deletions, system())
        await cast.engine.jobs.settle()
        assert await exists(cast)
        blocker.clear()
        await cast.engine.transact_async(find_due_deletions, system())
        await cast.engine.jobs.settle()
        assert not await exists(cast)
    assert timedelta(days=7) == deletion.GRACE
