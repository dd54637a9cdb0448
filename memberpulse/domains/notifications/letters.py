"""The letters of notifications."""

import uuid

from memberpulse.domains.mail.letters import Letter, sample
from memberpulse.domains.notifications.kinds import BY_TYPE
from memberpulse.domains.notifications.preferences import unsubscribe_link
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


@sample
def _notice() -> Letter:
    notice = Notice(
        type="announcement", title="Lathe course on Sunday", message="Bring goggles.", link="/announcements"
    )
    return notice_letter(notice, organization="Fernhill Tool Library", user_id=uuid.UUID(int=1))
