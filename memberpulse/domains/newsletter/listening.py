"""What the newsletter does when something happens below."""

from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.accounts.models import User
from memberpulse.domains.mail.mutations import forget_mail_to
from memberpulse.domains.newsletter.mutations import forget_address
from memberpulse.engine import MutationCtx


def forget_erased(ctx: MutationCtx, fact: AccountErased) -> None:
    """Forget the address of a person who is erased, with the letters that were sent to it."""
    user = ctx.db.get(User, fact.user_id)
    if user is not None:
        forget_address(ctx, user.email)
        forget_mail_to(ctx, email=user.email)
