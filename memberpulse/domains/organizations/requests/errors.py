"""What requests to join may refuse."""

from memberpulse.engine.errors import BadArguments, Conflict, Forbidden, NotFound


class AlreadyAsked(Conflict):
    code = "already_asked"
    message = "You have asked already. Somebody will decide about it."


class BadNote(BadArguments):
    code = "bad_note"


class NotOpen(Forbidden):
    code = "not_open"
    message = "This organization takes new members by invitation only."


class RequestDecided(Conflict):
    code = "request_decided"
    message = "Somebody has decided about this request already, or it was withdrawn."


class RequestNotFound(NotFound):
    code = "request_not_found"
    message = "This request does not exist, or not any more."


class TooLateToUndo(Conflict):
    code = "too_late_to_undo"
    message = "This can no longer be undone: the person has been told."
