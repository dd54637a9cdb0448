"""What accounts may refuse."""

from memberpulse.engine.errors import Conflict, NotFound


class EmailTaken(Conflict):
    code = "email_taken"
    message = "Another account uses this e-mail address."


class SessionNotFound(NotFound):
    code = "session_not_found"
    message = "This device is signed out already."
