"""What proofs may refuse."""

from memberpulse.engine.errors import BadArguments, Conflict, EngineError, Gone, NotFound, TooMany


class WrongProof(EngineError):
    """`fields` names the field that was wrong."""

    code = "wrong_proof"
    status = 403
    message = "This is not right. Try again."


class TooManyProofs(TooMany):
    """Something was proven wrongly too often in a row."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(retry_after_seconds)
        wait = f"{retry_after_seconds} s" if retry_after_seconds < 90 else f"{-(-retry_after_seconds // 60)} min"
        self.message = f"That was wrong too often. Try again in {wait}."


class MethodNotOffered(Conflict):
    code = "method_not_offered"
    message = "You cannot confirm this in that way. Choose another one."


class UnknownAction(BadArguments):
    message = "There is no such action to confirm."


class AuthenticatorOn(Conflict):
    code = "authenticator_on"
    message = "An authenticator app is on already. Turn it off first to set up another one."


class NoSetup(Gone):
    code = "no_setup"
    message = "This set-up is over. Begin it again."


class NoSecondFactor(Conflict):
    code = "no_second_factor"
    message = "Set up an authenticator app or add a passkey first. Recovery codes stand in for them."


class NoSecondStep(EngineError):
    code = "wrong_proof"
    status = 403
    message = "This is not right. Try again."


class WrongPasskey(EngineError):
    """The browser's answer does not fit, or is not for here."""

    code = "wrong_passkey"
    status = 403
    message = "This passkey was not accepted. Try again, or use another way."


class PasskeyKnown(Conflict):
    code = "passkey_known"
    message = "This passkey was added before."


class PasskeyNotFound(NotFound):
    code = "passkey_not_found"
    message = "This passkey is not there any more."


class TooManyPasskeys(Conflict):
    code = "too_many_passkeys"
    message = "You have twenty passkeys. Remove one that you do not use, then add another."
