"""Every kind of token that is used once, and how one is spent. A new kind of link or code joins SPENDINGS.

Each entry makes a token in an empty house and returns a function that spends it. Who comes too late is told so by an
error of the engine that says "gone" or "no longer there", or, for codes that people type, by False.
"""

import asyncio
import itertools
import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pyotp
from sqlalchemy import select

from memberpulse.domains.accounts.exporting import begin_my_export, prepare_my_export
from memberpulse.domains.accounts.links.mutations import (
    begin_sign_up,
    confirm_email,
    finish_sign_up,
    open_magic_link,
    reset_password,
)
from memberpulse.domains.accounts.models import StepUpGrant
from memberpulse.domains.accounts.mutations import create_user, prove_address, start_session
from memberpulse.domains.accounts.oidc.errors import ProviderOver
from memberpulse.domains.accounts.oidc.linking import begin_trip, end_trip
from memberpulse.domains.accounts.proofs.models import Authenticator, RecoveryCode
from memberpulse.domains.accounts.proofs.mutations import (
    recovery_hash,
    send_step_up_code,
    try_code,
    use_recovery_code,
    use_totp,
)
from memberpulse.domains.accounts.proofs.passkeys import begin_challenge, spend_challenge
from memberpulse.domains.accounts.proofs.second_step import hold_sign_in, pass_second_step_by_passkey
from memberpulse.domains.accounts.proofs.totp import PURPOSE, new_secret
from memberpulse.domains.accounts.rules import new_token, reference_of
from memberpulse.domains.accounts.tokens import issue_token, spend_token
from memberpulse.domains.mail.delivery import open_letter
from memberpulse.domains.mail.letters import Letter
from memberpulse.domains.mail.models import Message
from memberpulse.domains.newsletter.mutations import confirm_subscription, subscribe
from memberpulse.domains.organizations.founding import set_join_policy
from memberpulse.domains.organizations.invitations.accepting import accept_invitation, join_by_link
from memberpulse.domains.organizations.invitations.links import PURPOSE as JOIN_LINK
from memberpulse.domains.organizations.invitations.links import make_link
from memberpulse.domains.organizations.invitations.models import JoinLink
from memberpulse.domains.organizations.invitations.sending import invite_people
from memberpulse.domains.organizations.models import JoinPolicy, Role
from memberpulse.domains.organizations.mutations import add_member, create_organization
from memberpulse.engine import ANONYMOUS, Caller, Engine, MutationCtx, system, utc_now
from memberpulse.engine.errors import EngineError, Gone, Timeout
from memberpulse.sealing import seal, unseal

Spend = Callable[[], Awaitable[object]]
IDA = "ida@post.example"
PHRASE = "token="


async def verification(engine: Engine) -> Spend:
    """The link of a sign-up."""
    asked = {"email": "nina@post.example", "name": "Nina", "password_hash": "hash", "device": "device"}
    sign_up_id = await engine.mutate(begin_sign_up, caller=system(), **asked)
    token = await _issued(engine, "verify_email", email=asked["email"], subject_id=sign_up_id)
    return lambda: engine.mutate(finish_sign_up, caller=system(), token=token, device="device")


async def reset(engine: Engine) -> Spend:
    token = await _of_a_person(engine, "reset_password")
    return lambda: engine.mutate(reset_password, caller=system(), token=token, password_hash="hash")


async def magic_link(engine: Engine) -> Spend:
    token = await _of_a_person(engine, "magic_link")
    return lambda: engine.mutate(open_magic_link, caller=system(), token=token)


async def new_address(engine: Engine) -> Spend:
    token = await _of_a_person(engine, "change_email", email="new@post.example", values={"from": IDA})
    return lambda: engine.mutate(confirm_email, caller=system(), token=token)


async def invitation(engine: Engine) -> Spend:
    """The link in a letter that invites somebody."""
    owner, _ = await _house(engine)
    ida = await _person(engine)
    await engine.mutate(invite_people, caller=owner, addresses=IDA)
    token = (await _latest_letter(engine)).button[1].partition(PHRASE)[2]  # type: ignore[index]
    return lambda: engine.mutate(accept_invitation, caller=ida, token=token)


