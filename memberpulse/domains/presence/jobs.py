"""What presence does by the clock, for all organizations at once."""

import uuid
from collections import Counter

from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.organizations.queries import list_organization_ids
from memberpulse.domains.presence.models import Presence, PresenceSample
from memberpulse.domains.presence.rules import FORGOTTEN, HERE, HOUR, SAMPLE_EVERY, SAMPLES_KEPT, bucket_of
from memberpulse.engine import MutationCtx, job

FORGOTTEN_AT_ONCE = 500


@job()
def sample_presence(ctx: MutationCtx) -> None:
    """Count who is online in each organization, for the trend."""
    at = bucket_of(ctx.now, SAMPLE_EVERY)
    with ctx.across_organizations():
        online = select(col(Presence.organization_id)).where(col(Presence.last_seen_at) > ctx.now - HERE)
        counts = Counter(ctx.db.scalars(online))
        ctx.db.add_all(
            PresenceSample(
                organization_id=organization_id, at=at, hour=bucket_of(at, HOUR), online=counts[organization_id]
            )
            for organization_id in list_organization_ids(ctx)
        )


@job()
def forget_stale(ctx: MutationCtx) -> None:
    """Delete records of people not seen for an hour, and samples after 60 days; in batches while a backlog remains."""
    with ctx.across_organizations():
        stale = select(col(Presence.id)).where(col(Presence.last_seen_at) < ctx.now - FORGOTTEN)
        people = list(ctx.db.scalars(stale.limit(FORGOTTEN_AT_ONCE)))
        old = select(col(PresenceSample.id)).where(col(PresenceSample.at) < ctx.now - SAMPLES_KEPT)
        samples = list(ctx.db.scalars(old.limit(FORGOTTEN_AT_ONCE)))
        _delete(ctx, Presence, people)
        _delete(ctx, PresenceSample, samples)
    if FORGOTTEN_AT_ONCE in (len(people), len(samples)):
        ctx.schedule(forget_stale)


def _delete(ctx: MutationCtx, table: type[Presence] | type[PresenceSample], ids: list[uuid.UUID]) -> None:
    if ids:
        ctx.db.execute(delete(table).where(col(table.id).in_(ids)).execution_options(synchronize_session=False))
