"""What activities hold of a person."""

from sqlalchemy import String, and_, cast, or_, select
from sqlmodel import col

from memberpulse.domains.accounts.erasure import DELETED_PERSON
from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.personal import KEEP, hold
from memberpulse.domains.activity.models import Activity
from memberpulse.engine import MutationCtx

hold(Activity, "user_id", title="Activities", at_erasure=KEEP)


def forget_names(ctx: MutationCtx, fact: AccountErased) -> None:
    """Take the person's name and address out of activities by them and about them."""
    user = ctx.db.get_one(User, fact.user_id)
    with ctx.across_organizations():
        about = cast(col(Activity.details)["user_id"], String).contains(str(user.id))
        named = or_(col(Activity.target).contains(user.name, autoescape=True), _holds(user.email))
        member = and_(about, col(Activity.entity_type) == "member")  # told under a name that they may have had before
        theirs = or_(about, col(Activity.user_id) == user.id, _holds(user.email))
        found = select(Activity).where(theirs, or_(named, member))
        for activity in ctx.db.scalars(found):
            known = activity.entity_type != "member" or user.name in activity.target
            activity.target = _without(activity.target, user) if known else DELETED_PERSON
            activity.details = {
                key: _without(value, user) if isinstance(value, str) else value
                for key, value in activity.details.items()
            }
        ctx.db.flush()


def _holds(text: str):
    return or_(
        col(Activity.target).contains(text, autoescape=True),
        cast(col(Activity.details), String).contains(text, autoescape=True),
    )


def _without(text: str, user: User) -> str:
    return text.replace(user.name, DELETED_PERSON).replace(user.email, DELETED_PERSON)
