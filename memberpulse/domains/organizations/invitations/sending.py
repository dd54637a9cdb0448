"""Inviting people by e-mail: one, many, again, to a corrected address, and taking it back."""

import uuid
from datetime import timedelta

from sqlalchemy import Select, func, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.step_up import require_proof
from memberpulse.domains.accounts.tokens import issue_token, revoke_tokens
from memberpulse.domains.mail.models import Message
from memberpulse.domains.mail.models import Status as MailStatus
from memberpulse.domains.mail.mutations import send_letter
from memberpulse.domains.organizations.errors import AlreadyMember
from memberpulse.domains.organizations.invitations.errors import (
    AlreadyInvited,
    BadAddress,
    InvitationNotFound,
    InvitationOver,
    SentEnough,
    TooManyImported,
    TooManyInvitations,
    TooSoon,
)
from memberpulse.domains.organizations.invitations.facts import (
    InvitationReaddressed,
    InvitationResent,
    InvitationRestored,
    InvitationRevoked,
    InvitationSent,
)
from memberpulse.domains.organizations.invitations.letters import invitation_letter
from memberpulse.domains.organizations.invitations.models import Invitation, State
from memberpulse.domains.organizations.invitations.rules import (
    INVITATION_LIFE,
    MAX_MESSAGE_CHARACTERS,
    MOST_A_DAY,
    MOST_AT_ONCE,
    MOST_IMPORTED_A_DAY,
    MOST_TO_ONE_A_DAY,
    UNDO,
    TypedAddress,
    check_address,
    check_grant,
    may_resend,
    read_addresses,
)
from memberpulse.domains.organizations.invitations.schemas import AddressFate, Fate, InviteResult
from memberpulse.domains.organizations.models import Organization, Role
from memberpulse.domains.organizations.people import is_member, role_of_caller
from memberpulse.domains.organizations.roles.holding import check_may_give
from memberpulse.engine import MutationCtx, mutation

TOKEN = "invitation"  # noqa: S105  the kind of token
ABOUT = "invitation"


@mutation(requires="invitations.manage", limit="20/minute")
def invite_people(ctx: MutationCtx, *, addresses: str, role: Role = Role.MEMBER, message: str = "") -> InviteResult:
    """Invite every address of a list with one role, and say what became of each.

    addresses: separated by commas, semicolons or line breaks, at most 200. Raises as `check_offer`, BadAddress (422)
    when there is none or too many, TooManyInvitations (409).
    """
    check_offer(ctx, role)
    typed = read_addresses(addresses)
    _check_list(typed, message)
    _check_daily(ctx, len(typed))
    seen: set[str] = set()
    rows: list[AddressFate] = []
    for each in typed:
        fate = Fate.NOT_AN_ADDRESS if each.problem else Fate.REPEATED if each.email in seen else None
        seen.add(each.email)
        rows.append(
            AddressFate(
                each.email,
                fate or invite_one(ctx, email=each.email, name=each.name, role=role, message=message.strip()),
                each.problem,
            )
        )
    return InviteResult(rows, invited=sum(row.fate is Fate.INVITED for row in rows))


@mutation(requires="invitations.manage", limit="20/minute")
def resend_invitation(ctx: MutationCtx, *, invitation_id: uuid.UUID) -> None:
    """Send a pending invitation again with a new link that works for 14 days; the old link works no more.

    Raises InvitationNotFound (404), InvitationOver (410), TooSoon (409) within a minute of the last letter, SentEnough,
    TooManyInvitations (409).
    """
    invitation = _pending(ctx, invitation_id)
    check_offer(ctx, invitation.role)
    if not may_resend(sent_at=invitation.sent_at, now=ctx.now):
        raise TooSoon
    if ctx.db.scalars(_letters_today(ctx).where(col(Invitation.id) == invitation.id)).one() >= MOST_TO_ONE_A_DAY:
        raise SentEnough
    _check_daily(ctx, 1)
    invitation.invited_by = ctx.caller.user_id or invitation.invited_by
    _post(ctx, invitation)
    ctx.record(InvitationResent(entity_id=invitation.id, target=invitation.email))


