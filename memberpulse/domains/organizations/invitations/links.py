"""Links that can be passed on: whoever has one joins as a member, while the organization's policy allows it."""

import secrets
import uuid
from datetime import timedelta

from memberpulse.domains.accounts.rules import reference_of
from memberpulse.domains.organizations.invitations.errors import LinkOver, LinksOff
from memberpulse.domains.organizations.invitations.facts import JoinLinkMade, JoinLinkRevoked
from memberpulse.domains.organizations.invitations.models import JoinLink
from memberpulse.domains.organizations.models import JoinPolicy, Organization
from memberpulse.engine import MutationCtx, mutation
from memberpulse.engine.errors import BadArguments
from memberpulse.sealing import seal

PURPOSE = "join link"
LONGEST_DAYS = 365
MOST_USES = 10_000


@mutation(requires="invitations.manage", limit="10/minute")
def make_link(ctx: MutationCtx, *, days: int | None = 14, max_uses: int | None = None) -> uuid.UUID:
    """Make a link with which people join as members.

    days: how long it works, None for ever. max_uses: how many may join by it, None for any number. Raises LinksOff
    (409) while the organization's policy is another, BadArguments (422).
    """
    if ctx.db.get_one(Organization, ctx.organization_id).join_policy is not JoinPolicy.LINK:
        raise LinksOff
    _check(days, max_uses)
    code = secrets.token_urlsafe(24)
    link = JoinLink(
        organization_id=ctx.organization_id,
        code_hash=hash_of(code),
        sealed_code=seal(code, PURPOSE),
        created_by=ctx.caller.user_id,
        created_at=ctx.now,
        expires_at=ctx.now + timedelta(days=days) if days is not None else None,
        max_uses=max_uses,
    )
    ctx.db.add(link)
    ctx.db.flush()
    ctx.record(JoinLinkMade(entity_id=link.id, expires_at=link.expires_at, max_uses=max_uses))
    return link.id


@mutation(requires="invitations.manage", limit="60/minute")
def revoke_link(ctx: MutationCtx, *, link_id: uuid.UUID) -> None:
    """Let nobody join by this link any more. Raises LinkOver (410)."""
    link = ctx.db.get(JoinLink, link_id)
    if link is None or link.revoked_at is not None:
        raise LinkOver("This link was revoked already.")
    link.revoked_at = ctx.now
    ctx.db.flush()
    ctx.record(JoinLinkRevoked(entity_id=link.id))


def hash_of(code: str) -> str:
    """What the server looks a link up by."""
    return reference_of(f"join_link:{code}")


def _check(days: int | None, max_uses: int | None) -> None:
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise BadArguments(fields={"days": f"A link works for 1 to {LONGEST_DAYS} days, or for ever."})
    if max_uses is not None and not 1 <= max_uses <= MOST_USES:
        raise BadArguments(fields={"max_uses": f"Between 1 and {MOST_USES:,} people may join by a link."})
