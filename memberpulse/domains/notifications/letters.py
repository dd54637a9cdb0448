"""The letters of notifications."""

import uuid
from collections.abc import Sequence

from memberpulse.domains.mail.letters import Letter, sample
from memberpulse.domains.notifications.kinds import BY_TYPE
from memberpulse.domains.notifications.models import Outgoing
from memberpulse.domains.notifications.preferences import DIGEST, unsubscribe_link
from memberpulse.domains.notifications.schemas import Notice
from memberpulse.sites import link


def notice_letter(notice: Notice, *, organization: str, user_id: uuid.UUID) -> Letter:
    """A notification, for somebody who wants it by e-mail too."""
    kind = BY_TYPE.get(notice.type)
    words = kind.words.lower() if kind else "this"
    return Letter(
        kind="notification",
        subject=f"{notice.title} · {organization}"[:200],
        heading=notice.title,
        paragraphs=(notice.message,) if notice.message else (f"There is news in {organization}.",),
        button=(f"Open it in {organization}", link(notice.link or "/dashboard")),
        footnote=f"You get this since you chose e-mail for {words}. One click ends it, in your mail program or in your "
        f"settings: {link('/settings/notifications')}",
        unsubscribe_url=unsubscribe_link(user_id, notice.type),
    )


MOST_IN_DIGEST = 20


def digest_letter(parts: Sequence[tuple[str, Sequence[Outgoing]]], *, user_id: uuid.UUID, is_weekly: bool) -> Letter:
    """All that came since the last digest. parts: an organization's name, and what is new there."""
    count = sum(len(some) for _, some in parts)
    things = "1 notification" if count == 1 else f"{count:,} notifications"
    names = parts[0][0] if len(parts) == 1 else f"{len(parts)} organizations"
    return Letter(
        kind="digest",
        subject=f"{things} from {names}"[:200],
        heading=f"Your {'week' if is_weekly else 'day'}: {things}",
        paragraphs=tuple(line for name, some in parts for line in _lines(name, some, alone=len(parts) == 1)),
        button=("Open your inbox", link("/notifications")),
        footnote=f"You get this {'once a week' if is_weekly else 'once a day'}, since you chose it in place of single "
        f"letters. One click ends it, in your mail program or in your settings: {link('/settings/notifications')}",
        unsubscribe_url=unsubscribe_link(user_id, DIGEST),
    )


def _lines(name: str, some: Sequence[Outgoing], *, alone: bool) -> list[str]:
    told = [f"{each.title}: {each.message}" if each.message else each.title for each in some[:MOST_IN_DIGEST]]
    more = [f"And {len(some) - MOST_IN_DIGEST:,} more."] if len(some) > MOST_IN_DIGEST else []
    return [*([] if alone else [name]), *told, *more]


@sample
def _digest() -> Letter:
    some = [
        Outgoing(title="Lathe course on Sunday", message="Bring goggles."),  # pyright: ignore[reportCallIssue]
        Outgoing(title="Wen Liu asks to join"),  # pyright: ignore[reportCallIssue]
    ]
    return digest_letter([("Fernhill Tool Library", some)], user_id=uuid.UUID(int=1), is_weekly=False)


@sample
def _notice() -> Letter:
    notice = Notice(
        type="announcement", title="Lathe course on Sunday", message="Bring goggles.", link="/announcements"
    )
    return notice_letter(notice, organization="Fernhill Tool Library", user_id=uuid.UUID(int=1))