@mutation(requires="invitations.manage", limit="100/day")
def readdress_invitation(ctx: MutationCtx, *, invitation_id: uuid.UUID, email: str) -> None:
    """Correct the address of a pending invitation and send it there; the old link works no more.

    Raises InvitationNotFound (404), InvitationOver (410), BadAddress (422), AlreadyMember, AlreadyInvited (409).
    """
    invitation = _pending(ctx, invitation_id)
    check_offer(ctx, invitation.role)
    address, before = check_address(email), invitation.email
    if address == before:
        raise BadAddress(fields={"email": "This is the address it was sent to."})
    if _belongs(ctx, address):
        raise AlreadyMember(fields={"email": AlreadyMember.message})
    if pending_for(ctx, address) is not None:
        raise AlreadyInvited(fields={"email": AlreadyInvited.message})
    _check_daily(ctx, 1)
    invitation.email, invitation.invited_by = address, ctx.caller.user_id or invitation.invited_by
    _post(ctx, invitation)
    ctx.record(InvitationReaddressed(entity_id=invitation.id, target=address, before=before, after=address))


@mutation(requires="invitations.manage", limit="120/minute")
def revoke_invitation(ctx: MutationCtx, *, invitation_id: uuid.UUID) -> uuid.UUID:
    """Take a pending invitation back; its link says so from now on. Raises InvitationNotFound, InvitationOver (410)."""
    invitation = _pending(ctx, invitation_id)
    invitation.state, invitation.ended_at = State.REVOKED, ctx.now
    ctx.db.flush()
    ctx.record(InvitationRevoked(entity_id=invitation.id, target=invitation.email))
    return invitation.id


@mutation(requires="invitations.manage", limit="120/minute")
def restore_invitation(ctx: MutationCtx, *, invitation_id: uuid.UUID) -> None:
    """Undo a revocation within a minute; the link in the letter works again.

    Raises InvitationNotFound (404), InvitationOver (410), AlreadyInvited (409).
    """
    invitation = _found(ctx, invitation_id)
    undoable = invitation.state is State.REVOKED and invitation.ended_at is not None
    if not undoable or invitation.ended_at is None or ctx.now - invitation.ended_at > UNDO:
        raise InvitationOver("This can no longer be undone. Invite the person again.")
    check_offer(ctx, invitation.role)
    if pending_for(ctx, invitation.email) is not None:
        raise AlreadyInvited
    invitation.state, invitation.ended_at = State.PENDING, None
    ctx.db.flush()
    ctx.record(InvitationRestored(entity_id=invitation.id, target=invitation.email))


def check_offer(ctx: MutationCtx, role: Role) -> None:
    """Whether the caller may offer that role to somebody: nobody gives what they do not hold.

    Raises RoleTooHigh, NotYoursToGive (403), StepUpRequired (403) for owners.
    """
    check_grant(actor=role_of_caller(ctx), wanted=role)
    check_may_give(ctx, role=role)
    if role is Role.OWNER:
        require_proof(ctx, "organization.owners")


def invite_one(
    ctx: MutationCtx,
    *,
    email: str,
    role: Role,
    name: str = "",
    message: str = "",
    import_id: uuid.UUID | None = None,
    by: uuid.UUID | None = None,
) -> Fate:
    """Invite one address unless it belongs to a member or is invited already. A part of the caller's transaction.

    An invitation that is too old gives way to the new one. by: who invites, when that is not the caller.
    """
    if _belongs(ctx, email):
        return Fate.MEMBER
    earlier = pending_for(ctx, email)
    if earlier is not None and earlier.expires_at > ctx.now:
        return Fate.ALREADY_INVITED
    if earlier is not None:
        earlier.state, earlier.ended_at = State.REVOKED, ctx.now
        ctx.db.flush()
    invitation = Invitation(
        organization_id=ctx.organization_id,
        email=email,
        name=name,
        role=role,
        message=message,
        invited_by=by or ctx.caller.user_id,
        import_id=import_id,
        created_at=ctx.now,
        expires_at=ctx.now + INVITATION_LIFE,
    )
    ctx.db.add(invitation)
    ctx.db.flush()
    _post(ctx, invitation)
    ctx.record(InvitationSent(entity_id=invitation.id, target=email, role=role, by=by))
    return Fate.INVITED


