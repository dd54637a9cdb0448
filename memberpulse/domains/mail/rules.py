"""Decisions about the way of a message. No database, no clock."""

from datetime import timedelta

from memberpulse.domains.mail.models import Status

RANKS = {
    Status.QUEUED: 0,
    Status.SENT: 1,
    Status.FAILED: 2,
    Status.DELIVERED: 3,
    Status.BOUNCED: 4,
    Status.COMPLAINED: 5,
}
"""A message only moves up, so that its last status does not depend on the order in which events arrive.

Delivered stands above failed: when we gave up on an answer that never came, the letter may have arrived all the same.
"""

STATUS_OF_EVENT = {
    "email.sent": Status.SENT,
    "email.delivered": Status.DELIVERED,
    "email.bounced": Status.BOUNCED,
    "email.complained": Status.COMPLAINED,
    "email.failed": Status.FAILED,
    "email.suppressed": Status.FAILED,
}
"""What Resend's events mean; other types change nothing. Source: Resend's webhook event types."""

FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=12)
"""Resend remembers an idempotency key for 24 hours; we ask no longer than half of that."""
FEWEST_TRIES = 5
"""A letter that was written while the server stood still for a day gets its tries too."""


def moves_on(current: Status, to: Status) -> bool:
    """Whether a message goes from one status to the other; it never goes back."""
    return RANKS[to] > RANKS[current]


def wait_before_retry(attempts: int, asked: timedelta | None) -> timedelta:
    """How long to wait after so many refusals. asked: what the provider asked for."""
    wait = asked if asked is not None else FIRST_WAIT * 2 ** min(attempts - 1, 10)
    return min(max(wait, timedelta(seconds=1)), LONGEST_WAIT)


def gives_up(attempts: int, age: timedelta) -> bool:
    """Whether a letter has been tried for long enough."""
    return attempts >= FEWEST_TRIES and age >= GIVE_UP_AFTER
