"""What notifications hold of a person."""

from typing import Any

from sqlalchemy import func, or_, update
from sqlmodel import col

from memberpulse.domains.accounts.erasure import DELETED_PERSON
from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.personal import FORGET, excuse, hold
from memberpulse.domains.notifications.models import Broadcast, Notification, Outgoing, Preference, Rhythm
from memberpulse.domains.notifications.push.models import PushDevice, PushMessage
from memberpulse.engine import MutationCtx

_INNER = ("person_id", "source_id", "thread", "change_id", "former_read_at", "former_archived_at", "former_shown_at")

hold(Notification, "user_id", title="Notifications", at_erasure=FORGET, hidden=_INNER)
hold(Preference, "user_id", title="Notification choices", at_erasure=FORGET)
hold(Rhythm, "user_id", title="Quiet hours and digests", at_erasure=FORGET)
hold(Outgoing, "user_id", title="Notifications that wait", at_erasure=FORGET, hidden=_INNER[:2])
hold(PushDevice, "user_id", title="Browsers for notifications", at_erasure=FORGET, hidden=("sealed", "endpoint_hash"))
hold(PushMessage, "user_id", title="Notifications to browsers", at_erasure=FORGET, hidden=("source_id", "thread"))
excuse(Outgoing, "person_id", "who caused it; what waits is its reader's")
excuse(Notification, "person_id", "who caused it; the notification is its reader's")
excuse(Broadcast, "person_id", "the same, on its way to many; gone within minutes")


def forget_names(ctx: MutationCtx, fact: AccountErased) -> None:
    """Take the person's name and address out of what others were told because of them."""
    user = ctx.db.get_one(User, fact.user_id)
    with ctx.across_organizations():
        for table in (Notification, Broadcast, Outgoing):
            for text in (user.name, user.email):
                title, message = col(table.title), col(table.message)
                named = or_(title.contains(text, autoescape=True), message.contains(text, autoescape=True))
                cleaned: dict[Any, Any] = {
                    "title": func.replace(title, text, DELETED_PERSON),
                    "message": func.replace(message, text, DELETED_PERSON),
                }
                caused = update(table).where(col(table.person_id) == user.id, named).values(cleaned)
                ctx.db.execute(caused.execution_options(synchronize_session=False))