async def join_link(engine: Engine) -> Spend:
    """The last use of a link that was passed on, by another person each time."""
    owner, organization_id = await _house(engine)
    await engine.mutate(set_join_policy, caller=owner, policy=JoinPolicy.LINK)
    link_id = await engine.mutate(make_link, caller=owner, max_uses=1)
    sealed = await engine.transact_async(
        lambda ctx: ctx.db.get_one(JoinLink, link_id).sealed_code, system(organization_id)
    )
    code, crowd = unseal(sealed, JOIN_LINK), [await _person(engine, f"p{number}@post.example") for number in range(20)]
    turns, inside = itertools.cycle(crowd), set[uuid.UUID | None]()

    async def spend() -> bool:
        """A person who is in already has not used the link again."""
        person = next(turns)
        await engine.mutate(join_by_link, caller=person, code=code)
        before = len(inside)
        inside.add(person.user_id)
        return len(inside) > before

    return spend


async def newsletter(engine: Engine) -> Spend:
    """The link that puts an address on the list."""
    await engine.mutate(subscribe, caller=ANONYMOUS, email=IDA)
    token = (await _latest_letter(engine)).button[1].partition(PHRASE)[2]  # type: ignore[index]
    return lambda: engine.mutate(confirm_subscription, caller=ANONYMOUS, token=token)


async def mailed_code(engine: Engine) -> Spend:
    """The six digits that prove somebody to one session for one action."""
    ida = await _person(engine)
    await engine.mutate(send_step_up_code, caller=ida, action="account.export")
    code = (await _latest_letter(engine)).code
    return lambda: engine.mutate(try_code, caller=_inside(ida), action="account.export", method="email", code=code)


async def app_code(engine: Engine) -> Spend:
    """What an authenticator app shows in one half minute."""
    ida, secret = await _person(engine), new_secret()

    def set_up(ctx: MutationCtx) -> None:
        app = Authenticator(user_id=ida.user_id, sealed_secret=seal(secret, PURPOSE), confirmed_at=ctx.now)
        ctx.db.add(app)

    await engine.transact_async(set_up, system())
    code = pyotp.TOTP(secret).at(utc_now().timestamp() + 30)  # accepted for a minute and a half from now
    return lambda: engine.mutate(use_totp, caller=system(), user_id=ida.user_id, code=code)


async def recovery_code(engine: Engine) -> Spend:
    ida, code = await _person(engine), "abcd-efgh-jkmn"

    def keep(ctx: MutationCtx) -> None:
        ctx.db.add(RecoveryCode(user_id=ida.user_id, code_hash=recovery_hash(ida.user_id, code)))

    await engine.transact_async(keep, system())
    return lambda: engine.mutate(use_recovery_code, caller=system(), user_id=ida.user_id, code=code)


async def waiting_sign_in(engine: Engine) -> Spend:
    """A sign-in that waits for its second step."""
    ida = await _person(engine)
    held = {"user_id": ida.user_id, "target": "/", "methods": ["passkey"], "better_hash": None}
    await engine.mutate(hold_sign_in, caller=system(), attempt="attempt", **held)
    return lambda: engine.mutate(pass_second_step_by_passkey, caller=system(), attempt="attempt", user_id=ida.user_id)


async def passkey_challenge(engine: Engine) -> Spend:
    asked: dict[str, Any] = {"purpose": "sign-in", "bound_to": "browser"}
    challenge = await engine.mutate(begin_challenge, caller=system(), **asked)
    return lambda: engine.mutate(spend_challenge, caller=system(), challenge=challenge, **asked)


async def trip_elsewhere(engine: Engine) -> Spend:
    """The state of a sign-in with an account elsewhere."""
    trip = {"provider": "oidc", "browser": "browser"}
    state = (await engine.mutate(begin_trip, caller=system(), target="/", **trip)).state
    return lambda: engine.mutate(end_trip, caller=system(), state=state, **trip)


