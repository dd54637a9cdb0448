"""What fields may refuse."""

from memberpulse.engine.errors import BadArguments, Conflict, Forbidden, NotFound


class BadField(BadArguments):
    code = "bad_field"
    message = "The field was not saved. Correct what is marked and save it again."


class BadValue(BadArguments):
    code = "bad_value"
    message = "This was not saved. Correct it and save it again."


class FieldNotFound(NotFound):
    code = "field_not_found"
    message = "There is no such field, or not any more."


class FieldFilled(Conflict):
    code = "field_filled"
    message = "Members have filled this field in, so its kind stays. Archive it and add another."


class TooManyFields(Conflict):
    code = "too_many_fields"
    message = "An organization has at most 40 fields. Archive one first."


class FilledByAdmins(Forbidden):
    code = "filled_by_admins"
    message = "Admins fill this in. Ask one of them to change it."


class FieldArchived(Conflict):
    code = "field_archived"
    message = "This field is archived. Restore it before you fill it in."
