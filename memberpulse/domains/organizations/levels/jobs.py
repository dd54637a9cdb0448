"""What the clock does about renewals."""

import uuid

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.organizations.levels.facts import RenewalDue
from memberpulse.domains.organizations.levels.models import MembershipLevel
from memberpulse.domains.organizations.levels.reading import today
from memberpulse.domains.organizations.levels.rules import LAPSED, NOTICES, notice_due, notice_key, renewal_words
from memberpulse.domains.organizations.models import Membership, Organization
from memberpulse.domains.organizations.queries import list_organization_ids
from memberpulse.engine import INTERNAL, ActionCtx, MutationCtx, job, mutation, system

REMINDED_AT_ONCE = 100


@job()
async def remind_of_renewals(ctx: ActionCtx) -> None:
    """Remind whoever's membership ends in 14 and in 3 days, and whose has lapsed, in all organizations.

    Each batch is a transaction that also notes who was told, so that nobody is told twice however often this runs.
    """
    for organization_id in await ctx.query(list_organization_ids):
        after: uuid.UUID | None = None
        while True:
            after = await ctx.run(remind_next_members, system(organization_id), {"after": after})
            if after is None:
                break


@mutation(requires=INTERNAL)
def remind_next_members(ctx: MutationCtx, *, after: uuid.UUID | None = None) -> uuid.UUID | None:
    """Remind the next members of the organization, in the order of ids; returns the last one while more may follow."""
    day = today(ctx)
    statement = (
        select(Membership, User, MembershipLevel)
        .join(User, col(User.id) == col(Membership.user_id))
        .join(MembershipLevel, col(MembershipLevel.id) == col(Membership.level_id))
        .where(
            col(Membership.renews_on) <= day + max(NOTICES),
            ~col(Membership.renewal_notice).endswith(LAPSED),
            col(User.deactivated_at).is_(None),
        )
        .order_by(col(Membership.id))
        .limit(REMINDED_AT_ONCE)
    )
    if after is not None:
        statement = statement.where(col(Membership.id) > after)
    found = [(membership, user, level) for membership, user, level in ctx.db.execute(statement)]
    for membership, user, level in found:
        assert membership.renews_on is not None
        notice = notice_due(membership.renews_on, membership.grace_until, day, membership.renewal_notice)
        if notice:
            _remind(ctx, membership, user, level, notice)
    ctx.db.flush()
    return found[-1][0].id if len(found) == REMINDED_AT_ONCE else None


def _remind(ctx: MutationCtx, membership: Membership, user: User, level: MembershipLevel, notice: str) -> None:
    assert membership.renews_on is not None
    organization = ctx.db.get_one(Organization, ctx.organization_id)
    membership.renewal_notice = notice_key(membership.renews_on, notice)
    words = renewal_words(notice=notice, organization=organization.name, level=level.name, ends_on=membership.renews_on)
    ctx.record(
        RenewalDue(
            entity_id=membership.id,
            target=organization.name,
            user_id=user.id,
            notice=notice,
            words=words,
            ends_on=membership.renews_on,
        )
    )
