"""How an organization ends: an owner asks for it, seven days pass in which any owner may cancel, then it is deleted.

Whatever must be settled first, such as a subscription, blocks it: a higher domain registers a check.

    @block_deletion
    def subscription_runs(ctx: QueryCtx) -> str | None:
        return "Cancel the subscription first." if … else None
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.step_up import require_proof
from memberpulse.domains.mail.mutations import send_letter
from memberpulse.domains.organizations.errors import BadName, DeletionBlocked, NotBeingDeleted
from memberpulse.domains.organizations.facts import DeletionAsked, DeletionCancelled
from memberpulse.domains.organizations.letters import deleted_letter, deletion_letter
from memberpulse.domains.organizations.models import Membership, Organization, Role
from memberpulse.domains.organizations.mutations import delete_organization
from memberpulse.domains.organizations.schemas import DeletionView
from memberpulse.engine import MutationCtx, QueryCtx, job, mutation, query

GRACE = timedelta(days=7)
ABOUT = "organization"

Blocker = Callable[[QueryCtx], str | None]

_blockers: list[Blocker] = []


def block_deletion(check: Blocker) -> Blocker:
    """Register why the organization of a context cannot be deleted now: a sentence that says what to do, or None."""
    _blockers.append(check)
    return check


def allow_deletion(check: Blocker) -> None:
    """Take a check away again."""
    _blockers.remove(check)


def blockers_of(ctx: QueryCtx) -> list[str]:
    """All reasons why the organization cannot be deleted now."""
    return [reason for check in _blockers if (reason := check(ctx))]


@query(requires="organization.delete")
def get_deletion(ctx: QueryCtx) -> DeletionView:
    """What deleting the organization would take along, and what stands against it."""
    organization = ctx.db.get_one(Organization, ctx.organization_id)
    members = ctx.db.scalars(select(func.count()).select_from(Membership)).one()
    return DeletionView(
        name=organization.name, members=members, blockers=blockers_of(ctx), deletes_at=organization.deletes_at
    )


@mutation(requires="organization.delete", limit="10/minute")
def ask_deletion(ctx: MutationCtx, *, name: str) -> datetime:
    """Let the organization be deleted in seven days, and say when. Asking again changes nothing.

    name: the organization's, typed. Raises BadName (422), DeletionBlocked (409), StepUpRequired (403).
    """
    organization = ctx.db.get_one(Organization, ctx.organization_id)
    if " ".join(name.split()) != organization.name:
        raise BadName(fields={"name": "Type the name of the organization exactly as it is written."})
    if reasons := blockers_of(ctx):
        raise DeletionBlocked(" ".join(reasons))
    require_proof(ctx, "organization.delete")
    if organization.deletes_at is not None:
        return organization.deletes_at
    deletes_at = ctx.now + GRACE
    organization.deletes_at, organization.deletion_by = deletes_at, ctx.caller.user_id
    ctx.db.flush()
    ctx.record(DeletionAsked(entity_id=organization.id, target=organization.name, deletes_at=deletes_at))
    asker = ctx.db.get(User, ctx.caller.user_id) if ctx.caller.user_id else None
    for owner in _owners(ctx):
        letter = deletion_letter(organization=organization.name, asker=asker.name if asker else "", at=deletes_at)
        send_letter(ctx, to=owner.email, letter=letter, about_type=ABOUT, about_id=organization.id)
    return deletes_at


@mutation(requires="organization.delete", limit="10/minute")
def cancel_deletion(ctx: MutationCtx) -> None:
    """Keep the organization after all. Any owner may. Raises NotBeingDeleted (409)."""
    organization = ctx.db.get_one(Organization, ctx.organization_id)
    if organization.deletes_at is None:
        raise NotBeingDeleted
    organization.deletes_at = organization.deletion_by = None
    ctx.db.flush()
    ctx.record(DeletionCancelled(entity_id=organization.id, target=organization.name))


@job()
def find_due_deletions(ctx: MutationCtx) -> None:
    """Promise a deletion of its own for every organization whose seven days are over."""
    due = select(col(Organization.id)).where(
        col(Organization.deletes_at).is_not(None), col(Organization.deletes_at) <= ctx.now
    )
    for organization_id in ctx.db.scalars(due.limit(100)):
        ctx.schedule(carry_out_deletion, organization_id=organization_id)


@job()
def carry_out_deletion(ctx: MutationCtx, *, organization_id: uuid.UUID) -> None:
    """Delete an organization with all that it owns, if that still stands and nothing has come in its way."""
    organization = ctx.db.get(Organization, organization_id)
    if organization is None or organization.deletes_at is None or organization.deletes_at > ctx.now:
        return
    with ctx.within(organization_id):
        if blockers_of(ctx):
            return
        name, addresses = organization.name, [owner.email for owner in _owners(ctx)]
    delete_organization(ctx, organization_id=organization_id)
    for email in addresses:
        send_letter(ctx, to=email, letter=deleted_letter(organization=name), about_type=ABOUT)


def _owners(ctx: QueryCtx) -> list[User]:
    statement = (
        select(Membership, User)
        .join(User, col(User.id) == col(Membership.user_id))
        .where(col(Membership.role) == Role.OWNER)
    )
    return [user for _, user in ctx.db.execute(statement)]
