"""Filling an empty database with the demo's two organizations, once."""

import asyncio
import uuid
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlmodel import col

from memberpulse.demo.approvals import seed_approvals
from memberpulse.demo.comings import add_comings
from memberpulse.demo.events import seed_events
from memberpulse.demo.files import add_fernhill_files, add_harbour_files, draw_files
from memberpulse.demo.history import past_entries
from memberpulse.demo.inbox import seed_inbox
from memberpulse.demo.models import DemoScript
from memberpulse.demo.money import add_payments
from memberpulse.demo.people import (
    FERNHILL,
    FERNHILL_ID,
    HARBOUR,
    HARBOUR_ID,
    MONTHS_OF_SIGN_INS,
    SIGN_INS,
    DemoSignIn,
    Extra,
    id_of,
)
from memberpulse.demo.rights import add_rights
from memberpulse.demo.rules import online_in_the_past
from memberpulse.demo.words import ANNOUNCEMENTS, HARBOUR_ANNOUNCEMENTS, REQUESTS
from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.mutations import create_user
from memberpulse.domains.accounts.passwords import hash_password
from memberpulse.domains.activity.mutations import ActivityImport, import_activities
from memberpulse.domains.announcements.mutations import import_announcement
from memberpulse.domains.announcements.rules import excerpt
from memberpulse.domains.audit.mutations import import_entries
from memberpulse.domains.notifications.mutations import import_notices
from memberpulse.domains.notifications.schemas import Notice, NoticeImport
from memberpulse.domains.organizations.models import Organization, Role
from memberpulse.domains.organizations.mutations import MemberImport, create_organization, import_members
from memberpulse.domains.presence.mutations import import_samples
from memberpulse.domains.presence.rules import SAMPLE_EVERY, bucket_of
from memberpulse.domains.presence.schemas import SampleImport
from memberpulse.domains.records.mutations import seed_samples
from memberpulse.engine import INTERNAL, MutationCtx, mutation, system

if TYPE_CHECKING:
    from memberpulse.engine.runtime import Engine

FERNHILL_NAME, HARBOUR_NAME = "Fernhill Tool Library", "Harbour Rowing Club"
HISTORY = timedelta(days=28)
MONTH = timedelta(days=30.4)


async def seed_demo(engine: "Engine") -> bool:
    """Build both organizations where they are missing. Whether anything was added; twice is harmless."""
    await asyncio.to_thread(draw_files)
    fernhill = await engine.mutate(seed_fernhill, caller=system(FERNHILL_ID))
    harbour = await engine.mutate(seed_harbour, caller=system(HARBOUR_ID))
    return fernhill or harbour


@mutation(requires=INTERNAL)
def seed_fernhill(ctx: MutationCtx) -> bool:
    """Build Fernhill Tool Library unless it is there; whether it was built."""
    if ctx.db.get(Organization, FERNHILL_ID) is not None:
        return False
    chance = Random("fernhill")
    sign_ins = [each for each in SIGN_INS if each.key != "outsider"]
    create_organization(
        ctx, name=FERNHILL_NAME, organization_id=FERNHILL_ID, created_at=ctx.now - MONTH * 36 - timedelta(days=2)
    )
    _add_people(ctx, sign_ins, FERNHILL, chance)
    import_entries(ctx, entries=past_entries(ctx.now, Random("history")))
    seed_samples(ctx, owner_ids=[id_of(each.email) for each in sign_ins])
    add_rights(ctx, chance)
    add_comings(ctx)
    _add_announcements(ctx, ANNOUNCEMENTS[:6], _writers(FERNHILL), chance)
    seed_approvals(ctx)
    _add_activities(ctx, chance)
    seed_inbox(ctx)
    _add_samples(ctx, chance)
    add_fernhill_files(ctx, Random("files"))
    add_payments(ctx, Random("payments"))
    seed_events(ctx, Random("events"))
    ctx.db.add(DemoScript(organization_id=FERNHILL_ID, posted=6))
    ctx.db.flush()
    return True


@mutation(requires=INTERNAL)
def seed_harbour(ctx: MutationCtx) -> bool:
    """Build Harbour Rowing Club, to which Fernhill's owner belongs too, unless it is there."""
    if ctx.db.get(Organization, HARBOUR_ID) is not None:
        return False
    chance = Random("harbour")
    create_organization(ctx, name=HARBOUR_NAME, organization_id=HARBOUR_ID, created_at=ctx.now - MONTH * 21)
    _add_people(ctx, [each for each in SIGN_INS if each.key == "outsider"], HARBOUR, chance)
    amara = SIGN_INS[0]
    _ensure_user(ctx, amara.name, amara.email, amara.password, ctx.now - MONTH * 36)
    membership = MemberImport(user_id=id_of(amara.email), role=Role.MEMBER, joined_at=ctx.now - MONTH * 5)
    import_members(ctx, members=[membership])
    _add_announcements(ctx, HARBOUR_ANNOUNCEMENTS, _writers(HARBOUR), chance)
    add_harbour_files(ctx, Random("harbour files"))
    return True


