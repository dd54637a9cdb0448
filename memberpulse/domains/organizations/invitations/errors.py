"""What invitations may refuse."""

from memberpulse.engine.errors import BadArguments, Conflict, Forbidden, Gone, NotFound


class AlreadyInvited(Conflict):
    code = "already_invited"
    message = "This address is invited already. Resend that invitation, or revoke it first."


class BadAddress(BadArguments):
    code = "bad_address"
    message = "This is not an e-mail address."


class InvitationNotFound(NotFound):
    code = "invitation_not_found"
    message = "This invitation does not exist, or not any more."


class InvitationOver(Gone):
    code = "invitation_over"
    message = "This invitation was used, revoked or is too old. Ask for a new one."


class LinkOver(Gone):
    code = "link_over"
    message = "This link was revoked, is used up or too old. Ask for a new one."


class LinksOff(Conflict):
    code = "links_off"
    message = "The organization does not let people in by link. Allow it in its settings first."


class NotVerified(Forbidden):
    code = "not_verified"
    message = "Confirm your e-mail address first, then accept the invitation."


class RoleTooHigh(Forbidden):
    code = "role_too_high"
    message = "Only an owner can invite an owner."


class SentEnough(Conflict):
    code = "sent_enough"
    message = "This invitation was sent five times today. Wait until tomorrow, or tell them in another way."


class TooManyInvitations(Conflict):
    code = "too_many_invitations"
    message = "Your organization has invited many people today. Go on tomorrow, or import a file."


class TooManyImported(Conflict):
    code = "too_many_imported"
    message = (
        "With this file, your organization would invite more than 10,000 people of files in a day. Go on tomorrow."
    )


class TooSoon(Conflict):
    code = "too_soon"
    message = "This invitation was sent a moment ago. Wait a minute before you send it again."


class WrongAddress(Forbidden):
    code = "wrong_address"
    message = "This invitation is for another e-mail address. Sign in with that one to accept it."
