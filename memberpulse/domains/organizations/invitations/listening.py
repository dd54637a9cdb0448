"""What invitations do when something happens below."""

from memberpulse.domains.mail.facts import MailMoved
from memberpulse.domains.organizations.invitations.models import Invitation
from memberpulse.domains.organizations.invitations.sending import ABOUT
from memberpulse.engine import MutationCtx


def follow_letter(ctx: MutationCtx, fact: MailMoved) -> None:
    """Keep how far the latest letter of an invitation came. What becomes of an earlier one says nothing any more."""
    if fact.about_type != ABOUT or fact.about_id is None:
        return
    with ctx.across_organizations():
        invitation = ctx.db.get(Invitation, fact.about_id)
        if invitation is not None and invitation.mail_id == fact.entity_id:
            invitation.mail_status, invitation.mail_reason = fact.status, fact.reason[:300]
