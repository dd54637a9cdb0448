"""What presence does when something happens below."""

from sqlalchemy import delete
from sqlmodel import col

from memberpulse.domains.organizations.facts import MemberLeft, MemberRemoved
from memberpulse.domains.presence.models import Presence
from memberpulse.engine import MutationCtx


def forget_member(ctx: MutationCtx, fact: MemberLeft | MemberRemoved) -> None:
    """Who is no member any more is not shown as being here."""
    gone = delete(Presence).where(col(Presence.user_id) == fact.user_id)
    ctx.db.execute(gone.execution_options(synchronize_session=False))
