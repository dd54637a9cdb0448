"""What notifications does when something happens below."""

from sqlalchemy import delete
from sqlmodel import col

from memberpulse.domains.notifications.models import Notification
from memberpulse.domains.organizations.facts import MemberLeft, MemberRemoved
from memberpulse.engine import MutationCtx


def forget_member(ctx: MutationCtx, fact: MemberLeft | MemberRemoved) -> None:
    """Who is no member any more keeps nothing of the organization's."""
    ctx.db.execute(
        delete(Notification)
        .where(col(Notification.user_id) == fact.user_id)
        .execution_options(synchronize_session=False)
    )
