"""What presence does when something happens below."""

from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.accounts.facts import SignedOut
from memberpulse.domains.organizations.facts import MemberLeft, MemberRemoved
from memberpulse.domains.presence.models import Presence
from memberpulse.domains.presence.rules import HERE
from memberpulse.engine import MutationCtx


def forget_member(ctx: MutationCtx, fact: MemberLeft | MemberRemoved) -> None:
    """Who is no member any more is not shown as being here."""
    gone = delete(Presence).where(col(Presence.user_id) == fact.user_id)
    ctx.db.execute(gone.execution_options(synchronize_session=False))


def see_off(ctx: MutationCtx, fact: SignedOut) -> None:
    """Who signs out has left, at once and everywhere; another device of theirs says so with its next beat."""
    left_at = ctx.now - HERE
    here = select(Presence).where(col(Presence.user_id) == fact.user_id, col(Presence.last_seen_at) > left_at)
    with ctx.across_organizations():
        for presence in ctx.db.scalars(here):  # row by row: then only their organizations look who is there
            presence.last_seen_at = left_at
        ctx.db.flush()
