"""What the directory may refuse."""

from memberpulse.engine.errors import Conflict, NotFound


class NotListed(NotFound):
    code = "not_listed"
    message = "This person is not in the directory, or not any more."


class NotShareable(Conflict):
    code = "not_shareable"
    message = "The directory does not show this field."
