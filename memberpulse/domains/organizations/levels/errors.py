"""What membership levels may refuse."""

from memberpulse.engine.errors import BadArguments, Conflict, NotFound


class BadLevel(BadArguments):
    code = "bad_level"
    message = "The level was not saved. Correct what is marked and save it again."


class BadDate(BadArguments):
    code = "bad_date"
    message = "This is not a day that a membership can last until."


class BadZone(BadArguments):
    code = "bad_zone"
    message = "There is no such time zone."


class LevelNotFound(NotFound):
    code = "level_not_found"
    message = "There is no such level, or not any more."


class NothingToRenew(Conflict):
    code = "nothing_to_renew"
    message = "This membership has no end, so there is nothing to renew."


class RenewedAlready(Conflict):
    code = "renewed_already"
    message = "Somebody changed this membership a moment ago. Look again before you renew it."


class TooManyLevels(Conflict):
    code = "too_many_levels"
    message = "An organization has at most 20 levels. Archive one first."
