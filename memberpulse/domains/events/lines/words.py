"""What happens to a line, in words. No database, no clock."""

from memberpulse.domains.events.models import DeedKind as Kind

_OF_A_PLACE = {
    Kind.RESERVE: "{who} is paying",
    Kind.CONFIRM: "{who} joined",
    Kind.EXPIRE: "{who} did not pay in time",
    Kind.JOIN: "{who} joined",
    Kind.WALK_IN: "{who} was added at the door",
    Kind.CALL: "{who} was called to {where}",
    Kind.START: "{who} is at {where}",
    Kind.COMPLETE: "{where} is done with {who}",
    Kind.NO_SHOW: "{who} did not come",
    Kind.RETURN: "{who} is back in line",
    Kind.MOVE: "{who} was moved in line",
    Kind.HOLD: "{who} is holding their place",
    Kind.RELEASE: "{who} is ready again",
    Kind.LEAVE: "{who} left the line",
    Kind.REMOVE: "{who} was taken out of the line",
    Kind.CLOSE: "{who} was sent home",
}
_OF_THE_LINE = {
    Kind.PAUSE: "The line was paused",
    Kind.RESUME: "The line goes on",
    Kind.CLOSE: "Nobody can join any more",
    Kind.REOPEN: "People can join again",
    Kind.CHANGE: "The order was written anew",
}
UNDONE = "{what}, and that was undone"
SHOWN_TO_ALL = frozenset(_OF_A_PLACE) - {Kind.RESERVE, Kind.EXPIRE} | {
    Kind.PAUSE,
    Kind.RESUME,
    Kind.CLOSE,
    Kind.REOPEN,
}
"""What everybody in the organization may know of a line; the rest is for helpers."""

_DONE = {
    Kind.WALK_IN: "Added {who}",
    Kind.CALL: "Called {who} to {where}",
    Kind.START: "Started with {who}",
    Kind.COMPLETE: "Completed {who}",
    Kind.NO_SHOW: "Marked {who} as not shown up",
    Kind.RETURN: "Put {who} back in line",
    Kind.MOVE: "Moved {who}",
    Kind.HOLD: "Holding the place of {who}",
    Kind.RELEASE: "{who} is ready again",
    Kind.REMOVE: "Took {who} out of the line",
    Kind.LEAVE: "You left the line",
    Kind.PAUSE: "Paused the line",
    Kind.RESUME: "The line goes on",
    Kind.CLOSE: "Closed: nobody can join any more",
}


def happened(kind: Kind, who: str | None, where: str) -> str:
    """What happened, for who was not there. who: None when it concerns the whole line."""
    if who is None:
        return _OF_THE_LINE.get(kind, "")
    words = _OF_A_PLACE.get(kind, "").format(who=who, where=where or "the front")
    return words[:1].upper() + words[1:]


def done(kind: Kind, who: str = "", where: str = "") -> str:
    """What one has just done oneself, for a toast that offers to undo it."""
    return _DONE.get(kind, "Done").format(who=who, where=where)
