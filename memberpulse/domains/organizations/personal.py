"""What organizations hold of a person, and what becomes of it when the account ends."""

from collections.abc import Iterator

from sqlalchemy import delete, or_, select
from sqlmodel import col

from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.personal import FORGET, KEEP, Consequence, excuse, foretell, hold
from memberpulse.domains.organizations.directory.models import DirectoryEntry
from memberpulse.domains.organizations.facts import MemberLeft
from memberpulse.domains.organizations.fields.models import MemberFieldValue
from memberpulse.domains.organizations.imports.models import MemberImportFile, MemberImportRow
from memberpulse.domains.organizations.invitations.models import Invitation, JoinLink
from memberpulse.domains.organizations.models import EndedMembership, Membership, Organization, Role
from memberpulse.domains.organizations.policies import count_owners
from memberpulse.domains.organizations.requests.models import JoinRequest
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
hold(EndedMembership, "user_id", title="Ended memberships", at_erasure=FORGET, hidden=("was",))
hold(JoinRequest, "user_id", title="Requests to join", at_erasure=FORGET, hidden=("decided_by",))
excuse(JoinRequest, "decided_by", "who decided; the request is its writer's")
hold(
    Invitation,
    "invited_by",
    "accepted_by",
    title="Invitations",
    at_erasure=KEEP,  # but those to the person's own address, see `forget_invitations`
    hidden=("mail_id",),
    match=lambda user: or_(
        col(Invitation.invited_by) == user.id,
        col(Invitation.accepted_by) == user.id,
        col(Invitation.email) == user.email,
    ),
)
hold(JoinLink, "created_by", title="Invitation links", at_erasure=KEEP, hidden=("code_hash", "sealed_code"))
hold(MemberImportFile, "created_by", title="Imported files", at_erasure=KEEP)
hold(
    MemberImportRow,
    title="Lines about you in imported files",
    at_erasure=FORGET,
    match=lambda user: col(MemberImportRow.email) == user.email,
)

hold(
    DirectoryEntry,
    title="Directory",
    at_erasure=FORGET,
    match=lambda user: col(DirectoryEntry.membership_id).in_(
        select(col(Membership.id)).where(col(Membership.user_id) == user.id)
    ),
)
hold(
    MemberFieldValue,
    title="Details kept by organizations",
    at_erasure=FORGET,
    match=lambda user: col(MemberFieldValue.membership_id).in_(
        select(col(Membership.id)).where(col(Membership.user_id) == user.id)
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
            if membership.role is Role.OWNER and count_owners(ctx, beside=user.id, of=organization.id) == 1:
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


def forget_invitations(ctx: MutationCtx, fact: AccountErased) -> None:
    """Delete every invitation to the person, by address or because they took it."""
    user = ctx.db.get_one(User, fact.user_id)
    theirs = or_(col(Invitation.email) == user.email, col(Invitation.accepted_by) == user.id)
    with ctx.across_organizations():
        ctx.db.execute(delete(Invitation).where(theirs).execution_options(synchronize_session=False))
