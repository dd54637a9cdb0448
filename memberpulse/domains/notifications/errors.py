"""What notifications may refuse."""

from memberpulse.engine.errors import NotFound


class NotificationNotFound(NotFound):
    code = "notification_not_found"
    message = "This notification is gone."


class UnknownKind(NotFound):
    code = "unknown_kind"
    message = "There is no such type of notification."
