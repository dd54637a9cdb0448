"""How an organization begins, and what its owners decide about it afterwards."""

from memberpulse.domains.organizations.facts import JoinPolicyChanged, OrganizationFounded
from memberpulse.domains.organizations.models import JoinPolicy, Organization, Role
from memberpulse.domains.organizations.mutations import add_member, create_organization
from memberpulse.domains.organizations.people import act_in
from memberpulse.domains.organizations.schemas import OrganizationView, organization_view
from memberpulse.engine import SIGNED_IN, MutationCtx, mutation


@mutation(requires=SIGNED_IN, limit="10/hour")
def found_organization(ctx: MutationCtx, *, name: str) -> OrganizationView:
    """Start an organization: the caller is its owner, and it becomes the active one. Raises BadName (422)."""
    organization_id = create_organization(ctx, name=name)
    with ctx.within(organization_id):
        organization = ctx.db.get_one(Organization, organization_id)
        ctx.record(OrganizationFounded(entity_id=organization_id, target=organization.name, by=ctx.user_id))
        add_member(ctx, user_id=ctx.user_id, role=Role.OWNER)
    act_in(ctx, organization_id)
    return organization_view(organization)


@mutation(requires="organization.manage", limit="20/minute")
def set_join_policy(ctx: MutationCtx, *, policy: JoinPolicy) -> JoinPolicy:
    """Decide how people may come in. Links and requests that it does not allow any more wait until it does again.

    Returns what it was before, for undoing.
    """
    organization = ctx.db.get_one(Organization, ctx.organization_id)
    before = organization.join_policy
    if before is not policy:
        organization.join_policy = policy
        ctx.db.flush()
        ctx.record(JoinPolicyChanged(entity_id=organization.id, target=organization.name, before=before, after=policy))
    return before
