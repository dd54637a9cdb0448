"""Files at a request: a receipt, a plan. Whoever asked adds them until somebody approves, and those who decide look."""

import uuid

from sqlalchemy import func, select
from sqlmodel import col

from memberpulse.domains.approvals.deciding import find
from memberpulse.domains.approvals.errors import AlreadyDecided, ApprovedAsItIs, NotYourRequest, TooMuchAtOnce
from memberpulse.domains.approvals.models import ApprovalVote, Status
from memberpulse.domains.files.attaching import attach_file, detach_file
from memberpulse.domains.files.models import FileAttachment
from memberpulse.engine import MutationCtx, mutation

AT = "approval"
"""What a request is called where files stand at records."""
MOST_FILES = 10


@mutation(requires="approvals.ask", limit="60/minute")
def enclose_file(ctx: MutationCtx, *, request_id: uuid.UUID, file_id: uuid.UUID) -> None:
    """Put a file at one's own request.

    Raises RequestNotFound, FileNotFound (404), NotYourRequest (403), AlreadyDecided, ApprovedAsItIs (409), and
    TooMuchAtOnce (422).
    """
    _own_untouched(ctx, request_id)
    attach_file(ctx, entity_type=AT, entity_id=request_id, file_id=file_id)
    there = select(func.count()).select_from(FileAttachment)
    there = there.where(col(FileAttachment.entity_type) == AT, col(FileAttachment.entity_id) == request_id)
    if ctx.db.scalars(there).one() > MOST_FILES:
        raise TooMuchAtOnce(f"A request has {MOST_FILES} files at most. Remove one first.")


@mutation(requires="approvals.ask", limit="60/minute")
def take_file_back(ctx: MutationCtx, *, request_id: uuid.UUID, file_id: uuid.UUID) -> None:
    """Take a file off one's own request; it stays in the library.

    Raises RequestNotFound (404), NotYourRequest (403), AlreadyDecided, ApprovedAsItIs (409).
    """
    _own_untouched(ctx, request_id)
    detach_file(ctx, entity_type=AT, entity_id=request_id, file_id=file_id)


def _own_untouched(ctx: MutationCtx, request_id: uuid.UUID) -> None:
    """Nobody approves other papers than those before them."""
    request = find(ctx, request_id)
    if request.requester_id != ctx.user_id:
        raise NotYourRequest
    if request.status is not Status.PENDING:
        raise AlreadyDecided
    said = select(col(ApprovalVote.id)).where(col(ApprovalVote.request_id) == request.id)
    if ctx.db.scalars(said.limit(1)).first() is not None:
        raise ApprovedAsItIs
