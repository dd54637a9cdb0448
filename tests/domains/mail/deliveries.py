"""Random deliveries of Resend's events: doubled, reordered, forged, cut off, replayed. And what must come of them."""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from memberpulse.domains.mail.models import Status
from memberpulse.domains.mail.rules import RANKS, STATUS_OF_EVENT
from tests.domains.mail.resend import event, signed

KINDS = [*STATUS_OF_EVENT, "email.opened", "email.clicked", "email.delivery_delayed", "contact.created", "email.new"]
FORGERIES = ("body", "signature", "id", "secret", "stale", "early", "cut", "bare", "garbage")


@dataclass(frozen=True)
class Delivery:
    """One post to /webhooks/resend. right: whether it is to be believed."""

    body: bytes
    headers: dict[str, str]
    event_id: str
    right: bool


@dataclass(frozen=True)
class Told:
    """A true event: its id, what it says, of which message."""

    event_id: str
    kind: str
    message_id: uuid.UUID
    by_tag: bool

    def body(self) -> bytes:
        return event(self.kind, f"resend-{self.message_id}", str(self.message_id) if self.by_tag else None)


def storm(
    messages: Sequence[uuid.UUID], count: int, now: float, chance: random.Random
) -> tuple[list[Delivery], list[Told]]:
    """So many deliveries in random order, and the true events that are delivered at least once."""
    true = [
        Told(f"msg_{number}", chance.choice(KINDS), chance.choice(messages), chance.random() < 0.5)
        for number in range(count // 3)
    ]
    deliveries = [_right(each, now, chance) for each in true]
    while len(deliveries) < count:
        deliveries.append(
            _right(chance.choice(true), now, chance) if chance.random() < 0.5 else _wrong(true, now, chance)
        )
    chance.shuffle(deliveries)
    return deliveries, true


def expected(messages: Sequence[uuid.UUID], true: Sequence[Told]) -> dict[uuid.UUID, Status]:
    """The last status of each message, whatever the order: the highest that anybody told."""
    found = dict.fromkeys(messages, Status.SENT)
    for told in true:
        status = STATUS_OF_EVENT.get(told.kind)
        if status is not None:
            found[told.message_id] = max(found[told.message_id], status, key=RANKS.__getitem__)
    return found


def _right(told: Told, now: float, chance: random.Random) -> Delivery:
    body = told.body()
    return Delivery(body, signed(body, told.event_id, at=now + chance.uniform(-150, 150)), told.event_id, True)


def _wrong(true: Sequence[Told], now: float, chance: random.Random) -> Delivery:
    """An event that somebody invented, changed on its way, or kept for later."""
    told = chance.choice(true)
    lie = event("email.bounced", f"resend-{told.message_id}", str(told.message_id))
    event_id, kind = f"forged_{chance.getrandbits(64):x}", chance.choice(FORGERIES)
    headers = signed(lie, event_id, at=now)
    if kind == "body":
        headers = signed(told.body() + b" ", event_id, at=now)
    elif kind == "signature":
        headers["svix-signature"] = "v1," + "A" * 43 + "="
    elif kind == "id":
        headers["svix-id"] = f"{event_id}x"
    elif kind == "secret":
        headers = signed(lie, event_id, at=now, secret="whsec_" + "B" * 32)
    elif kind in ("stale", "early"):
        headers = signed(lie, event_id, at=now + (-1 if kind == "stale" else 1) * chance.uniform(600, 90_000))
    elif kind == "cut":
        lie = lie[: chance.randrange(len(lie))]
    elif kind == "bare":
        del headers[chance.choice(sorted(headers))]
    else:
        name = chance.choice(sorted(headers))
        headers[name] = chance.choice(
            ["", "v1", "v1,", "v1,***", "v2,abc", "nan", "-1", "1e9", ",", " ", "v1,é", "x" * 5_000]
        )
    return Delivery(lie, headers, event_id, False)
