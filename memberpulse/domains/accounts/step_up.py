"""Fresh proof for sensitive actions. All of them are in SENSITIVE; a mutation asks with one line:

    require_proof(ctx, "account.delete")

Without a grant it is refused by StepUpRequired, the screen asks for a proof and runs the mutation again by itself. A
grant is one session's, for one action, for ten minutes; signing out takes it back.

An action asks with `await ctx.query(check_proof, action="account.export")`. A download is asked for by a mutation that
asks for the proof, with `go=` the download's path; its route then checks the grant by `check_proof` as well.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.errors import StepUpRequired
from memberpulse.domains.accounts.models import StepUpGrant
from memberpulse.engine import INTERNAL, QueryCtx, query

GRANT_LIFE = timedelta(minutes=10)

SENSITIVE = {
    "account.delete": "Delete your account",
    "account.email": "Change your e-mail address",
    "account.export": "Export your data",
    "account.passkeys": "Add or remove a passkey",
    "account.password": "Change your password",
    "account.providers": "Link or unlink another account",
    "account.recovery_codes": "Make new recovery codes",
    "account.totp": "Turn the authenticator app on or off",
    "audit.export": "Export the audit log",
    "members.export": "Export the members",
    "organization.delete": "Delete the organization",
    "organization.owners": "Make or unmake an owner",
    "payments.connect": "Connect or disconnect a Stripe account",
    "payments.refund": "Refund a payment",
    "roles.manage": "Change what a role may do",
}
"""Action to what it is called on the screen."""


def require_proof(ctx: QueryCtx, action: str) -> None:
    """Pass when the caller has proven lately who they are, for this action. Raises StepUpRequired (403).

    The system and the clock have no session and pass; an action's mutations have that of the person it runs for.
    """
    assert action in SENSITIVE, f"{action} is not in SENSITIVE"
    if ctx.caller.kind == "system" and ctx.session_id is None:
        return
    grant = select(StepUpGrant).where(col(StepUpGrant.session_id) == ctx.session_id, col(StepUpGrant.action) == action)
    found = ctx.db.scalars(grant).one_or_none()
    if found is None or found.expires_at <= ctx.now:
        raise StepUpRequired(fields={"action": action})
    ctx.stale_at(found.expires_at)


@query(requires=INTERNAL)
def check_proof(ctx: QueryCtx, *, action: str) -> None:
    """What `require_proof` is to mutations, for actions and routes. Raises StepUpRequired (403)."""
    require_proof(ctx, action)
