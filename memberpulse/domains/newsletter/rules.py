"""Decisions about the newsletter. No database, no clock."""

from datetime import datetime, timedelta

CONFIRM_WITHIN = timedelta(days=2)
FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(days=7)


def may_write(letters: int, last_at: datetime, now: datetime) -> bool:
    """Whether an address may get another letter: each pause is three times as long as the one before, up to a week.

    Anybody can type anybody's address, and may not fill a stranger's mailbox with that.
    """
    if letters == 0:
        return True
    return now - last_at >= min(FIRST_PAUSE * 3 ** min(letters - 1, 8), LONGEST_PAUSE)
