"""The demo's inbox of approvals: kinds that come by the door which every domain uses, what waits, and what was decided.

Its kinds stand only in the demo's own organization. What they ask for is played: a decision has no effects of its own.
"""

import uuid
from datetime import timedelta

from memberpulse.demo.people import APPLICANTS, FERNHILL, FERNHILL_ID, id_of
from memberpulse.demo.words import DECIDED, REQUESTS
from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.mutations import create_user
from memberpulse.domains.approvals.asking import add_request, request_approval
from memberpulse.domains.approvals.kinds import Detail, Kind, register
from memberpulse.domains.approvals.models import ApprovalRequest
from memberpulse.domains.approvals.mutations import import_decision, support_request
from memberpulse.domains.approvals.of.joining import JOINING
from memberpulse.domains.organizations.models import Role
from memberpulse.domains.organizations.requests.models import JoinRequest
from memberpulse.engine import MutationCtx, QueryCtx

PENDING_AT_FIRST = 5


def _is_demo(ctx: QueryCtx) -> bool:
    return ctx.organization_id == FERNHILL_ID


def _charity(ctx: QueryCtx, request: ApprovalRequest) -> list[Detail]:
    return [Detail("Would receive", "a share of what members give in Fernhill each week")]


def _payout(ctx: QueryCtx, request: ApprovalRequest) -> list[Detail]:
    return [Detail("Paid from", "the library’s current account"), Detail("Paid on", "the next Thursday")]


def _file(ctx: QueryCtx, request: ApprovalRequest) -> list[Detail]:
    return [Detail("Would be seen by", "every member")]


def register_kinds() -> None:
    """A charity, a file and a payout, which takes two people."""
    decides = "approvals.decide"
    register(Kind(name="charity", words="Charity", requires=decides, preview=_charity, used=_is_demo))
    register(Kind(name="file", words="File", requires=decides, preview=_file, used=_is_demo))
    register(Kind(name="payout", words="Payout", requires=decides, approvers=2, preview=_payout, used=_is_demo))


def seed_approvals(ctx: MutationCtx) -> None:
    """Seven requests of several kinds that wait, one of them half approved, and a page of decided ones."""
    for position, (kind, title, summary) in enumerate(REQUESTS[:PENDING_AT_FIRST]):
        request_id = request_approval(
            ctx,
            kind=kind,
            title=title,
            summary=summary,
            requester_id=id_of(FERNHILL[-1 - position].email),
            created_at=ctx.now - timedelta(minutes=9 + 170 * position),
        )
        if kind == "payout":
            support_request(ctx, request_id=request_id, by=_admins()[1], at=ctx.now - timedelta(minutes=4))
    _add_applicants(ctx)
    _add_decided(ctx)


def _admins() -> list[uuid.UUID]:
    return [id_of(each.email) for each in FERNHILL if each.role in (Role.OWNER, Role.ADMIN)]


def _add_applicants(ctx: MutationCtx) -> None:
    for position, (extra, note) in enumerate(APPLICANTS):
        user_id = id_of(extra.email)
        asked_at = ctx.now - timedelta(minutes=26 + 1500 * position)
        if ctx.db.get(User, user_id) is None:
            create_user(ctx, email=extra.email, name=extra.name, user_id=user_id, created_at=asked_at)
        asked = JoinRequest(organization_id=ctx.organization_id, user_id=user_id, note=note, created_at=asked_at)
        ctx.db.add(asked)
        ctx.db.flush()
        add_request(
            ctx,
            kind=JOINING,
            title="Membership",
            summary=note,
            requester_id=user_id,
            request_id=asked.id,
            at=asked_at,
        )


def _add_decided(ctx: MutationCtx) -> None:
    admins = _admins()
    for position, (kind, title, reason) in enumerate(DECIDED):
        at = ctx.now - timedelta(hours=5 + 31 * position, minutes=7 * position)
        requester = FERNHILL[8 + 3 * position % (len(FERNHILL) - 8)]
        request_id = request_approval(
            ctx,
            kind=kind,
            title=title,
            requester_id=id_of(requester.email),
            created_at=at - timedelta(hours=3 + position),
        )
        approve = position % 4 != 2
        if kind == "payout":
            support_request(ctx, request_id=request_id, by=admins[position % 3 - 1], at=at - timedelta(hours=1))
        import_decision(ctx, request_id=request_id, approve=approve, by=admins[position % 3], at=at, reason=reason)
