"""Asking to join, withdrawing it, deciding about it, and taking a decision back within seconds."""

import uuid

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.mail.mutations import send_letter
from memberpulse.domains.organizations.errors import AlreadyMember, OrganizationNotFound
from memberpulse.domains.organizations.facts import MemberRemoved
from memberpulse.domains.organizations.invitations.errors import NotVerified
from memberpulse.domains.organizations.invitations.sending import check_offer
from memberpulse.domains.organizations.models import Membership, Organization, Role
from memberpulse.domains.organizations.mutations import add_member
from memberpulse.domains.organizations.people import is_member, is_verified
from memberpulse.domains.organizations.policies import count_owners, subject_of_caller
from memberpulse.domains.organizations.requests.errors import (
    AlreadyAsked,
    RequestDecided,
    RequestNotFound,
    TooLateToUndo,
)
from memberpulse.domains.organizations.requests.facts import (
    JoinApprovalFinal,
    JoinDecisionUndone,
    JoinRequestApproved,
    JoinRequestDeclined,
    JoinRequested,
    JoinRequestWithdrawn,
)
from memberpulse.domains.organizations.requests.letters import approval_letter, refusal_letter
from memberpulse.domains.organizations.requests.models import JoinRequest, RequestState
from memberpulse.domains.organizations.requests.rules import (
    GRACE,
    UNDO,
    check_open,
    clean_note,
    clean_reason,
    may_still_undo,
)
from memberpulse.domains.organizations.roles.holding import rights_of
from memberpulse.domains.organizations.rules import decide_removal
from memberpulse.engine import INTERNAL, SIGNED_IN, MutationCtx, job, mutation

ABOUT = "join_request"


@mutation(requires=SIGNED_IN, limit="10/hour")
def ask_to_join(ctx: MutationCtx, *, slug: str, note: str = "") -> uuid.UUID:
    """Ask to become a member. One request of a person and organization at a time.

    Raises OrganizationNotFound (404), NotOpen, NotVerified (403), AlreadyMember, AlreadyAsked (409), BadNote (422).
    """
    organization = ctx.db.scalars(select(Organization).where(col(Organization.slug) == slug)).one_or_none()
    if organization is None:
        raise OrganizationNotFound("There is no organization at this address.")
    check_open(organization.join_policy)
    user = ctx.db.get_one(User, ctx.user_id)
    if not is_verified(user):
        raise NotVerified("Confirm your e-mail address first, then ask to join.")
    with ctx.within(organization.id):
        return _ask(ctx, user, clean_note(note))


@mutation(requires=SIGNED_IN, limit="20/minute")
def withdraw_request(ctx: MutationCtx, *, request_id: uuid.UUID) -> None:
    """Take one's own request back. Raises RequestNotFound (404), RequestDecided (409)."""
    with ctx.across_organizations():
        request = ctx.db.get(JoinRequest, request_id)
    if request is None or request.user_id != ctx.user_id:
        raise RequestNotFound
    if request.state is not RequestState.PENDING:
        raise RequestDecided
    user = ctx.db.get_one(User, ctx.user_id)
    with ctx.within(request.organization_id):
        request.state, request.decided_at = RequestState.WITHDRAWN, ctx.now
        ctx.db.flush()
        ctx.record(JoinRequestWithdrawn(entity_id=request.id, target=user.name, user_id=user.id, by=user.id))


@mutation(requires="requests.decide", limit="120/minute")
def approve_request(ctx: MutationCtx, *, request_id: uuid.UUID, role: Role = Role.MEMBER) -> uuid.UUID:
    """Let the person join with that role. They are a member at once, and get a letter after ten seconds.

    Raises RequestNotFound (404), RequestDecided (409), and as `check_offer`.
    """
    check_offer(ctx, role)
    decide(ctx, request_id=request_id, approve=True, role=role)
    return request_id


@mutation(requires="requests.decide", limit="120/minute")
def decline_request(ctx: MutationCtx, *, request_id: uuid.UUID, reason: str = "") -> uuid.UUID:
    """Do not let the person join. reason: what they are told, may be empty. They get a letter after ten seconds.

    Raises RequestNotFound (404), RequestDecided (409), BadNote (422).
    """
    decide(ctx, request_id=request_id, approve=False, reason=clean_reason(reason))
    return request_id


