"""What the newsletter may refuse."""

from memberpulse.engine.errors import BadArguments, NotFound


class NoSuchAddress(BadArguments):
    code = "no_such_address"
    message = "This is not an e-mail address. Look for a missing @ or dot."


class UnknownSubscriber(NotFound):
    code = "unknown_subscriber"
    message = "This link is not complete. Copy all of it from the letter."
