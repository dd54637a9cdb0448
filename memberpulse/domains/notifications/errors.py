"""What notifications may refuse."""

from memberpulse.engine.errors import BadArguments, Conflict, NotFound


class NotificationNotFound(NotFound):
    code = "notification_not_found"
    message = "This notification is gone."


class UnknownKind(NotFound):
    code = "unknown_kind"
    message = "There is no such type of notification."


class BadSnooze(BadArguments):
    code = "bad_snooze"
    message = "Choose a time within the next year."


class BadRhythm(BadArguments):
    code = "bad_rhythm"
    message = "Some of these times do not fit."


class NothingToUndo(Conflict):
    code = "nothing_to_undo"
    message = "This cannot be undone any more: it was changed again since, or is gone."


class DeviceNotFound(NotFound):
    code = "device_not_found"
    message = "This browser is not on the list any more."


class BadDevice(BadArguments):
    code = "bad_device"
    message = "This browser's push address cannot be used."


class TooManyDevices(Conflict):
    code = "too_many_devices"
    message = "Twenty browsers are the most. Remove one that you no longer use."
