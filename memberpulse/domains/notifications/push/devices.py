"""The browsers in which a person is told with the tab closed. Each belongs to the session that added it."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete, func, select
from sqlmodel import col

from memberpulse.domains.accounts.facts import SignedOut
from memberpulse.domains.accounts.models import Session
from memberpulse.domains.accounts.rules import describe_device
from memberpulse.domains.notifications.errors import BadDevice, DeviceNotFound, TooManyDevices
from memberpulse.domains.notifications.push import vapid
from memberpulse.domains.notifications.push.models import PushDevice
from memberpulse.domains.notifications.push.posting import SEALED_FOR
from memberpulse.domains.notifications.push.queueing import Content, queue_for
from memberpulse.domains.notifications.push.services import Target, check_target
from memberpulse.engine import SIGNED_IN, MutationCtx, QueryCtx, mutation, query
from memberpulse.sealing import seal

MOST_DEVICES = 20


@dataclass(frozen=True, slots=True)
class DeviceView:
    """One browser of the caller's. mark: the beginning of the hash of its address, by which it knows itself."""

    id: uuid.UUID
    mark: str
    browser: str
    service: str
    added_at: datetime
    told_at: datetime | None
    is_current: bool


@query(requires=SIGNED_IN)
def get_push_key(ctx: QueryCtx) -> str:
    """What a browser subscribes to: this server's public key (VAPID), in base64url."""
    return vapid.keys().public


@query(requires=SIGNED_IN)
def list_my_devices(ctx: QueryCtx) -> list[DeviceView]:
    """The browsers in which the caller is told, the latest first."""
    mine = select(PushDevice).where(col(PushDevice.user_id) == ctx.user_id).order_by(col(PushDevice.added_at).desc())
    return [
        DeviceView(
            id=each.id,
            mark=each.endpoint_hash[:16],
            browser=describe_device(each.user_agent),
            service=each.service,
            added_at=each.added_at,
            told_at=each.told_at,
            is_current=each.session_id == ctx.session_id,
        )
        for each in ctx.db.scalars(mine)
    ]


@mutation(requires=SIGNED_IN, limit="20/minute", remembers=False)
def add_device(ctx: MutationCtx, *, endpoint: str, p256dh: str, auth: str) -> uuid.UUID:
    """Tell the caller in this browser from now on, for as long as it is signed in.

    endpoint, p256dh, auth: its push subscription. One that is listed already is taken over, keys and person.
    Raises BadDevice (422), TooManyDevices (409).
    """
    session = ctx.db.get(Session, ctx.caller.session_id) if ctx.caller.session_id else None
    if session is None or session.user_id != ctx.user_id:
        raise BadDevice("A browser adds itself, where somebody is signed in.")
    target = Target(endpoint, p256dh, auth)
    check_target(target)
    device = _found_or_new(ctx, sha256(endpoint.encode()).hexdigest())
    device.user_id, device.session_id = ctx.user_id, session.id
    device.sealed, device.service = seal(target.dump(), SEALED_FOR), target.host[:120]
    device.user_agent, device.added_at = session.user_agent, ctx.now
    ctx.db.add(device)
    ctx.db.flush()
    return device.id


@mutation(requires=SIGNED_IN, limit="60/minute")
def remove_device(ctx: MutationCtx, *, device_id: uuid.UUID) -> None:
    """Tell the caller no more in one of their browsers. Raises DeviceNotFound (404)."""
    ctx.db.delete(_my_device(ctx, device_id))


@mutation(requires="notifications.view", limit="6/minute")
def try_device(ctx: MutationCtx, *, device_id: uuid.UUID) -> None:
    """Send a first notification to one of the caller's browsers, to see it arrive. Raises DeviceNotFound (404)."""
    content = Content("It works", "This is how you are told when MemberPulse is closed.", "/settings/notifications")
    queue_for(ctx, _my_device(ctx, device_id), content)


def end_devices(ctx: MutationCtx, fact: SignedOut) -> None:
    """Who signs out, or is signed out, is told nothing any more in that browser."""
    gone = delete(PushDevice).where(col(PushDevice.session_id) == fact.entity_id)
    ctx.db.execute(gone.execution_options(synchronize_session=False))


def _my_device(ctx: MutationCtx, device_id: uuid.UUID) -> PushDevice:
    device = ctx.db.get(PushDevice, device_id)
    if device is None or device.user_id != ctx.user_id:
        raise DeviceNotFound
    return device


def _found_or_new(ctx: MutationCtx, endpoint_hash: str) -> PushDevice:
    found = ctx.db.scalars(select(PushDevice).where(col(PushDevice.endpoint_hash) == endpoint_hash)).one_or_none()
    if found is not None:
        return found
    mine = select(func.count()).select_from(PushDevice).where(col(PushDevice.user_id) == ctx.user_id)
    if ctx.db.scalars(mine).one() >= MOST_DEVICES:
        raise TooManyDevices
    return PushDevice(endpoint_hash=endpoint_hash)  # pyright: ignore[reportCallIssue]
