"""What organizations may refuse."""

from memberpulse.engine.errors import BadArguments, Conflict, Forbidden, NotFound


class AlreadyMember(Conflict):
    code = "already_member"
    message = "This person is a member already."


class BadName(BadArguments):
    code = "bad_name"


class DeletionBlocked(Conflict):
    code = "deletion_blocked"
    message = "Something must be settled before the organization can be deleted."


class LastOwner(Conflict):
    code = "last_owner"
    message = "This is the last owner. Make somebody else an owner first."


class MayDoMore(Forbidden):
    code = "may_do_more"
    message = "This person may do more than you. Ask somebody who may do as much as they do."


class MemberNotFound(NotFound):
    code = "member_not_found"
    message = "This person is not a member, or not any more."


class NotBeingDeleted(Conflict):
    code = "not_being_deleted"
    message = "The organization is not being deleted, or not any more."


class OrganizationNotFound(NotFound):
    code = "organization_not_found"
    message = "You are not a member of that organization."


class OwnersOnly(Forbidden):
    code = "owners_only"
    message = "Only an owner can make or unmake an owner."
