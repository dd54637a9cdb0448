"""What events do when something happens below."""

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.events.lines.ending import end_membership, end_removed
from memberpulse.domains.events.models import Place
from memberpulse.domains.events.rules import GRACE
from memberpulse.domains.organizations.facts import MemberLeft, MemberRemoved
from memberpulse.domains.organizations.removal import UNDO as REMOVAL_UNDO
from memberpulse.engine import MutationCtx


def follow_leaving(ctx: MutationCtx, fact: MemberLeft) -> None:
    """Who has left stands in no line and helps at none."""
    end_membership(ctx, fact.user_id)


def follow_removal(ctx: MutationCtx, fact: MemberRemoved) -> None:
    """Nor does who was removed, once that cannot be undone any more."""
    ctx.schedule(end_removed, user_id=fact.user_id, after=REMOVAL_UNDO + GRACE)


def forget_person(ctx: MutationCtx, fact: AccountErased) -> None:
    """What somebody wrote into their places goes with their account; that somebody was served there stays."""
    with ctx.across_organizations():
        for place in ctx.db.scalars(select(Place).where(col(Place.user_id) == fact.user_id)):
            place.note, place.remark = "", ""
        ctx.db.flush()
