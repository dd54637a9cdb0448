"""What events and lines hold of a person.

The history of a line stays, so that what was counted stays true; whoever was erased is "Deleted person" in it, and what
they wrote is gone (`listening.forget_person`).
"""

from memberpulse.domains.accounts.personal import FORGET, KEEP, excuse, hold
from memberpulse.domains.events.models import (
    Event,
    EventHelper,
    Feedback,
    LineEntry,
    LineMessage,
    Place,
    Station,
)

hold(Event, "created_by", title="Events", at_erasure=KEEP, hidden=("payee_account_id", "version"))
hold(EventHelper, "user_id", title="Events that you help at", at_erasure=FORGET)
hold(Feedback, "user_id", title="What you said about events", at_erasure=FORGET)
hold(LineMessage, "author_id", title="Messages to people in a line", at_erasure=KEEP)
hold(
    Place,
    "user_id",
    title="Places in lines",
    at_erasure=KEEP,
    hidden=("called_by", "remark", "turn", "version", "promised_low", "promised_high"),
)
excuse(Place, "called_by", "Which helper called is part of the line's history; the place belongs to who stood in it.")
excuse(LineEntry, "actor_id", "The history of a line is kept whole for 90 days, and then goes.")
excuse(Station, "helper_id", "Where a helper stands now; it is cleared when their membership or account ends.")
