"""What organizations hold of a person, and what becomes of it when the account ends."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlmodel import col

from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.personal import FORGET, KEEP, Consequence, foretell, hold
from memberpulse.domains.organizations.facts import MemberLeft
from memberpulse.domains.organizations.models import Membership, Organization, Role
from memberpulse.engine import MutationCtx, QueryCtx

hold(Membership, "user_id", title="Memberships", at_erasure=FORGET)
hold(
    Organization,
    title="Organizations",
    at_erasure=KEEP,
    hidden=("picture",),
    match=lambda user: col(Organization.id).in_(
        select(col(Membership.organization_id)).where(col(Membership.user_id) == user.id)
    ),
)


@foretell
def departures(ctx: QueryCtx, user: User) -> Iterator[Consequence]:
    """The organizations that the person leaves, and those that would be left without an owner."""
    with ctx.across_organizations():
        statement = (
            select(Membership, Organization)
            .join(Organization, col(Organization.id) == col(Membership.organization_id))
            .where(col(Membership.user_id) == user.id)
            .order_by(col(Organization.name))
        )
        for membership, organization in ctx.db.execute(statement).all():
            if membership.role is Role.OWNER and _count_owners(ctx, organization) == 1:
                yield Consequence(
                    f"You are the last owner of {organization.name}. Make somebody else an owner, or delete it first.",
                    blocks=True,
                )
            else:
                yield Consequence(f"You leave {organization.name}.")


def leave_all(ctx: MutationCtx, fact: AccountErased) -> None:
    """End every membership of the person, so that each organization's log says so."""
    with ctx.across_organizations():
        theirs = select(Membership).where(col(Membership.user_id) == fact.user_id)
        memberships = list(ctx.db.scalars(theirs.order_by(col(Membership.organization_id))))
    for membership in memberships:
        with ctx.within(membership.organization_id):
            ctx.db.delete(membership)
            ctx.db.flush()
            ctx.record(MemberLeft(entity_id=membership.id, user_id=fact.user_id, by=fact.user_id))


def _count_owners(ctx: QueryCtx, organization: Organization) -> int:
    owners = select(func.count()).select_from(Membership)
    return ctx.db.scalars(
        owners.where(col(Membership.organization_id) == organization.id, col(Membership.role) == Role.OWNER)
    ).one()