def ensure_extra(ctx: MutationCtx, extra: Extra) -> uuid.UUID:
    """The account of a scripted person, made when it is missing."""
    return _ensure_user(ctx, extra.name, extra.email, None, ctx.now)


def _ensure_user(ctx: MutationCtx, name: str, email: str, password: str | None, created_at: datetime) -> uuid.UUID:
    user_id = id_of(email)
    if ctx.db.scalars(select(col(User.id)).where(col(User.id) == user_id)).first() is None:
        secret = _hash_of(password) if password else None
        create_user(ctx, email=email, name=name, password_hash=secret, user_id=user_id, created_at=created_at)
    return user_id


@lru_cache(maxsize=1)
def _hash_of(password: str) -> str:
    return hash_password(password)


def _add_people(ctx: MutationCtx, sign_ins: list[DemoSignIn], extras: list[Extra], chance: Random) -> None:
    members: list[MemberImport] = []
    for each in sign_ins:
        joined_at = ctx.now - MONTH * MONTHS_OF_SIGN_INS[each.key]
        user_id = _ensure_user(ctx, each.name, each.email, each.password, joined_at)
        members.append(MemberImport(user_id=user_id, role=each.role, joined_at=joined_at))
    for extra in extras:
        joined_at = ctx.now - MONTH * extra.months - timedelta(minutes=chance.randrange(600))
        user_id = _ensure_user(ctx, extra.name, extra.email, None, joined_at)
        members.append(MemberImport(user_id=user_id, role=extra.role, joined_at=joined_at))
    import_members(ctx, members=members)


def _writers(extras: list[Extra]) -> list[uuid.UUID]:
    return [id_of(extra.email) for extra in extras if extra.role is not Role.MEMBER]


def _add_announcements(
    ctx: MutationCtx, words: list[tuple[str, str]], writers: list[uuid.UUID], chance: Random
) -> None:
    """Announcements over the last days, the first words newest: the newer half still unread by those who sign in."""
    sign_ins = [id_of(each.email) for each in SIGN_INS] if writers[0] == _writers(FERNHILL)[0] else []
    at = ctx.now - timedelta(minutes=24)
    for position, (title, body) in enumerate(words):
        author = writers[position % len(writers)]
        announcement_id = import_announcement(ctx, author_id=author, title=title, body=body, created_at=at)
        read_at = at + timedelta(minutes=50) if position >= len(words) / 2 else None
        notice = Notice(
            type="announcement",
            title=title,
            message=excerpt(body),
            link=f"/announcements#{announcement_id}",
            person_id=author,
            source_id=announcement_id,
        )
        import_notices(
            ctx,
            notices=[
                NoticeImport(user_id=each, notice=notice, created_at=at, read_at=read_at) for each in sign_ins[:4]
            ],
        )
        at -= timedelta(hours=4 + 30 * position, minutes=chance.randrange(180))


def _add_activities(ctx: MutationCtx, chance: Random) -> None:
    """What happened in the last hours, without what other imports have made."""
    at = ctx.now - timedelta(minutes=3)
    found: list[ActivityImport] = []
    for position in range(24):
        extra = FERNHILL[chance.randrange(len(FERNHILL))]
        action, entity_type, target = _happening(position, extra)
        found.append(ActivityImport(id_of(extra.email), action, entity_type, uuid.uuid4(), target, at))
        at -= timedelta(minutes=chance.randrange(3, 21))
    import_activities(ctx, activities=found)


def _happening(position: int, extra: Extra) -> tuple[str, str, str]:
    """Action, entity type and target of an activity that fits the person."""
    request = REQUESTS[position % len(REQUESTS)][1]
    if extra.role in (Role.OWNER, Role.ADMIN):
        return "approved", "approval", request
    if extra.role is Role.CREATOR:
        return "posted", "announcement", ANNOUNCEMENTS[6 + position % (len(ANNOUNCEMENTS) - 6)][0]
    return ("joined", "member", "") if position % 5 == 0 else ("requested", "approval", request)


def _add_samples(ctx: MutationCtx, chance: Random) -> None:
    last = bucket_of(ctx.now, SAMPLE_EVERY)
    times = [last - SAMPLE_EVERY * back for back in range(HISTORY // SAMPLE_EVERY, -1, -1)]
    import_samples(ctx, samples=[SampleImport(at, online_in_the_past(at, chance)) for at in times])
