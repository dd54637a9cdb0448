"""What workspace records may refuse."""

from memberpulse.engine.errors import BadArguments, Conflict, Forbidden, NotFound


class BadRecord(BadArguments):
    code = "bad_record"
    message = "The record was not saved. Correct what is marked and save it again."


class NothingToRestore(Conflict):
    code = "nothing_to_restore"
    message = "This can be undone for 10 seconds only."


class NotYourRecord(Forbidden):
    code = "not_your_record"
    message = "You can change the records that you own. Ask its owner, or a creator or admin of your organization."


class RecordNotFound(NotFound):
    code = "record_not_found"
    message = "This record is gone."


class StaleRecord(Conflict):
    """Somebody else changed the record meanwhile. `fields` says for each field that differs what it is now."""

    code = "stale_record"
