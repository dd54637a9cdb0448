"""What approvals hold of a person."""

from sqlalchemy import func, update
from sqlmodel import col

from memberpulse.domains.accounts.erasure import DELETED_PERSON
from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.personal import KEEP, hold
from memberpulse.domains.approvals.models import ApprovalRequest
from memberpulse.engine import MutationCtx

hold(ApprovalRequest, "requester_id", title="Requests", at_erasure=KEEP)


def forget_names(ctx: MutationCtx, fact: AccountErased) -> None:
    """Take the person's name and address out of the titles of what they asked for."""
    user = ctx.db.get_one(User, fact.user_id)
    title = col(ApprovalRequest.title)
    with ctx.across_organizations():
        for text in (user.name, user.email):
            theirs = update(ApprovalRequest).where(col(ApprovalRequest.requester_id) == user.id, title.contains(text))
            cleaned = theirs.values(title=func.replace(title, text, DELETED_PERSON))
            ctx.db.execute(cleaned.execution_options(synchronize_session=False))
