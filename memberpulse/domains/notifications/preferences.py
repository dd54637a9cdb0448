"""What people want to be told of, and by which ways. `wanting` is where it is honoured."""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.notifications.errors import UnknownKind
from memberpulse.domains.notifications.kinds import BY_TYPE, KINDS, Channel, is_on_at_first
from memberpulse.domains.notifications.models import Preference
from memberpulse.engine import INTERNAL, SIGNED_IN, MutationCtx, QueryCtx, mutation, query
from memberpulse.sealing import Unreadable, seal, unseal
from memberpulse.sites import link

SEALED_FOR = "unsubscribe"
ASKED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class PreferenceRow:
    """One type of notification, and whether the caller is told of it in the app and by e-mail."""

    type: str
    words: str
    about: str
    in_app: bool
    email: bool


@query(requires=SIGNED_IN)
def list_my_preferences(ctx: QueryCtx) -> list[PreferenceRow]:
    """What the caller is told of, all types in their order."""
    mine = select(Preference).where(col(Preference.user_id) == ctx.user_id)
    chosen = {(each.type, each.channel): each.enabled for each in ctx.db.scalars(mine)}

    def on(type_: str, channel: Channel) -> bool:
        return chosen.get((type_, channel.value), is_on_at_first(type_, channel))

    return [
        PreferenceRow(each.type, each.words, each.about, on(each.type, Channel.IN_APP), on(each.type, Channel.EMAIL))
        for each in KINDS
    ]


@mutation(requires=SIGNED_IN, limit="60/minute")
def set_preference(ctx: MutationCtx, *, type: str, channel: Channel, enabled: bool) -> None:  # noqa: A002
    """Say whether the caller wants to be told of a type by a channel. Raises UnknownKind (404)."""
    choose(ctx, user_id=ctx.user_id, type=type, channel=channel, enabled=enabled)


@mutation(requires=INTERNAL)
def choose(ctx: MutationCtx, *, user_id: uuid.UUID, type: str, channel: Channel, enabled: bool) -> None:  # noqa: A002
    """Say it on somebody's behalf, such as from the link in a letter. Raises UnknownKind (404)."""
    if type not in BY_TYPE:
        raise UnknownKind
    statement = select(Preference).where(
        col(Preference.user_id) == user_id, col(Preference.type) == type, col(Preference.channel) == channel.value
    )
    found = ctx.db.scalars(statement).one_or_none()
    if found is not None:
        found.enabled = enabled
    elif enabled != is_on_at_first(type, channel):
        ctx.db.add(Preference(user_id=user_id, type=type, channel=channel.value, enabled=enabled))
    ctx.db.flush()


def wanting(ctx: MutationCtx, user_ids: Iterable[uuid.UUID], type_: str, channel: Channel) -> list[uuid.UUID]:
    """Those of the people who want to be told of a type by a channel, in their order."""
    people = list(user_ids)
    usual = is_on_at_first(type_, channel)
    others: set[uuid.UUID] = set()
    for start in range(0, len(people), ASKED_AT_ONCE):
        different = select(col(Preference.user_id)).where(
            col(Preference.user_id).in_(people[start : start + ASKED_AT_ONCE]),
            col(Preference.type) == type_,
            col(Preference.channel) == channel.value,
            col(Preference.enabled).is_not(usual),
        )
        others.update(ctx.db.scalars(different))
    return [each for each in people if (each in others) != usual]


def unsubscribe_link(user_id: uuid.UUID, type_: str) -> str:
    """Where one post ends letters of a type to a person. It works for good and proves nothing else."""
    return link(f"/auth/unsubscribe?token={seal(json.dumps([str(user_id), type_]), SEALED_FOR)}")


def read_unsubscribe(token: str) -> tuple[uuid.UUID, str] | None:
    """Whom and what an `unsubscribe_link` is about; None for a token that is not ours."""
    try:
        user_id, type_ = json.loads(unseal(token, SEALED_FOR))
        return uuid.UUID(user_id), str(type_)
    except (Unreadable, ValueError, TypeError):
        return None
