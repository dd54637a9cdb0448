"""Writes of the demo: the switch, the reset, and one step of the play."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from sqlalchemy import select
from sqlmodel import col

from memberpulse.demo import seed
from memberpulse.demo.errors import NoDemo
from memberpulse.demo.events import play_line
from memberpulse.demo.facts import DemoPlaySwitched, DemoReset
from memberpulse.demo.models import DemoScript
from memberpulse.demo.people import FERNHILL_ID, NEWCOMERS, SIGN_INS, id_of
from memberpulse.demo.rules import INTERRUPTED, Deeds, cast_change, choose_deeds, is_seen, pick
from memberpulse.demo.schemas import DemoState
from memberpulse.demo.words import ANNOUNCEMENTS, PAGES, REQUESTS
from memberpulse.domains.activity.mutations import keep_latest as keep_latest_activities
from memberpulse.domains.announcements.mutations import keep_latest as keep_latest_announcements
from memberpulse.domains.announcements.mutations import post_for
from memberpulse.domains.announcements.queries import last_posted_at
from memberpulse.domains.approvals.asking import request_approval
from memberpulse.domains.approvals.models import ApprovalRequest, ApprovalVote, Status
from memberpulse.domains.approvals.mutations import decide_request, forget_decided
from memberpulse.domains.approvals.of.joining import JOINING
from memberpulse.domains.audit.jobs import keep_latest as keep_latest_entries
from memberpulse.domains.notifications.mutations import read_all_for
from memberpulse.domains.organizations.models import Membership, Role
from memberpulse.domains.organizations.mutations import add_member, delete_organization, end_membership
from memberpulse.domains.presence.mutations import left, saw_people
from memberpulse.domains.presence.schemas import PresenceMark
from memberpulse.engine import INTERNAL, MutationCtx, job, mutation

TIDY_EVERY_STEPS = 50
ACTIVITIES_KEPT, ANNOUNCEMENTS_KEPT, DECIDED_KEPT, ENTRIES_KEPT = 300, 25, 50, 2_000


@mutation(requires="organization.manage", limit="30/minute")
def set_playing(ctx: MutationCtx, *, playing: bool) -> DemoState:
    """Let scripted people move about, or stop them; they are away a minute later. Raises NoDemo (404)."""
    script = _script(ctx)
    if script is None:
        raise NoDemo
    before, script.playing = script.playing, playing
    ctx.db.flush()
    if before != playing:
        ctx.record(DemoPlaySwitched(entity_id=ctx.organization_id, before=before, after=playing))
    return DemoState(playing=playing, people=len(script.stage) if playing else 0)


@mutation(requires="organization.manage", limit="6/minute")
def reset_demo(ctx: MutationCtx) -> None:
    """Put the organization back to how it was at first. A job does it. Raises NoDemo (404)."""
    if _script(ctx) is None:
        raise NoDemo
    ctx.schedule(rebuild_demo, by=ctx.caller.user_id)


@job(max_attempts=3)
def rebuild_demo(ctx: MutationCtx, *, by: uuid.UUID | None = None) -> None:
    """Delete the demo's organization with all that it owns, and seed it anew, in one transaction.

    People stay signed in: accounts and ids are the same as before. by: who asked for it.
    """
    if ctx.organization_id == FERNHILL_ID:
        delete_organization(ctx, organization_id=FERNHILL_ID)
        seed.seed_fernhill(ctx)
        ctx.record(DemoReset(entity_id=FERNHILL_ID, by=by))


@dataclass
class Play:
    """One step: the script, its chance, and who can be on the stage."""

    script: DemoScript
    chance: Random
    roles: dict[str, Role]
    """The role of each scripted member, by id."""
    stage: list[str] = field(default_factory=list[str])

    def on_stage(self, *roles: Role) -> list[str]:
        return [each for each in self.stage if not roles or self.roles[each] in roles]


@mutation(requires=INTERNAL)
def play(ctx: MutationCtx) -> None:
    """Let scripted people come, move, go and do something, as they do in six seconds."""
    script = _script(ctx)
    if script is None or not script.playing:
        return
    script.step += 1
    scene = _set_scene(ctx, script)
    _move_people(ctx, scene)
    _do_deeds(ctx, scene)
    play_line(ctx, scene.chance, scene.stage)
    script.stage, script.played_at = scene.stage, ctx.now
    if script.step % TIDY_EVERY_STEPS == 0:
        keep_latest_activities(ctx, count=ACTIVITIES_KEPT)
        keep_latest_announcements(ctx, count=ANNOUNCEMENTS_KEPT)
        forget_decided(ctx, keep=DECIDED_KEPT)
        keep_latest_entries(ctx, count=ENTRIES_KEPT)
    ctx.db.flush()


def _script(ctx: MutationCtx) -> DemoScript | None:
    return ctx.db.scalars(select(DemoScript)).one_or_none()


def _set_scene(ctx: MutationCtx, script: DemoScript) -> Play:
    visitors = {id_of(person.email) for person in SIGN_INS}
    members = ctx.db.execute(select(col(Membership.user_id), col(Membership.role)))
    roles = {str(user_id): role for user_id, role in members if user_id not in visitors}
    interrupted = script.played_at is None or ctx.now - script.played_at > INTERRUPTED
    stage = [] if interrupted else [each for each in script.stage if each in roles]
    chance = Random(f"{script.id}:{script.step}")
    return Play(script, chance, roles, stage)


def _move_people(ctx: MutationCtx, scene: Play) -> None:
    chance, change = scene.chance, cast_change(len(scene.stage), ctx.now, scene.chance)
    if change < 0:
        gone = pick(chance, scene.stage, 1)
        scene.stage = [each for each in scene.stage if each not in gone]
        left(ctx, marks=[_mark(ctx, each, None) for each in gone])
    come = pick(chance, sorted(set(scene.roles) - set(scene.stage)), max(0, change))
    moved = pick(chance, scene.stage, chance.choice([0, 1, 1, 2]))
    seen = [each for place, each in enumerate(scene.stage) if is_seen(place, scene.script.step) and each not in moved]
    scene.stage = [*scene.stage, *come]
    marks = [_mark(ctx, each, chance.choice(PAGES)) for each in [*come, *moved]]
    saw_people(ctx, marks=[*marks, *(_mark(ctx, each, None) for each in seen)])


def _mark(ctx: MutationCtx, person: str, page: str | None) -> PresenceMark:
    return PresenceMark(user_id=uuid.UUID(person), page=page, active_at=ctx.now, seen_at=ctx.now)


def _do_deeds(ctx: MutationCtx, scene: Play) -> None:
    last = last_posted_at(ctx)
    pending = _pending(ctx)
    deeds = choose_deeds(
        chance=scene.chance,
        since_announcement=ctx.now - last if last else timedelta(days=1),
        pending=len(pending),
        newcomers=len(scene.script.newcomers),
    )
    if deeds.announce:
        _announce(ctx, scene)
    if deeds.read:
        for person in pick(scene.chance, scene.stage, 1):
            read_all_for(ctx, user_id=uuid.UUID(person))
    if deeds.request:
        _request(ctx, scene)
    if deeds.decide:
        for decider in pick(scene.chance, scene.on_stage(Role.OWNER, Role.ADMIN), 1):
            _decide(ctx, scene, pending, uuid.UUID(decider))
    _change_members(ctx, scene, deeds)


def _pending(ctx: MutationCtx) -> Sequence[uuid.UUID]:
    """Requests that wait, the oldest first. Who asks to join waits for the visitor."""
    waiting = select(col(ApprovalRequest.id)).where(
        col(ApprovalRequest.status) == Status.PENDING, col(ApprovalRequest.kind) != JOINING
    )
    return ctx.db.scalars(waiting.order_by(col(ApprovalRequest.created_at))).all()


def _decide(ctx: MutationCtx, scene: Play, pending: Sequence[uuid.UUID], decider: uuid.UUID) -> None:
    said = set(ctx.db.scalars(select(col(ApprovalVote.request_id)).where(col(ApprovalVote.user_id) == decider)))
    for request_id in [each for each in pending if each not in said][:1]:
        decide_request(ctx, request_id=request_id, approve=scene.chance.random() < 0.8, by=decider)


def _announce(ctx: MutationCtx, scene: Play) -> None:
    for author in pick(scene.chance, scene.on_stage(Role.OWNER, Role.ADMIN, Role.CREATOR), 1):
        title, body = ANNOUNCEMENTS[scene.script.posted % len(ANNOUNCEMENTS)]
        scene.script.posted += 1
        post_for(ctx, author_id=uuid.UUID(author), title=title, body=body)


def _request(ctx: MutationCtx, scene: Play) -> None:
    for person in pick(scene.chance, scene.on_stage(Role.MEMBER), 1):
        kind, title, summary = scene.chance.choice(REQUESTS)
        request_approval(ctx, kind=kind, title=title, summary=summary, requester_id=uuid.UUID(person))


def _change_members(ctx: MutationCtx, scene: Play, deeds: Deeds) -> None:
    newcomers = [each for each in scene.script.newcomers if each in scene.roles]
    if deeds.leave and newcomers:
        gone = newcomers.pop(0)
        end_membership(ctx, user_id=uuid.UUID(gone))
        scene.stage = [each for each in scene.stage if each != gone]
    if deeds.join:
        waiting = [each for each in NEWCOMERS if str(id_of(each.email)) not in scene.roles]
        if waiting:
            user_id = seed.ensure_extra(ctx, scene.chance.choice(waiting))
            add_member(ctx, user_id=user_id)
            newcomers.append(str(user_id))
    scene.script.newcomers = newcomers
