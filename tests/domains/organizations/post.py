"""Reading letters and giving proofs, for tests of how people come and go."""

import uuid
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.models import StepUpGrant
from memberpulse.domains.accounts.mutations import create_user
from memberpulse.domains.mail.delivery import open_letter
from memberpulse.domains.mail.facts import MailMoved
from memberpulse.domains.mail.models import Message, Status
from memberpulse.domains.organizations.facts import Act
from memberpulse.domains.organizations.invitations.models import Invitation
from memberpulse.domains.organizations.models import Membership, Role
from memberpulse.engine import Caller, Domain, MutationCtx, on, system
from tests.domains.conftest import Cast, signed_in


async def letters_to(cast: Cast, email: str) -> list[dict[str, Any]]:
    """All letters to an address, oldest first."""
    rows = select(Message).where(col(Message.to_email) == email).order_by(col(Message.created_at), col(Message.id))
    found = await cast.write(lambda ctx: list(ctx.db.scalars(rows)))
    return [asdict(open_letter(each.sealed_letter or "")) for each in found]


async def token_for(cast: Cast, email: str) -> str:
    """The token in the latest invitation to an address."""
    button = (await letters_to(cast, email))[-1]["button"]
    return parse_qs(urlsplit(button[1]).query)["token"][0]


async def invitation_to(cast: Cast, email: str, organization_id: uuid.UUID | None = None) -> Invitation:
    rows = select(Invitation).where(col(Invitation.email) == email).order_by(col(Invitation.id).desc())
    return await cast.write(lambda ctx: ctx.db.scalars(rows).first(), organization_id)  # type: ignore[return-value]


async def mail_moves(cast: Cast, invitation: Invitation, status: Status, reason: str = "") -> None:
    """The provider says what became of the invitation's latest letter."""
    fact = MailMoved(
        entity_id=invitation.mail_id or invitation.id,
        about_type="invitation",
        about_id=invitation.id,
        status=status,
        reason=reason,
    )
    await cast.engine.transact_async(lambda ctx: ctx.record(fact), system())


async def prove(cast: Cast, caller: Caller, action: str) -> None:
    """The person has just shown who they are."""

    def grant(ctx: MutationCtx) -> None:
        assert caller.session_id is not None
        until = ctx.now + timedelta(minutes=10)
        ctx.db.add(StepUpGrant(session_id=caller.session_id, action=action, method="password", expires_at=until))

    await cast.write(grant)


async def newcomer(cast: Cast, email: str, name: str = "Nell") -> Caller:
    """Somebody with an account who belongs to no organization."""
    user_id = await cast.engine.mutate(create_user, caller=system(), email=email, name=name)
    return await signed_in(cast.engine, user_id)


async def roles_of(cast: Cast, caller: Caller, organization_id: uuid.UUID | None = None) -> list[Role]:
    """The person's roles in the organization: none, or one."""
    rows = select(col(Membership.role)).where(col(Membership.user_id) == caller.user_id)
    return await cast.write(lambda ctx: list(ctx.db.scalars(rows)), organization_id)


async def membership_id(cast: Cast, caller: Caller) -> uuid.UUID:
    rows = select(col(Membership.id)).where(col(Membership.user_id) == caller.user_id)
    return await cast.write(lambda ctx: ctx.db.scalars(rows).one())


class Recorded:
    """The acts that were recorded while it stood."""

    def __init__(self, cast: Cast) -> None:
        self.facts: list[Any] = []
        self._cast = cast

    def __enter__(self) -> "Recorded":
        registry = self._cast.engine.registry
        self._domains = registry.domains
        listener = Domain(name="recorder", listeners=[on(Act, lambda ctx, fact: self.facts.append(fact))])
        registry.domains = [listener, *registry.domains]
        return self

    def __exit__(self, *_: object) -> None:
        self._cast.engine.registry.domains = self._domains

    def kinds(self) -> list[str]:
        return [type(fact).__name__ for fact in self.facts]
