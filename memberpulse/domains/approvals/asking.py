"""Asking for a decision: by a domain on somebody's behalf, or by a person in their own words."""

import uuid
from datetime import datetime

from memberpulse.domains.approvals.deciding import approvers_of, find
from memberpulse.domains.approvals.errors import AlreadyDecided, NotYoursToWithdraw
from memberpulse.domains.approvals.facts import ApprovalRequested, RequestWithdrawn
from memberpulse.domains.approvals.models import ApprovalRequest, Status
from memberpulse.domains.approvals.of.general import GENERAL
from memberpulse.domains.approvals.rules import clean_request
from memberpulse.domains.approvals.telling import tell_deciders
from memberpulse.domains.notifications.mutations import withdraw_notice
from memberpulse.engine import INTERNAL, MutationCtx, mutation


@mutation(requires=INTERNAL)
def request_approval(
    ctx: MutationCtx,
    *,
    kind: str,
    title: str,
    requester_id: uuid.UUID,
    summary: str = "",
    subject_id: uuid.UUID | None = None,
    created_at: datetime | None = None,
) -> uuid.UUID:
    """Ask for a decision, and tell everybody who may give it. created_at: given by imports, which tell nobody.

    title: what is asked for, so that "Max asks for …" reads well. subject_id: what the kind decides about.
    """
    request = add_request(
        ctx, kind=kind, title=title, requester_id=requester_id, summary=summary, subject_id=subject_id, at=created_at
    )
    if created_at is None:
        ctx.record(ApprovalRequested(entity_id=request.id, target=title, kind=kind, by=requester_id))
        tell_deciders(ctx, request)
    return request.id


@mutation(requires="approvals.ask", limit="10/hour")
def ask_for_approval(ctx: MutationCtx, *, title: str, summary: str = "") -> uuid.UUID:
    """Ask for something in one's own words. Raises BadRequest (422)."""
    title, summary = clean_request(title, summary)
    return request_approval(ctx, kind=GENERAL, title=title, summary=summary, requester_id=ctx.user_id)


@mutation(requires="approvals.view", limit="60/minute")
def withdraw_request(ctx: MutationCtx, *, request_id: uuid.UUID) -> None:
    """Take one's own request back. Raises RequestNotFound (404), NotYoursToWithdraw (403), AlreadyDecided (409)."""
    request = find(ctx, request_id)
    if request.requester_id != ctx.user_id:
        raise NotYoursToWithdraw
    if request.status is not Status.PENDING:
        raise AlreadyDecided
    request.status, request.decided_at = Status.WITHDRAWN, ctx.now
    ctx.db.flush()
    withdraw_notice(ctx, source_id=request.id)
    ctx.record(RequestWithdrawn(entity_id=request.id, target=request.title, user_id=request.requester_id))


def add_request(
    ctx: MutationCtx,
    *,
    kind: str,
    title: str,
    requester_id: uuid.UUID,
    summary: str = "",
    request_id: uuid.UUID | None = None,
    subject_id: uuid.UUID | None = None,
    at: datetime | None = None,
) -> ApprovalRequest:
    """A new row of the inbox, and nothing else. request_id: where the kind's own row has one already."""
    request = ApprovalRequest(
        organization_id=ctx.organization_id,
        kind=kind,
        title=title,
        summary=summary,
        subject_id=subject_id,
        requester_id=requester_id,
        needed=approvers_of(ctx, kind),
        created_at=at or ctx.now,
    )
    if request_id is not None:
        request.id = request_id
    ctx.db.add(request)
    ctx.db.flush()
    return request
