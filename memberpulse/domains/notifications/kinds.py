"""What people are told of, and by which ways: the one list of types, with their words and what everybody gets at first.

A domain that tells of something new adds a line here, and to GROUPS where several of it are shown as one.
"""

import enum
from dataclasses import dataclass


class Channel(enum.StrEnum):
    IN_APP = "in_app"
    EMAIL = "email"
    PUSH = "push"


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of notification.

    words: what it is called; about: when one is told; first: the channels at first; push is on wherever the app is,
    since it reaches only browsers that the person added. why: what a person is to it, for "You get this because …", as
    far as the notice does not say; {organization} is its name.
    """

    type: str
    words: str
    about: str
    first: frozenset[Channel] = frozenset({Channel.IN_APP})
    why: str = "you are a member of {organization}"


KINDS = (
    Kind("announcement", "Announcements", "Somebody posted news for everybody."),
    Kind("approval", "Approvals", "Somebody asks for what you decide about, or what you asked for is decided."),
    Kind("join_request", "Requests to join", "Somebody asks to join where you decide, or you may join."),
    Kind(
        "membership",
        "Your membership",
        "Your place in an organization changed, or your membership ends soon.",
        first=frozenset({Channel.IN_APP, Channel.EMAIL}),
        why="it is about your own membership of {organization}",
    ),
    Kind("payment", "Payments", "Somebody paid you, money went back to you, or your Stripe account changed."),
    Kind("turn", "Your turn in a line", "You are called, you are near the front, or a hold is over."),
    Kind("line", "From the helpers of a line", "The helpers of a line that you stand in have something to say."),
    Kind("event", "Events", "An event where you have a place starts soon, has changed or is cancelled."),
    Kind("feedback", "How was it?", "You were served at an event and could say how it was."),
    Kind("storage", "Storage", "The room for your organization’s files is nearly used up, where you manage them."),
)

GROUPS = {
    "join_request.asked": "{} people ask to join",
}
"""What several unread ones of one group are called together. A group may be of one thing: "files.added:<id>"."""

BY_TYPE = {each.type: each for each in KINDS}


def is_on_at_first(type_: str, channel: Channel) -> bool:
    """What holds for a person who has chosen nothing; a type without a line is only told in the app."""
    kind = BY_TYPE.get(type_)
    first = kind.first if kind else frozenset({Channel.IN_APP})
    return channel in first or (channel is Channel.PUSH and Channel.IN_APP in first)


def group_words(group: str, count: int) -> str:
    """Several of a group as one sentence; empty for a group without words."""
    return GROUPS.get(group.partition(":")[0], "").format(f"{count:,}")


def why_of(type_: str, why: str, organization: str) -> str:
    """What the person is to it, as the end of "because …"."""
    kind = BY_TYPE.get(type_)
    return why or (kind.why if kind else Kind.why).format(organization=organization)
