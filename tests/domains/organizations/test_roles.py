"""Roles of an organization's own: what they give, and that nobody gets more by them than somebody else may give."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from memberpulse.domains.accounts.errors import StepUpRequired
from memberpulse.domains.announcements.mutations import post_announcement
from memberpulse.domains.organizations.errors import LastOwner, MayDoMore, OwnersOnly
from memberpulse.domains.organizations.models import Role
from memberpulse.domains.organizations.mutations import change_role, remove_member
from memberpulse.domains.organizations.permissions import BY_ROLE
from memberpulse.domains.organizations.queries import get_viewer, list_members
from memberpulse.domains.organizations.roles.errors import BadRole, NotYoursToGive, RoleNotFound
from memberpulse.domains.organizations.roles.models import CustomRole
from memberpulse.domains.organizations.roles.mutations import (
    create_role,
    edit_role,
    remove_role,
    restore_role,
    set_capability,
)
from memberpulse.domains.organizations.roles.queries import get_role, list_role_choices, list_roles
from memberpulse.engine import MutationCtx, utc_now
from memberpulse.engine.errors import Forbidden
from tests.domains.conftest import Cast, a_person
from tests.domains.organizations.rights import a_role, give, membership_of, proven
from tests.engine.conftest import until

pytestmark = pytest.mark.anyio


async def test_a_role_needs_a_fresh_proof_and_the_right_to_manage_roles(cast: Cast) -> None:
    with pytest.raises(StepUpRequired):
        await cast.engine.mutate(create_role, caller=cast.ann, name="Workshop lead")
    for caller in (cast.cleo, cast.max):
        with pytest.raises(Forbidden):
            await cast.engine.mutate(create_role, caller=caller, name="Workshop lead")


async def test_a_holder_may_what_every_member_may_and_what_the_role_adds(cast: Cast) -> None:
    role = await a_role(cast, "Workshop lead", "announcements.post")
    await give(cast, cast.max, role)
    held = (await cast.again(cast.max)).capabilities
    assert held == BY_ROLE[Role.MEMBER] | {"announcements.post"}
    await cast.engine.mutate(
        post_announcement, caller=await cast.again(cast.max), title="Lathe", body="It turns again."
    )


async def test_the_roles_name_is_shown_wherever_a_role_is(cast: Cast) -> None:
    await give(cast, cast.max, await a_role(cast, "Workshop lead", "announcements.post"))
    rows = (await cast.engine.query(list_members, caller=cast.abe, search="max")).rows
    assert (rows[0].role, rows[0].role_name) == (Role.MEMBER, "Workshop lead")
    assert (await cast.engine.query(get_viewer, caller=await cast.again(cast.max))).role_name == "Workshop lead"
    assert (await cast.happened())[0] == ("Ann", "made", "Max a Workshop lead")


async def test_a_change_of_the_role_reaches_its_holders_and_nobody_else(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = await a_role(cast, "Workshop lead")
    await give(cast, cast.max, role)
    assert cast.max.reference
    assert cast.cleo.reference
    holder, other = cast.engine.accesses.of(cast.max.reference), cast.engine.accesses.of(cast.cleo.reference)
    await until(lambda: not holder.pending and not other.pending)
    asked: list[str] = []
    read = cast.engine.accesses._read
    monkeypatch.setattr(cast.engine.accesses, "_read", lambda references: asked.extend(references) or read(references))

    for given in (True, False):
        await cast.engine.mutate(
            set_capability, caller=cast.ann, role_id=role, capability="announcements.post", given=given
        )
        await until(
            lambda given=given: (
                holder.caller is not None and ("announcements.post" in holder.caller.capabilities) is given
            )
        )
    assert set(asked) == {cast.max.reference}


async def test_a_removed_role_gives_nothing_and_comes_back_with_its_holders(cast: Cast) -> None:
    role = await a_role(cast, "Workshop lead", "announcements.post")
    await give(cast, cast.max, role)
    await cast.engine.mutate(remove_role, caller=cast.ann, role_id=role)
    assert (await cast.again(cast.max)).capabilities == BY_ROLE[Role.MEMBER]
    rows = (await cast.engine.query(list_members, caller=cast.abe, search="max")).rows
    assert (rows[0].role_name, rows[0].custom_role_id) == ("Member", None)
    assert await cast.engine.query(list_roles, caller=cast.ann) == []
    with pytest.raises(RoleNotFound):
        await cast.engine.query(get_role, caller=cast.ann, role_id=role)

    await cast.engine.mutate(restore_role, caller=cast.ann, role_id=role)
    assert "announcements.post" in (await cast.again(cast.max)).capabilities
    assert [each.holders for each in await cast.engine.query(list_roles, caller=cast.ann)] == [1]


async def test_a_removal_can_be_undone_for_ten_minutes_only(cast: Cast) -> None:
    role = await a_role(cast, "Workshop lead", "announcements.post")
    await cast.engine.mutate(remove_role, caller=cast.ann, role_id=role)

    def long_ago(ctx: MutationCtx) -> None:
        ctx.db.get_one(CustomRole, role).removed_at = ctx.now - timedelta(minutes=11)

    await cast.write(long_ago)
    with pytest.raises(RoleNotFound):
        await cast.engine.mutate(restore_role, caller=cast.ann, role_id=role)


async def test_nobody_puts_into_a_role_what_they_do_not_hold(cast: Cast) -> None:
    manager = await a_role(cast, "Role keeper", "roles.manage", "members.change_role")
    target = await a_role(cast, "Auditor", "audit.view")
    await give(cast, cast.max, manager)
    keeper = await cast.again(cast.max)
    await proven(cast, keeper)
    for attempt in (
        {"name": "Mine", "capabilities": ["audit.view"]},
        {"name": "Mine", "capabilities": ["roles.manage", "members.remove"]},
        {"name": "Mine", "capabilities": ["organization.delete"]},
    ):
        with pytest.raises(NotYoursToGive):
            await cast.engine.mutate(create_role, caller=keeper, **attempt)
    for role in (manager, target):
        with pytest.raises(NotYoursToGive):
            await cast.engine.mutate(
                set_capability, caller=keeper, role_id=role, capability="members.remove", given=True
            )
    assert (await cast.again(cast.max)).capabilities == keeper.capabilities


async def test_nobody_gives_a_role_that_may_do_more_than_they(cast: Cast) -> None:
    keeper_role = await a_role(cast, "Role keeper", "roles.manage", "members.change_role")
    auditor = await a_role(cast, "Auditor", "audit.view")
    await give(cast, cast.max, keeper_role)
    keeper = await cast.again(cast.max)
    own, other = await membership_of(cast, cast.max), await membership_of(cast, cast.cleo)
    for role, custom in ((Role.ADMIN, None), (Role.CREATOR, None), (Role.MEMBER, auditor)):
        with pytest.raises(NotYoursToGive):
            await cast.engine.mutate(change_role, caller=keeper, membership_id=own, role=role, custom_role_id=custom)
    with pytest.raises(OwnersOnly):
        await cast.engine.mutate(change_role, caller=keeper, membership_id=own, role=Role.OWNER)
    with pytest.raises(MayDoMore):
        await cast.engine.mutate(change_role, caller=keeper, membership_id=other, role=Role.MEMBER)
    for person in (cast.ann, cast.abe):
        membership_id = await membership_of(cast, person)
        with pytest.raises((OwnersOnly, MayDoMore)):
            await cast.engine.mutate(change_role, caller=keeper, membership_id=membership_id, role=Role.MEMBER)


async def test_a_holder_of_the_right_to_remove_removes_nobody_who_may_do_more(cast: Cast) -> None:
    await give(cast, cast.max, await a_role(cast, "Doorkeeper", "members.remove"))
    doorkeeper = await cast.again(cast.max)
    for person, refusal in ((cast.abe, MayDoMore), (cast.cleo, MayDoMore), (cast.ann, OwnersOnly)):
        with pytest.raises(refusal):
            await cast.engine.mutate(remove_member, caller=doorkeeper, membership_id=await membership_of(cast, person))


async def test_even_an_owner_puts_an_owners_rights_into_no_role(cast: Cast) -> None:
    role = await a_role(cast, "Deputy", "members.remove")
    with pytest.raises(NotYoursToGive):
        await cast.engine.mutate(
            set_capability, caller=cast.ann, role_id=role, capability="organization.delete", given=True
        )
    with pytest.raises(BadRole):
        await cast.engine.mutate(set_capability, caller=cast.ann, role_id=role, capability="no.such", given=True)


async def test_the_last_owner_gets_no_custom_role(cast: Cast) -> None:
    role = await a_role(cast, "Deputy")
    with pytest.raises(LastOwner):
        await give(cast, cast.ann, role)


async def test_a_custom_role_goes_with_the_base_role_of_a_member(cast: Cast) -> None:
    role = await a_role(cast, "Deputy")
    with pytest.raises(BadRole):
        await cast.engine.mutate(
            change_role,
            caller=cast.ann,
            membership_id=await membership_of(cast, cast.max),
            role=Role.CREATOR,
            custom_role_id=role,
        )
    await give(cast, cast.cleo, role)
    await cast.engine.mutate(
        change_role, caller=cast.ann, membership_id=await membership_of(cast, cast.cleo), role=Role.CREATOR
    )
    assert (await cast.again(cast.cleo)).capabilities == BY_ROLE[Role.CREATOR]


async def test_another_organization_sees_and_changes_no_role_of_here(cast: Cast) -> None:
    role = await a_role(cast, "Deputy", "members.remove")
    await proven(cast, cast.otto)
    assert await cast.engine.query(list_roles, caller=cast.otto) == []
    assert await cast.engine.query(list_role_choices, caller=cast.otto) == []
    calls: list[tuple[Any, dict[str, Any]]] = [
        (edit_role, {"name": "Taken"}),
        (set_capability, {"capability": "audit.view", "given": True}),
        (remove_role, {}),
        (restore_role, {}),
    ]
    for function, arguments in calls:
        with pytest.raises(RoleNotFound):
            await cast.engine.mutate(function, caller=cast.otto, role_id=role, **arguments)
    with pytest.raises(RoleNotFound):
        await cast.engine.query(get_role, caller=cast.otto, role_id=role)
    owner = await a_person(cast.engine, "Olga", cast.there, Role.OWNER)
    await proven(cast, owner, action="organization.owners")
    own = (await cast.engine.query(list_members, caller=owner, search="otto")).rows[0].id
    with pytest.raises(RoleNotFound):
        await cast.engine.mutate(change_role, caller=owner, membership_id=own, role=Role.MEMBER, custom_role_id=role)


@pytest.mark.parametrize("name", ["", "  ", "x" * 41, "Admin", "deputy"])
async def test_a_bad_name_is_refused_beside_its_field(cast: Cast, name: str) -> None:
    await a_role(cast, "Deputy")
    with pytest.raises(BadRole) as refusal:
        await cast.engine.mutate(create_role, caller=cast.ann, name=name)
    assert refusal.value.fields["name"]


async def test_what_a_role_became_is_recorded_with_what_it_was(cast: Cast) -> None:
    role = await a_role(cast, "Deputy", "members.remove")
    await cast.engine.mutate(edit_role, caller=cast.ann, role_id=role, name="Second", description="Stands in")
    await cast.engine.mutate(set_capability, caller=cast.ann, role_id=role, capability="audit.view", given=True)
    detail = await cast.engine.query(get_role, caller=cast.ann, role_id=role)
    held = [row.name for group in detail.groups for row in group.rows if row.held]
    assert (detail.name, detail.description, sorted(held)) == ("Second", "Stands in", ["audit.view", "members.remove"])


async def test_a_grant_counts_for_ten_minutes(cast: Cast) -> None:
    role = await a_role(cast, "Deputy")
    with time_machine.travel(utc_now() + timedelta(minutes=11)), pytest.raises(StepUpRequired):
        await cast.engine.mutate(remove_role, caller=cast.ann, role_id=role)
