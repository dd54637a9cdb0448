"""What approvals hold of a person."""

from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import col

from memberpulse.domains.accounts.erasure import DELETED_PERSON
from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.personal import KEEP, excuse, hold
from memberpulse.domains.approvals.models import ApprovalRequest, ApprovalVote
from memberpulse.engine import MutationCtx

hold(ApprovalRequest, "requester_id", title="Requests", at_erasure=KEEP, hidden=("decided_by", "subject_id"))
excuse(ApprovalRequest, "decided_by", "who settled it; what they said is among their own decisions")
hold(ApprovalVote, "user_id", title="Decisions", at_erasure=KEEP)


def forget_names(ctx: MutationCtx, fact: AccountErased) -> None:
    """Take the person's own words out of what they asked for, and their name out of what was said about it."""
    user = ctx.db.get_one(User, fact.user_id)
    theirs = col(ApprovalRequest.requester_id) == user.id
    with ctx.across_organizations():
        _write(ctx, update(ApprovalRequest).where(theirs).values(summary=""))
        for text in (user.name, user.email):
            for column in (col(ApprovalRequest.title), col(ApprovalRequest.reason)):
                cleaned: dict[Any, Any] = {column: func.replace(column, text, DELETED_PERSON)}
                named = column.contains(text, autoescape=True)
                _write(ctx, update(ApprovalRequest).where(theirs, named).values(cleaned))
            said = col(ApprovalVote.reason)
            about = col(ApprovalVote.request_id).in_(select(col(ApprovalRequest.id)).where(theirs))
            without: dict[Any, Any] = {said: func.replace(said, text, DELETED_PERSON)}
            _write(ctx, update(ApprovalVote).where(about, said.contains(text, autoescape=True)).values(without))


def _write(ctx: MutationCtx, statement: Any) -> None:
    ctx.db.execute(statement.execution_options(synchronize_session=False))
