"""Writes of activities: by listening to facts, and by imports."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlmodel import col

from memberpulse.domains.activity.models import Activity
from memberpulse.domains.organizations.facts import Deed
from memberpulse.engine import INTERNAL, MutationCtx, mutation

PRUNED_AT_ONCE = 500


@dataclass(frozen=True)
class ActivityImport:
    """One activity of the past."""

    user_id: uuid.UUID | None
    action: str
    entity_type: str
    entity_id: uuid.UUID
    target: str
    created_at: datetime


def note_deed(ctx: MutationCtx, fact: Deed) -> None:
    """Keep what somebody did as an activity of the organization in which it happened."""
    ctx.db.add(
        Activity(
            organization_id=ctx.organization_id,
            user_id=fact.by or ctx.caller.user_id,
            action=fact.action,
            entity_type=fact.entity_type,
            entity_id=fact.entity_id,
            target=fact.target[:200],
            details=fact.metadata(),
            created_at=ctx.now,
        )
    )
    ctx.db.flush()


@mutation(requires=INTERNAL)
def retell(ctx: MutationCtx, *, entity_id: uuid.UUID, target: str) -> None:
    """Call an entity by another name in all that was told of it, since the name became a secret or is none any more."""
    told = update(Activity).where(col(Activity.entity_id) == entity_id).values(target=target[:200])
    ctx.db.execute(told.execution_options(synchronize_session=False))


@mutation(requires=INTERNAL)
def import_activities(ctx: MutationCtx, *, activities: list[ActivityImport]) -> None:
    """Add activities that happened before."""
    ctx.db.add_all(
        Activity(
            organization_id=ctx.organization_id,
            user_id=each.user_id,
            action=each.action,
            entity_type=each.entity_type,
            entity_id=each.entity_id,
            target=each.target,
            created_at=each.created_at,
        )
        for each in activities
    )
    ctx.db.flush()


@mutation(requires=INTERNAL)
def keep_latest(ctx: MutationCtx, *, count: int) -> None:
    """Forget all but the latest activities, at most 500 at once: only for the demo."""
    newest_first = select(col(Activity.id)).order_by(col(Activity.created_at).desc(), col(Activity.id).desc())
    ids = list(ctx.db.scalars(newest_first.offset(count).limit(PRUNED_AT_ONCE)))
    if ids:
        ctx.db.execute(delete(Activity).where(col(Activity.id).in_(ids)).execution_options(synchronize_session=False))
