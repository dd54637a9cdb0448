"""Accepting invitations: by the link in the letter, by the caller's own confirmed address, by a link passed on.

Whoever accepts does not belong to the organization yet, so these are open to everybody signed in. What makes each of
them happen once is the state of the invitation's row, read and written in one serializable transaction.
"""

import uuid

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.tokens import find_token, revoke_tokens, spend_token
from memberpulse.domains.organizations.invitations.errors import (
    InvitationNotFound,
    InvitationOver,
    LinkOver,
    NotVerified,
    WrongAddress,
)
from memberpulse.domains.organizations.invitations.facts import InvitationAccepted, JoinLinkUsed
from memberpulse.domains.organizations.invitations.links import hash_of
from memberpulse.domains.organizations.invitations.models import Invitation, JoinLink, State
from memberpulse.domains.organizations.invitations.rules import link_is_open
from memberpulse.domains.organizations.invitations.sending import TOKEN, pending_for
from memberpulse.domains.organizations.models import JoinPolicy, Membership, Organization, Role
from memberpulse.domains.organizations.mutations import add_member
from memberpulse.domains.organizations.people import act_in, is_member, is_verified
from memberpulse.domains.organizations.permissions import BY_ROLE
from memberpulse.domains.organizations.roles.holding import rights_of
from memberpulse.domains.organizations.schemas import OrganizationView, organization_view
from memberpulse.engine import SIGNED_IN, MutationCtx, mutation


@mutation(requires=SIGNED_IN, limit="20/minute")
def accept_invitation(ctx: MutationCtx, *, token: str) -> OrganizationView:
    """Join by the link of a letter; the organization becomes the active one.

    Raises InvitationOver (410), WrongAddress (403), NotVerified (403). A token is used up by the first who succeeds.
    """
    found = find_token(ctx, kind=TOKEN, raw=token)
    invitation = _across(ctx, found.subject_id) if found and found.subject_id else None
    if invitation is None:
        raise InvitationOver
    _check_person(ctx, invitation)
    spend_token(ctx, kind=TOKEN, raw=token)
    return _accept(ctx, invitation)


@mutation(requires=SIGNED_IN, limit="20/minute")
def accept_my_invitation(ctx: MutationCtx, *, invitation_id: uuid.UUID) -> OrganizationView:
    """Join by an invitation to the caller's own confirmed address, without its letter. Raises as `accept_invitation`.

    Somebody else's invitation does not exist for the caller: InvitationNotFound (404).
    """
    invitation = _across(ctx, invitation_id)
    if invitation is None or invitation.email != _caller(ctx).email:
        raise InvitationNotFound
    _check_person(ctx, invitation)
    return _accept(ctx, invitation)


@mutation(requires=SIGNED_IN, limit="10/minute")
def join_by_link(ctx: MutationCtx, *, code: str) -> OrganizationView:
    """Join as a member by a link that was passed on. Raises LinkOver (410), NotVerified (403).

    A person who is invited by e-mail as well joins with the invited role, and uses the link up no further.
    """
    with ctx.across_organizations():
        link = ctx.db.scalars(select(JoinLink).where(col(JoinLink.code_hash) == hash_of(code))).one_or_none()
    if link is None:
        raise LinkOver
    user = _caller(ctx)
    if not is_verified(user):
        raise NotVerified
    organization = ctx.db.get_one(Organization, link.organization_id)
    with ctx.within(link.organization_id):
        if not is_member(ctx, user.id):
            invited = pending_for(ctx, user.email)
            if invited is not None and invited.expires_at > ctx.now and _stands(ctx, invited):
                return _accept(ctx, invited)
            _use(ctx, link, organization)
            add_member(ctx, user_id=user.id, role=Role.MEMBER)
    act_in(ctx, organization.id)
    return organization_view(organization)


def _use(ctx: MutationCtx, link: JoinLink, organization: Organization) -> None:
    is_open = link_is_open(
        revoked_at=link.revoked_at, expires_at=link.expires_at, max_uses=link.max_uses, uses=link.uses, now=ctx.now
    )
    if not is_open or organization.join_policy is not JoinPolicy.LINK:
        raise LinkOver
    link.uses += 1
    ctx.db.flush()
    ctx.record(JoinLinkUsed(entity_id=link.id, by=ctx.user_id))


def _accept(ctx: MutationCtx, invitation: Invitation) -> OrganizationView:
    """Whoever is a member already keeps their role; the invitation is over in any case."""
    organization = ctx.db.get_one(Organization, invitation.organization_id)
    with ctx.within(organization.id):
        if not _stands(ctx, invitation):
            raise InvitationOver
        revoke_tokens(ctx, kind=TOKEN, subject_id=invitation.id)
        invitation.state, invitation.ended_at, invitation.accepted_by = State.ACCEPTED, ctx.now, ctx.user_id
        if not is_member(ctx, ctx.user_id):
            add_member(ctx, user_id=ctx.user_id, role=invitation.role)
        ctx.record(
            InvitationAccepted(entity_id=invitation.id, target=invitation.email, role=invitation.role, by=ctx.user_id)
        )
    act_in(ctx, organization.id)
    return organization_view(organization)


def _stands(ctx: MutationCtx, invitation: Invitation) -> bool:
    """Whether who invited could still give the role. Nobody leaves a way back in to more than a member may."""
    if invitation.role is Role.MEMBER or invitation.invited_by is None:
        return True
    sender = ctx.db.scalars(select(Membership).where(col(Membership.user_id) == invitation.invited_by)).one_or_none()
    return sender is not None and BY_ROLE[invitation.role] <= rights_of(ctx, sender)


def _check_person(ctx: MutationCtx, invitation: Invitation) -> None:
    user = _caller(ctx)
    if user.email != invitation.email:
        raise WrongAddress
    if not is_verified(user):
        raise NotVerified
    if invitation.state is not State.PENDING or invitation.expires_at <= ctx.now:
        raise InvitationOver


def _across(ctx: MutationCtx, invitation_id: uuid.UUID) -> Invitation | None:
    with ctx.across_organizations():
        return ctx.db.get(Invitation, invitation_id)


def _caller(ctx: MutationCtx) -> User:
    return ctx.db.get_one(User, ctx.user_id)
