"""What accounts may refuse."""

from memberpulse.engine.errors import Conflict, Forbidden, Gone, NotFound


class EmailTaken(Conflict):
    code = "email_taken"
    message = "Another account uses this e-mail address."


class LinkUsedUp(Gone):
    code = "link_used_up"
    message = "This link was used already, or is too old. Ask for a new one."


class SessionNotFound(NotFound):
    code = "session_not_found"
    message = "This device is signed out already."


class StepUpRequired(Forbidden):
    """`fields["action"]` names the action of `step_up.SENSITIVE` that waits for a proof."""

    code = "step_up_required"
    message = "Confirm that it is you, and this goes on by itself."
