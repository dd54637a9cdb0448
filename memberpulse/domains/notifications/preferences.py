"""What people want to be told of, and by which ways. `wanted_by` reads it for the one place where it is honoured."""

import json
import uuid
from collections.abc import Sequence
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
"""How many people one statement asks about."""
DIGEST = "digest"
"""Stands in an unsubscribe link for all letters of notifications at once."""


@dataclass(frozen=True, slots=True)
class PreferenceRow:
    """One type of notification, and whether the caller is told of it in the app, by e-mail and by browser push."""

    type: str
    words: str
    about: str
    in_app: bool
    email: bool
    push: bool


@dataclass(frozen=True, slots=True)
class Mute:
    """A type that was just muted. channels: those that were on, so that it can be undone."""

    type: str
    words: str
    channels: list[Channel]


@query(requires=SIGNED_IN)
def list_my_preferences(ctx: QueryCtx) -> list[PreferenceRow]:
    """What the caller is told of, all types in their order."""
    mine = select(Preference).where(col(Preference.user_id) == ctx.user_id)
    chosen = {(each.type, each.channel): each.enabled for each in ctx.db.scalars(mine)}

    def on(type_: str, channel: Channel) -> bool:
        return chosen.get((type_, channel.value), is_on_at_first(type_, channel))

    return [
        PreferenceRow(each.type, each.words, each.about, *(on(each.type, channel) for channel in Channel))
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


@mutation(requires=SIGNED_IN, limit="60/minute")
def mute_type(ctx: MutationCtx, *, type: str) -> Mute:  # noqa: A002
    """Tell the caller nothing of a type any more, by no channel. Raises UnknownKind (404)."""
    if type not in BY_TYPE:
        raise UnknownKind
    on = [channel for channel in Channel if channel in wanted_by(ctx, [ctx.user_id], type)[ctx.user_id]]
    for channel in on:
        choose(ctx, user_id=ctx.user_id, type=type, channel=channel, enabled=False)
    return Mute(type, BY_TYPE[type].words, on)


@mutation(requires=SIGNED_IN, limit="60/minute")
def unmute_type(ctx: MutationCtx, *, type: str, channels: list[Channel]) -> None:  # noqa: A002
    """Undo `mute_type`: tell the caller of a type by these channels again. Raises UnknownKind (404)."""
    for channel in channels[: len(Channel)]:
        choose(ctx, user_id=ctx.user_id, type=type, channel=channel, enabled=True)


def wanted_by(ctx: QueryCtx, user_ids: Sequence[uuid.UUID], type_: str) -> dict[uuid.UUID, frozenset[Channel]]:
    """The channels by which each of at most 100 people wants to be told of a type."""
    usual = frozenset(channel for channel in Channel if is_on_at_first(type_, channel))
    found = {each: set(usual) for each in user_ids}
    different = select(Preference).where(col(Preference.user_id).in_(user_ids), col(Preference.type) == type_)
    for row in ctx.db.scalars(different):
        (found[row.user_id].add if row.enabled else found[row.user_id].discard)(Channel(row.channel))
    return {each: frozenset(channels) for each, channels in found.items()}


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