@mutation(requires="requests.decide", limit="120/minute")
def undo_decision(ctx: MutationCtx, *, request_id: uuid.UUID) -> None:
    """Take one's own decision back within ten seconds: the request is pending again and who had joined is no member.

    Raises RequestNotFound (404), TooLateToUndo, RequestDecided (409) when somebody else decided it.
    """
    request = _found(ctx, request_id)
    decided = request.state in (RequestState.APPROVED, RequestState.DECLINED)
    if not decided or not may_still_undo(request.decided_at, ctx.now):
        raise TooLateToUndo
    if request.decided_by != ctx.caller.user_id:
        raise RequestDecided("Somebody else has decided this. Only they can undo it.")
    user = ctx.db.get_one(User, request.user_id)
    before = request.state
    if before is RequestState.APPROVED:
        _unjoin(ctx, request, user)
    request.state, request.role, request.reason = RequestState.PENDING, None, ""
    request.decided_at = request.decided_by = None
    ctx.db.flush()
    ctx.record(JoinDecisionUndone(entity_id=request.id, target=user.name, user_id=user.id, before=before.value))


@mutation(requires=INTERNAL)
def decide(
    ctx: MutationCtx,
    *,
    request_id: uuid.UUID,
    approve: bool,
    role: Role = Role.MEMBER,
    reason: str = "",
    by: uuid.UUID | None = None,
) -> None:
    """Decide, for whoever shows requests together with others. Raises RequestNotFound (404), RequestDecided (409)."""
    request = _found(ctx, request_id)
    if request.state is not RequestState.PENDING:
        raise RequestDecided
    user = ctx.db.get_one(User, request.user_id)
    request.state = RequestState.APPROVED if approve else RequestState.DECLINED
    request.decided_at, request.decided_by = ctx.now, by or ctx.caller.user_id
    if approve:
        request.role = role
        if not is_member(ctx, user.id):
            add_member(ctx, user_id=user.id, role=role)
        fact = JoinRequestApproved(entity_id=request.id, target=user.name, user_id=user.id, role=role, by=by)
    else:
        request.reason = reason
        fact = JoinRequestDeclined(entity_id=request.id, target=user.name, user_id=user.id, reason=reason, by=by)
    ctx.db.flush()
    ctx.record(fact)
    ctx.schedule(tell_requester, after=UNDO + GRACE, request_id=request.id, decided_at=request.decided_at.isoformat())


@job()
def tell_requester(ctx: MutationCtx, *, request_id: uuid.UUID, decided_at: str) -> None:
    """Tell whoever asked what was decided, unless it was taken back meanwhile. decided_at: which decision, ISO 8601."""
    request = ctx.db.get(JoinRequest, request_id)
    if request is None or request.decided_at is None or request.decided_at.isoformat() != decided_at:
        return
    user = ctx.db.get_one(User, request.user_id)
    name = ctx.db.get_one(Organization, ctx.organization_id).name
    letter = (
        approval_letter(organization=name, role=request.role or Role.MEMBER)
        if request.state is RequestState.APPROVED
        else refusal_letter(organization=name, reason=request.reason)
    )
    send_letter(ctx, to=user.email, letter=letter, about_type=ABOUT, about_id=request.id)
    if request.state is RequestState.APPROVED:
        ctx.record(
            JoinApprovalFinal(entity_id=request.id, target=user.name, user_id=user.id, decided_by=request.decided_by)
        )


def _ask(ctx: MutationCtx, user: User, note: str) -> uuid.UUID:
    if is_member(ctx, user.id):
        raise AlreadyMember("You are a member already.")
    pending = select(col(JoinRequest.id)).where(
        col(JoinRequest.user_id) == user.id, col(JoinRequest.state) == RequestState.PENDING
    )
    if ctx.db.scalars(pending).first() is not None:
        raise AlreadyAsked
    request = JoinRequest(organization_id=ctx.organization_id, user_id=user.id, note=note, created_at=ctx.now)
    ctx.db.add(request)
    ctx.db.flush()
    ctx.record(JoinRequested(entity_id=request.id, target=user.name, user_id=user.id, note=note, by=user.id))
    return request.id


def _unjoin(ctx: MutationCtx, request: JoinRequest, user: User) -> None:
    """End the membership that began with the decision; whoever was a member before stays one."""
    membership = ctx.db.scalars(select(Membership).where(col(Membership.user_id) == user.id)).one_or_none()
    if membership is not None and membership.joined_at == request.decided_at:
        caller = subject_of_caller(ctx)
        decide_removal(
            actor=caller.role,
            held=caller.capabilities,
            current=membership.role,
            theirs=rights_of(ctx, membership),
            owners=count_owners(ctx, beside=membership.user_id),
        ).enforce()
        ctx.db.delete(membership)
        ctx.db.flush()
        ctx.record(MemberRemoved(entity_id=membership.id, target=user.name, user_id=user.id))


def _found(ctx: MutationCtx, request_id: uuid.UUID) -> JoinRequest:
    request = ctx.db.get(JoinRequest, request_id)
    if request is None:
        raise RequestNotFound
    return request
