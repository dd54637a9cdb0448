"""Steps that tests of rights share: proving who one is, making a role, giving it."""

import uuid
from datetime import timedelta

from sqlalchemy import select

from memberpulse.domains.accounts.models import StepUpGrant
from memberpulse.domains.organizations.models import Membership, Role
from memberpulse.domains.organizations.mutations import change_role
from memberpulse.domains.organizations.roles.mutations import create_role
from memberpulse.engine import Caller, MutationCtx
from tests.domains.conftest import Cast


async def proven(cast: Cast, *callers: Caller, action: str = "roles.manage") -> None:
    """These people have just proven who they are."""

    def grant(ctx: MutationCtx) -> None:
        for caller in callers:
            assert caller.session_id
            ctx.db.add(
                StepUpGrant(
                    session_id=caller.session_id,
                    action=action,
                    method="password",
                    expires_at=ctx.now + timedelta(minutes=10),
                )
            )

    await cast.write(grant)


async def membership_of(cast: Cast, person: Caller) -> uuid.UUID:
    row = select(Membership).where(Membership.user_id == person.user_id)
    organization_id = cast.there if person is cast.otto else cast.here
    return (await cast.write(lambda ctx: ctx.db.scalars(row).one(), organization_id)).id


async def a_role(cast: Cast, name: str, *capabilities: str) -> uuid.UUID:
    """A role of Here, made by Ann, who has proven who she is."""
    await proven(cast, cast.ann) if not await _is_proven(cast) else None
    return await cast.engine.mutate(create_role, caller=cast.ann, name=name, capabilities=list(capabilities))


async def give(cast: Cast, person: Caller, role_id: uuid.UUID, by: Caller | None = None) -> None:
    await cast.engine.mutate(
        change_role,
        caller=by or cast.ann,
        membership_id=await membership_of(cast, person),
        role=Role.MEMBER,
        custom_role_id=role_id,
    )


async def _is_proven(cast: Cast) -> bool:
    statement = select(StepUpGrant).where(
        StepUpGrant.session_id == cast.ann.session_id, StepUpGrant.action == "roles.manage"
    )
    return await cast.write(lambda ctx: ctx.db.scalars(statement).first()) is not None
