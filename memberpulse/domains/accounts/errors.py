"""What accounts may refuse."""

from memberpulse.engine.errors import BadArguments, Conflict, EngineError, Forbidden, Gone, NotFound, TooMany


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


class BadProfile(BadArguments):
    code = "bad_profile"
    message = "Your profile was not changed. Correct what is marked and save it again."


class NotAPicture(BadArguments):
    code = "not_a_picture"
    message = "This file is not a picture that we can read. Choose a JPEG, PNG, WebP or GIF."


class PictureNotFound(NotFound):
    code = "picture_not_found"
    message = "This picture is gone. Upload it again."


class PictureTooLarge(EngineError):
    code = "picture_too_large"
    status = 413
    message = "This picture is larger than 5 MB. Choose a smaller one."


class PictureTooSlow(EngineError):
    code = "picture_too_slow"
    status = 408
    message = "The picture did not arrive within a minute. Try again on a better connection."


class DeletionBlocked(Conflict):
    """The message says what must be done first."""

    code = "deletion_blocked"
    message = "Your account cannot be deleted yet."


class NotConfirmed(BadArguments):
    code = "not_confirmed"
    message = "Type your e-mail address to confirm it."


class TooManyExports(TooMany):
    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(retry_after_seconds)
        self.message = "You can export your data three times a day. Try again tomorrow."
