"""What announcements hold of a person."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.personal import KEEP, Consequence, foretell, hold
from memberpulse.domains.announcements.models import Announcement
from memberpulse.engine import QueryCtx

hold(Announcement, "author_id", title="Announcements", at_erasure=KEEP)


@foretell
def what_stays(ctx: QueryCtx, user: User) -> Iterator[Consequence]:
    """How many announcements stay, without their author's name."""
    with ctx.across_organizations():
        theirs = select(func.count()).select_from(Announcement).where(col(Announcement.author_id) == user.id)
        count = ctx.db.scalars(theirs).one()
    if count:
        what = "1 announcement of yours stays" if count == 1 else f"{count} announcements of yours stay"
        yield Consequence(f"{what}, by “Deleted person”.")
