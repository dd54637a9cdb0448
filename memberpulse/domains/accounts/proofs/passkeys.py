"""Passkeys: adding, naming and removing them, and checking what a browser answers. Source: W3C WebAuthn, level 3.

Every challenge is single use, lives for five minutes, and is bound to a purpose and to the session or the browser
that asked for it. Where a passkey is used, host and origin must be those of the request.
"""

import json
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from memberpulse.domains.accounts.errors import LinkUsedUp
from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.proofs.errors import (
    PasskeyKnown,
    PasskeyNotFound,
    TooManyPasskeys,
    WrongPasskey,
)
from memberpulse.domains.accounts.proofs.facts import PasskeyAdded, PasskeyRemoved
from memberpulse.domains.accounts.proofs.models import Passkey
from memberpulse.domains.accounts.proofs.queries import count_recovery_codes
from memberpulse.domains.accounts.proofs.recovery import drop_useless_codes, make_codes
from memberpulse.domains.accounts.step_up import require_proof
from memberpulse.domains.accounts.tokens import issue_token, spend_token
from memberpulse.engine import INTERNAL, SIGNED_IN, MutationCtx, QueryCtx, mutation, query
from memberpulse.engine.errors import BadArguments, Conflict

Purpose = Literal["add", "sign-in", "second-step", "prove"]
CHALLENGE = "passkey_challenge"
CHALLENGE_LIFE = timedelta(minutes=5)
CHALLENGE_BYTES = 32
MOST = 20
MAX_NAME_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class PasskeyView:
    """One passkey, as its owner sees it. synced: other devices of theirs have it too."""

    id: uuid.UUID
    name: str
    synced: bool
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class PasskeyList:
    """second_step: one of them is asked for after a password."""

    rows: list[PasskeyView]
    second_step: bool


@dataclass(frozen=True, slots=True)
class PasskeyTicket:
    """What a browser makes a passkey with. user_id, challenge and known ids are in base64url."""

    challenge: str
    user_id: str
    email: str
    name: str
    known: list[str]


@dataclass(frozen=True, slots=True)
class PasskeyToCheck:
    """What a browser's answer is checked against. Never leaves the server.

    second_step: its person wants it asked for after a password.
    """

    id: uuid.UUID
    user_id: uuid.UUID
    public_key: str
    sign_count: int
    second_step: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passkey is used: the origin of the page, and the host that the passkey is for."""

    origin: str
    host: str


@query(requires=SIGNED_IN)
def list_my_passkeys(ctx: QueryCtx) -> PasskeyList:
    """The caller's passkeys, the newest first."""
    keys = list(ctx.db.scalars(_of(ctx.user_id)))
    rows = [PasskeyView(key.id, key.name, key.synced, key.created_at, key.last_used_at) for key in keys]
    return PasskeyList(rows=rows, second_step=any(key.second_step for key in keys))


@mutation(requires=SIGNED_IN, limit="20/hour", remembers=False)
def prepare_passkey(ctx: MutationCtx) -> PasskeyTicket:
    """Begin to add a passkey in this session; the browser finishes at POST /auth/passkeys/add. Asks for a proof.

    Raises TooManyPasskeys (409).
    """
    require_proof(ctx, "account.passkeys")
    user = ctx.db.get_one(User, ctx.user_id)
    known = [key.credential_id for key in ctx.db.scalars(_of(user.id))]
    if len(known) >= MOST:
        raise TooManyPasskeys
    challenge = begin_challenge(ctx, purpose="add", bound_to=str(ctx.session_id))
    return PasskeyTicket(challenge, bytes_to_base64url(user.id.bytes), user.email, user.name, known)


@mutation(requires=SIGNED_IN)
def rename_passkey(ctx: MutationCtx, *, passkey_id: uuid.UUID, name: str) -> str:
    """Call a passkey something else; returns what it was called. Raises PasskeyNotFound (404), BadArguments (422)."""
    key = _mine(ctx, passkey_id)
    plain = " ".join(name.split())
    if not 1 <= len(plain) <= MAX_NAME_CHARACTERS:
        raise BadArguments(fields={"name": f"Give it a name of 1 to {MAX_NAME_CHARACTERS} characters."})
    before, key.name = key.name, plain
    ctx.db.flush()
    return before


@mutation(requires=SIGNED_IN)
def remove_passkey(ctx: MutationCtx, *, passkey_id: uuid.UUID) -> None:
    """Let a passkey in no more. Asks for a proof. Raises PasskeyNotFound (404)."""
    require_proof(ctx, "account.passkeys")
    key = _mine(ctx, passkey_id)
    ctx.record(PasskeyRemoved(entity_id=key.id, user_id=ctx.user_id, target=key.name))
    ctx.db.delete(key)
    ctx.db.flush()
    drop_useless_codes(ctx, user_id=ctx.user_id)


@mutation(requires=SIGNED_IN)
def ask_for_passkey(ctx: MutationCtx, *, on: bool) -> None:
    """Whether a passkey is asked for after a password or a mailed link. Asks for a proof. Raises PasskeyNotFound (404).

    The first time recovery codes are made with it, for the day the key is lost.
    """
    require_proof(ctx, "account.passkeys")
    keys = list(ctx.db.scalars(_of(ctx.user_id)))
    if not keys:
        raise PasskeyNotFound
    for key in keys:
        key.second_step = on
    ctx.db.flush()
    if on and count_recovery_codes(ctx, ctx.user_id) == 0:
        make_codes(ctx)


# What routes do with a browser's answer


