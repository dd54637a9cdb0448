"""What events and their lines may refuse."""

from memberpulse.engine.errors import BadArguments, Conflict, Forbidden, NotFound


class AlreadyInLine(Conflict):
    code = "already_in_line"
    message = "You have a place in this line already."


class BadEvent(BadArguments):
    code = "bad_event"
    message = "The event was not saved. Correct what is marked and save it again."


class BadPlace(BadArguments):
    code = "bad_place"
    message = "This was not accepted. Correct what is marked and try again."


class ChangedSince(Conflict):
    code = "changed_since"
    message = "Something else has happened to this place since. Look at the line and set it right there."


class EntryNotFound(NotFound):
    code = "entry_not_found"
    message = "There is nothing to undo here."


class EventFull(Conflict):
    code = "event_full"
    message = "There are not enough places left for your party."


class EventNotFound(NotFound):
    code = "event_not_found"
    message = "This event is gone."


class EventNotOpen(Conflict):
    """Not published yet, closed or cancelled."""

    code = "event_not_open"
    message = "Nobody can join this event now."


class HeldEnough(Conflict):
    code = "held_enough"
    message = "This place was held three times already. Leave the line and join again, or come when you are called."


class LinePaused(Conflict):
    code = "line_paused"
    message = "The line is paused. Resume it before you call somebody."


class NobodyWaiting(Conflict):
    code = "nobody_waiting"
    message = "Nobody is waiting who could be called now."


class NoFreeStation(Conflict):
    code = "no_free_station"
    message = "Everybody is busy. Complete somebody first, or open another station."


class NotAHelper(Forbidden):
    code = "not_a_helper"
    message = "Only helpers of this event work its line. Ask the person who made the event to add you."


class NotYourEvent(Forbidden):
    code = "not_your_event"
    message = "Only the person who made this event, or an admin, can do this."


class NotYourPlace(Forbidden):
    code = "not_your_place"
    message = "This is somebody else’s place."


class PlaceNotFound(NotFound):
    code = "place_not_found"
    message = "This place in the line is gone."


class PricesNotOffered(Conflict):
    code = "prices_not_offered"
    message = "Payments are not set up here, so an event can only be free."


class StaleEvent(Conflict):
    """Somebody else changed the event meanwhile. `fields` says what differs now."""

    code = "stale_event"
    message = "Somebody changed this event while you were editing it."


class StationBusy(Conflict):
    code = "station_busy"
    message = "Somebody is there now. Complete them or put them back into the line first."


class StationNotFound(NotFound):
    code = "station_not_found"
    message = "This station is closed."


class TooLateToUndo(Conflict):
    code = "too_late_to_undo"
    message = "This can be undone for 10 seconds only."


class WallNotShown(NotFound):
    code = "wall_not_shown"
    message = "There is no display at this address."


class WrongMoment(Conflict):
    """The state of the place or event does not allow it. The message says why."""

    code = "wrong_moment"
