"""Every error that may reach a person, as one tree. Domains subclass it; nothing else carries a status.

EngineError
├── BadArguments        422  bad_arguments      the arguments do not fit the function's signature
│   └── TooLarge        413  too_large
├── NotSignedIn         401  not_signed_in
├── Forbidden           403  forbidden
├── NotFound            404  not_found          also for rows of another organization
│   └── UnknownFunction 404  unknown_function
├── Conflict            409  conflict
│   ├── KeyReused       409  key_reused         one idempotency key, two different calls
│   └── AlreadyBegun    409  already_begun      an action of this key began and nobody knows its outcome
├── Gone                410  gone               it was there, and is used up or over
├── TooMany             429  too_many           carries retry_after
├── Timeout             504  timeout
├── Unavailable         503  unavailable
└── Internal            500  internal           a fault of ours; details stay in the log

UntrackedStatement and TenantMismatch are programming errors: they surface as Internal.
"""

from typing import Any, ClassVar


class EngineError(Exception):
    """A refusal or failure with a stable code, a status, and a sentence a person can act on."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    message: str = "This could not be done."

    def __init__(self, message: str | None = None, *, fields: dict[str, str] | None = None) -> None:
        self.message = message or type(self).message
        self.fields = fields or {}
        super().__init__(self.message)

    def describe(self, request_id: str) -> dict[str, Any]:
        """The error as it travels in a live frame and inside a problem document."""
        body: dict[str, Any] = {
            "code": self.code,
            "status": self.status,
            "message": self.message,
            "request_id": request_id,
        }
        if self.fields:
            body["fields"] = self.fields
        return body


class BadArguments(EngineError):
    code = "bad_arguments"
    status = 422
    message = "Some of the values are not accepted. Correct them and try again."


class TooLarge(BadArguments):
    code = "too_large"
    status = 413
    message = "This is larger than the server accepts."


class NotSignedIn(EngineError):
    code = "not_signed_in"
    status = 401
    message = "You are not signed in. Sign in and try again."


class Forbidden(EngineError):
    code = "forbidden"
    status = 403
    message = "Your role does not allow this. Ask an admin of your organization."


class NotFound(EngineError):
    code = "not_found"
    status = 404
    message = "This does not exist, or not any more."


class UnknownFunction(NotFound):
    code = "unknown_function"
    message = "There is no such function."


class Conflict(EngineError):
    code = "conflict"
    status = 409
    message = "Somebody changed this at the same moment. Look again and retry."


class KeyReused(Conflict):
    code = "key_reused"
    message = "This idempotency key was used for a different call. Use a new key."


class AlreadyBegun(Conflict):
    code = "already_begun"
    message = "This was begun before and its outcome is not known. Look before you try again."


class Gone(EngineError):
    code = "gone"
    status = 410
    message = "This is over, or used up."


class TooMany(EngineError):
    code = "too_many"
    status = 429
    message = "Too many requests. Wait a moment and try again."

    def __init__(self, retry_after_seconds: int) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(f"Too many requests. Try again in {retry_after_seconds} s.")

    def describe(self, request_id: str) -> dict[str, Any]:
        return super().describe(request_id) | {"retry_after": self.retry_after_seconds}


class Timeout(EngineError):
    code = "timeout"
    status = 504
    message = "This took longer than 60 seconds and was stopped. Nothing was changed."


class Unavailable(EngineError):
    code = "unavailable"
    status = 503
    message = "The server cannot do this right now. Try again in a moment."


class Internal(EngineError):
    code = "internal"
    status = 500
    message = "Something went wrong on our side. Nothing was changed; quote the request id if it happens again."


class UntrackedStatement(Exception):
    """A statement whose reads or writes the engine cannot see, so that screens could go stale."""


class TenantMismatch(Exception):
    """A row of one organization was about to be written on behalf of another."""
