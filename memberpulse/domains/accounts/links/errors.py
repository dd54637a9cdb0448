"""What links may refuse."""

from memberpulse.engine.errors import BadArguments, Conflict


class PasswordNeeded(Conflict):
    code = "password_needed"
    message = "You are in another browser than the one in which you signed up. Choose your password here."


class WeakPassword(BadArguments):
    code = "weak_password"
    message = "Your password was not changed. Choose another one."


class BadAddress(BadArguments):
    code = "bad_address"
    message = "This is not an e-mail address."
