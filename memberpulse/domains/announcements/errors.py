"""What announcements may refuse."""

from memberpulse.engine.errors import BadArguments, Conflict, Forbidden, NotFound


class AnnouncementNotFound(NotFound):
    code = "announcement_not_found"
    message = "This announcement is gone."


class BadAnnouncement(BadArguments):
    code = "bad_announcement"
    message = "The announcement was not posted. Correct what is marked and post it again."


class NotTheAuthor(Forbidden):
    code = "not_the_author"
    message = "Only its author can withdraw an announcement."


class TooLateToWithdraw(Conflict):
    code = "too_late_to_withdraw"
    message = "An announcement can be withdrawn for 10 seconds only."