@mutation(requires=INTERNAL)
def begin_challenge(ctx: MutationCtx, *, purpose: Purpose, bound_to: str) -> str:
    """A challenge for one answer, in base64url. bound_to: the session, or the browser's attempt."""
    raw = bytes_to_base64url(secrets.token_bytes(CHALLENGE_BYTES))
    values = {"purpose": purpose, "bound_to": bound_to}
    return issue_token(ctx, kind=CHALLENGE, life=CHALLENGE_LIFE, raw=raw, values=values)


@mutation(requires=INTERNAL)
def spend_challenge(ctx: MutationCtx, *, challenge: str, purpose: Purpose, bound_to: str) -> None:
    """Use a challenge up, whatever comes of the answer. Raises LinkUsedUp (410), also for one of another browser."""
    token = spend_token(ctx, kind=CHALLENGE, raw=challenge)
    if token.details != {"purpose": purpose, "bound_to": bound_to}:
        raise LinkUsedUp


@query(requires=INTERNAL)
def find_passkey(ctx: QueryCtx, *, credential_id: str) -> PasskeyToCheck | None:
    """The passkey that a browser names, while its person may sign in."""
    key = ctx.db.scalars(select(Passkey).where(col(Passkey.credential_id) == credential_id)).one_or_none()
    user = ctx.db.get(User, key.user_id) if key else None
    if key is None or user is None or user.deactivated_at is not None:
        return None
    return PasskeyToCheck(key.id, key.user_id, key.public_key, key.sign_count, key.second_step)


@query(requires=INTERNAL)
def list_passkey_ids(ctx: QueryCtx, *, user_id: uuid.UUID) -> list[dict[str, Any]]:
    """The passkeys that a person may answer with."""
    return [{"id": key.credential_id, "transports": key.transports} for key in ctx.db.scalars(_of(user_id))]


@mutation(requires=INTERNAL)
def keep_passkey(
    ctx: MutationCtx,
    *,
    user_id: uuid.UUID,
    credential_id: str,
    public_key: str,
    sign_count: int,
    transports: list[str],
    synced: bool,
    name: str,
) -> uuid.UUID:
    """Add a passkey that was checked. Raises PasskeyKnown, TooManyPasskeys (409)."""
    others = list(ctx.db.scalars(_of(user_id)))
    if len(others) >= MOST:
        raise TooManyPasskeys
    key = Passkey(
        user_id=user_id,
        credential_id=credential_id,
        public_key=public_key,
        sign_count=sign_count,
        transports=transports,
        synced=synced,
        name=_unused_name(name, [other.name for other in others]),
        second_step=any(other.second_step for other in others),
        created_at=ctx.now,
    )
    ctx.db.add(key)
    try:
        ctx.db.flush()
    except IntegrityError:
        raise PasskeyKnown from None
    ctx.record(PasskeyAdded(entity_id=key.id, user_id=user_id, target=key.name))
    return key.id


@mutation(requires=INTERNAL)
def note_passkey_used(ctx: MutationCtx, *, passkey_id: uuid.UUID, count_before: int, sign_count: int) -> None:
    """Keep the count of an answer that was checked. Raises Conflict (409) when another answer came in between."""
    same = (col(Passkey.id) == passkey_id, col(Passkey.sign_count) == count_before)
    used = (
        update(Passkey)
        .where(*same)
        .values(sign_count=sign_count, last_used_at=ctx.now)
        .execution_options(synchronize_session=False)
    )
    if cast("CursorResult[Any]", ctx.db.execute(used)).rowcount != 1:
        raise Conflict


def challenge_in(credential: Any) -> str:
    """The challenge that a browser's answer is about. Raises WrongPasskey (403)."""
    try:
        told = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        return str(told["challenge"])
    except (TypeError, KeyError, ValueError, AttributeError):
        raise WrongPasskey from None


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A new passkey that was checked."""

    credential_id: str
    public_key: str
    sign_count: int
    synced: bool


def check_new(credential: dict[str, Any], challenge: str, place: Place) -> NewPasskey:
    """Check what a browser made. Raises WrongPasskey (403)."""
    try:
        made = verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_origin=place.origin,
            expected_rp_id=place.host,
        )
    except Exception as fault:  # whatever a stranger sends, the library's own faults among it
        raise WrongPasskey from fault
    return NewPasskey(
        bytes_to_base64url(made.credential_id),
        bytes_to_base64url(made.credential_public_key),
        made.sign_count,
        made.credential_backed_up,
    )


def check_used(credential: dict[str, Any], known: PasskeyToCheck, challenge: str, place: Place) -> tuple[int, bool]:
    """Check an answer against the passkey it names: the new count, and whether the device asked who held it.

    Raises WrongPasskey (403), also for a count that does not go up: then there is a copy of the key.
    """
    try:
        handle = credential["response"].get("userHandle")
        if handle and base64url_to_bytes(handle) != known.user_id.bytes:
            raise WrongPasskey
        used = verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_origin=place.origin,
            expected_rp_id=place.host,
            credential_public_key=base64url_to_bytes(known.public_key),
            credential_current_sign_count=known.sign_count,
        )
    except Exception as fault:  # whatever a stranger sends, the library's own faults among it
        raise WrongPasskey from fault
    return used.new_sign_count, used.user_verified


def _of(user_id: uuid.UUID) -> Any:
    return select(Passkey).where(col(Passkey.user_id) == user_id).order_by(col(Passkey.created_at).desc())


def _mine(ctx: QueryCtx, passkey_id: uuid.UUID) -> Passkey:
    key = ctx.db.get(Passkey, passkey_id)
    if key is None or key.user_id != ctx.user_id:
        raise PasskeyNotFound
    return key


def _unused_name(name: str, taken: list[str]) -> str:
    plain = name[: MAX_NAME_CHARACTERS - 4]
    names = [plain, *(f"{plain} {number}" for number in range(2, MOST + 2))]
    return next(each for each in names if each not in taken)
