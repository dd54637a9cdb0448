"""How people come to the demo's organization: whom it has invited, what became of the letters, and a poster's link."""

import secrets
from datetime import timedelta

from memberpulse.demo.people import SIGN_INS, id_of
from memberpulse.domains.mail.models import Status
from memberpulse.domains.organizations.invitations.links import PURPOSE, hash_of
from memberpulse.domains.organizations.invitations.models import Invitation, JoinLink, State
from memberpulse.domains.organizations.invitations.rules import INVITATION_LIFE
from memberpulse.domains.organizations.models import JoinPolicy, Organization, Role
from memberpulse.engine import MutationCtx
from memberpulse.sealing import seal

_GONE = "The mailbox of this address does not exist."
INVITED = [
    # address, hours ago, role, state, letter, why it did not arrive
    ("noor.haddad@post.example", 2, Role.MEMBER, State.PENDING, Status.DELIVERED, ""),
    ("ida.sorensen@post.example", 3, Role.CREATOR, State.PENDING, Status.SENT, ""),
    ("paul.whitaker@pots.example", 5, Role.MEMBER, State.PENDING, Status.BOUNCED, _GONE),
    ("zofia.wrona@post.example", 50, Role.MEMBER, State.REVOKED, Status.DELIVERED, ""),
    ("marisol.vega@post.example", 120, Role.MEMBER, State.ACCEPTED, Status.DELIVERED, ""),
    ("tunde.bakare@post.example", 24 * 17, Role.MEMBER, State.PENDING, Status.DELIVERED, ""),
]
POSTER_AGE, POSTER_LIFE, POSTER_USES = timedelta(days=9), timedelta(days=60), 4


def add_comings(ctx: MutationCtx) -> None:
    """Invitations in every state, one of them too old, and a link by which people may join."""
    ctx.db.get_one(Organization, ctx.organization_id).join_policy = JoinPolicy.LINK
    inviters = [id_of(each.email) for each in SIGN_INS if each.role in (Role.OWNER, Role.ADMIN)][:2]
    for position, (email, hours, role, state, status, reason) in enumerate(INVITED):
        at = ctx.now - timedelta(hours=hours, minutes=7 * position)
        ctx.db.add(
            Invitation(
                organization_id=ctx.organization_id,
                email=email,
                role=role,
                state=state,
                invited_by=inviters[position % len(inviters)],
                created_at=at,
                sent_at=at,
                expires_at=at + INVITATION_LIFE,
                ended_at=None if state is State.PENDING else at + timedelta(hours=1),
                mail_status=status,
                mail_reason=reason,
            )
        )
    _add_poster(ctx)
    ctx.db.flush()


def _add_poster(ctx: MutationCtx) -> None:
    code, made_at = secrets.token_urlsafe(24), ctx.now - POSTER_AGE
    poster = JoinLink(
        organization_id=ctx.organization_id,
        code_hash=hash_of(code),
        sealed_code=seal(code, PURPOSE),
        created_by=id_of(SIGN_INS[0].email),
        created_at=made_at,
        expires_at=made_at + POSTER_LIFE,
        uses=POSTER_USES,
    )
    ctx.db.add(poster)