def pending_for(ctx: MutationCtx, email: str) -> Invitation | None:
    """The pending invitation to that address, perhaps one that is too old."""
    statement = select(Invitation).where(col(Invitation.email) == email, col(Invitation.state) == State.PENDING)
    return ctx.db.scalars(statement).one_or_none()


def _post(ctx: MutationCtx, invitation: Invitation) -> None:
    """A new link and a new letter; earlier links of the invitation end."""
    revoke_tokens(ctx, kind=TOKEN, subject_id=invitation.id)
    token = issue_token(ctx, kind=TOKEN, life=INVITATION_LIFE, email=invitation.email, subject_id=invitation.id)
    inviter = ctx.db.get(User, invitation.invited_by) if invitation.invited_by else None
    organization = ctx.db.get_one(Organization, ctx.organization_id)
    letter = invitation_letter(
        organization=organization.name,
        inviter=inviter.name if inviter else "",
        role=invitation.role,
        message=invitation.message,
        token=token,
    )
    invitation.mail_id = send_letter(ctx, to=invitation.email, letter=letter, about_type=ABOUT, about_id=invitation.id)
    invitation.mail_status, invitation.mail_reason = MailStatus.QUEUED, ""
    invitation.sent_at, invitation.expires_at = ctx.now, ctx.now + INVITATION_LIFE
    ctx.db.flush()


def _found(ctx: MutationCtx, invitation_id: uuid.UUID) -> Invitation:
    invitation = ctx.db.get(Invitation, invitation_id)
    if invitation is None:
        raise InvitationNotFound
    return invitation


def _pending(ctx: MutationCtx, invitation_id: uuid.UUID) -> Invitation:
    invitation = _found(ctx, invitation_id)
    if invitation.state is not State.PENDING:
        raise InvitationOver("This invitation was accepted or revoked already.")
    return invitation


def _belongs(ctx: MutationCtx, email: str) -> bool:
    user_id = ctx.db.scalars(select(col(User.id)).where(col(User.email) == email)).one_or_none()
    return user_id is not None and is_member(ctx, user_id)


def _check_list(typed: list[TypedAddress], message: str) -> None:
    if not typed:
        raise BadAddress(fields={"addresses": "Enter at least one e-mail address."})
    if len(typed) > MOST_AT_ONCE:
        said = f"Enter at most {MOST_AT_ONCE} addresses; these are {len(typed)}. For more, import a file."
        raise BadAddress(fields={"addresses": said})
    if len(message) > MAX_MESSAGE_CHARACTERS:
        said = f"Use at most {MAX_MESSAGE_CHARACTERS} characters; this has {len(message)}."
        raise BadAddress(fields={"message": said})
    if all(each.problem for each in typed):
        said = typed[0].problem if len(typed) == 1 else "None of these is an e-mail address."
        raise BadAddress(fields={"addresses": said})


def _check_daily(ctx: MutationCtx, more: int) -> None:
    if ctx.db.scalars(_letters_today(ctx).where(col(Invitation.import_id).is_(None))).one() + more > MOST_A_DAY:
        raise TooManyInvitations


def check_imported(ctx: MutationCtx, more: int) -> None:
    """Whether a file may invite so many more of its people today. Raises TooManyImported (409)."""
    sent = ctx.db.scalars(_letters_today(ctx).where(col(Invitation.import_id).is_not(None))).one()
    if sent + more > MOST_IMPORTED_A_DAY:
        raise TooManyImported


def _letters_today(ctx: MutationCtx) -> Select[int]:
    """How many letters the organization's invitations were sent in."""
    return (
        select(func.count())
        .select_from(Message)
        .join(Invitation, col(Invitation.id) == col(Message.about_id))
        .where(col(Message.about_type) == ABOUT, col(Message.created_at) > ctx.now - timedelta(days=1))
    )
