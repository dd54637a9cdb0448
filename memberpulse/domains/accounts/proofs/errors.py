"""What proofs may refuse."""

from memberpulse.engine.errors import BadArguments, Conflict, EngineError, TooMany


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
