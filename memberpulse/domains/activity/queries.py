"""Reads of activities."""

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.activity.models import Activity
from memberpulse.domains.activity.rules import text_of
from memberpulse.domains.activity.schemas import ActivityRow
from memberpulse.domains.organizations.schemas import person_view
from memberpulse.engine import QueryCtx, query

LATEST = 20


@query(requires="activity.view")
def list_latest(ctx: QueryCtx) -> list[ActivityRow]:
    """The 20 latest activities, newest first."""
    statement = (
        select(Activity, User)
        .outerjoin(User, col(User.id) == col(Activity.user_id))
        .order_by(col(Activity.created_at).desc(), col(Activity.id).desc())
        .limit(LATEST)
    )
    return [_row(activity, user) for activity, user in ctx.db.execute(statement)]


def _row(activity: Activity, user: User | None) -> ActivityRow:
    return ActivityRow(
        id=activity.id,
        person=person_view(user) if user else None,
        text=text_of(activity.entity_type, activity.action),
        target=activity.target,
        entity_type=activity.entity_type,
        at=activity.created_at,
    )
