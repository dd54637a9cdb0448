"""What people are told of, and by which ways: the one list of types, with their words and what everybody gets at first.

A domain that tells of something new adds a line here. Quiet hours, digests and more channels would stand beside.
"""

import enum
from dataclasses import dataclass


class Channel(enum.StrEnum):
    IN_APP = "in_app"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of notification. words: what it is called; about: when one is told; first: the channels at first."""

    type: str
    words: str
    about: str
    first: frozenset[Channel] = frozenset({Channel.IN_APP})


KINDS = (
    Kind("announcement", "Announcements", "Somebody posted news for everybody."),
    Kind("join_request", "Requests to join", "Somebody asks to join where you decide, or you may join."),
    Kind(
        "membership",
        "Your membership",
        "Your place in an organization changed, or your membership ends soon.",
        first=frozenset({Channel.IN_APP, Channel.EMAIL}),
    ),
    Kind("payment", "Payments", "Somebody paid you, money went back to you, or your Stripe account changed."),
    Kind("turn", "Your turn in a line", "You are called, you are near the front, or a hold is over."),
    Kind("line", "From the helpers of a line", "The helpers of a line that you stand in have something to say."),
    Kind("event", "Events", "An event where you have a place starts soon, has changed or is cancelled."),
    Kind("feedback", "How was it?", "You were served at an event and could say how it was."),
    Kind("storage", "Storage", "The room for your organization’s files is nearly used up, where you manage them."),
)

BY_TYPE = {each.type: each for each in KINDS}


def is_on_at_first(type_: str, channel: Channel) -> bool:
    """What holds for a person who has chosen nothing; a type without a line is only told in the app."""
    kind = BY_TYPE.get(type_)
    return channel in kind.first if kind else channel is Channel.IN_APP