async def data_export(engine: Engine) -> Spend:
    """The address of a copy of one's data."""
    ida = await _person(engine)

    def prove(ctx: MutationCtx) -> None:
        until = ctx.now + timedelta(minutes=10)
        assert ida.session_id is not None
        ctx.db.add(StepUpGrant(session_id=ida.session_id, action="account.export", method="password", expires_at=until))

    await engine.transact_async(prove, system())
    token = (await engine.mutate(prepare_my_export, caller=ida)).partition(PHRASE)[2]
    return lambda: engine.mutate(begin_my_export, caller=ida, token=token)


async def any_kind(engine: Engine) -> Spend:
    """What most kinds stand on, and every new one."""
    token = await _issued(engine, "any")

    def spend(ctx: MutationCtx) -> None:
        spend_token(ctx, kind="any", raw=token)

    return lambda: engine.transact_async(spend, system())


SPENDINGS = {
    each.__name__: each
    for each in (
        verification,
        reset,
        magic_link,
        new_address,
        invitation,
        join_link,
        newsletter,
        mailed_code,
        app_code,
        recovery_code,
        waiting_sign_in,
        passkey_challenge,
        trip_elsewhere,
        data_export,
        any_kind,
    )
}


async def spend_at_once(spend: Spend, times: int) -> int:
    """How many succeed. Each of the others has to be told that it is over or, where so many wait that a turn does not
    come within a minute, to try again; and nobody anything else."""
    answers = await asyncio.gather(*(spend() for _ in range(times)), return_exceptions=True)
    faults = [each for each in answers if isinstance(each, BaseException) and not isinstance(each, EngineError)]
    assert not faults, faults[:3]
    late = [each for each in answers if each is False or isinstance(each, Gone | ProviderOver | Timeout)]
    succeeded = [each for each in answers if each is not False and not isinstance(each, BaseException)]
    assert len(succeeded) + len(late) == times, {type(each).__name__ for each in answers}
    return len(succeeded)


async def _house(engine: Engine) -> tuple[Caller, uuid.UUID]:
    """An organization and its owner."""

    def found(ctx: MutationCtx) -> uuid.UUID:
        return create_organization(ctx, name="Here")

    organization_id = await engine.transact_async(found, system())
    reference = reference_of(new_token())

    def join(ctx: MutationCtx) -> None:
        user_id = create_user(ctx, email="ann@post.example", name="Ann")
        add_member(ctx, user_id=user_id, role=Role.OWNER)
        start_session(ctx, user_id=user_id, token_hash=reference)

    await engine.transact_async(join, system(organization_id))
    return await engine.caller_of(reference), organization_id


async def _person(engine: Engine, email: str = IDA) -> Caller:
    """Somebody signed in whose address is proven."""
    reference = reference_of(new_token())

    def begin(ctx: MutationCtx) -> None:
        user_id = create_user(ctx, email=email, name="Ida")
        prove_address(ctx, user_id=user_id)
        start_session(ctx, user_id=user_id, token_hash=reference)

    await engine.transact_async(begin, system())
    return await engine.caller_of(reference)


def _inside(caller: Caller) -> Caller:
    """As an action of the person's calls what is internal."""
    return Caller("system", caller.user_id, caller.organization_id, session_id=caller.session_id)


async def _latest_letter(engine: Engine) -> Letter:
    def latest(ctx: MutationCtx) -> str:
        return ctx.db.scalars(select(Message.sealed_letter)).one() or ""  # type: ignore[call-overload]

    return open_letter(await engine.transact_async(latest, system()))


async def _of_a_person(engine: Engine, kind: str, **more: object) -> str:
    user_id = await engine.mutate(create_user, caller=system(), email=IDA, name="Ida")
    return await _issued(engine, kind, **{"email": IDA, "user_id": user_id} | more)


async def _issued(engine: Engine, kind: str, **more: object) -> str:
    return await engine.transact_async(lambda ctx: issue_token(ctx, kind=kind, **more), system())  # type: ignore[arg-type]
