"""Sensitive actions take a fresh proof: bound to session and action, ten minutes long, and not to be guessed."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.errors import StepUpRequired
from memberpulse.domains.accounts.models import OneTimeToken, StepUpGrant, User
from memberpulse.domains.accounts.mutations import end_session
from memberpulse.domains.accounts.passwords import hash_password
from memberpulse.domains.accounts.proofs import rules
from memberpulse.domains.accounts.proofs.actions import prove_by_code, prove_by_password
from memberpulse.domains.accounts.proofs.errors import MethodNotOffered, TooManyProofs, UnknownAction, WrongProof
from memberpulse.domains.accounts.proofs.jobs import prune_proofs
from memberpulse.domains.accounts.proofs.models import Authenticator
from memberpulse.domains.accounts.proofs.mutations import send_step_up_code
from memberpulse.domains.accounts.proofs.queries import get_step_up_options
from memberpulse.domains.accounts.proofs.totp import PURPOSE, new_secret
from memberpulse.domains.accounts.step_up import check_proof, require_proof
from memberpulse.domains.mail.delivery import open_letter
from memberpulse.domains.mail.models import Message
from memberpulse.engine import Caller, MutationCtx, system, utc_now
from memberpulse.engine.errors import Forbidden, NotSignedIn
from memberpulse.sealing import seal
from tests.domains.conftest import Cast, signed_in

pytestmark = pytest.mark.anyio
PASSWORD = "correct horse battery staple"
HASH = hash_password(PASSWORD)


@pytest.fixture
async def max_has_a_password(cast: Cast) -> None:
    def give(ctx: MutationCtx) -> None:
        ctx.db.get_one(User, cast.max.user_id).password_hash = HASH

    await cast.write(give)


async def password(cast: Cast, caller: Caller, text: str = PASSWORD, action: str = "account.delete") -> Any:
    return await act(cast, prove_by_password, caller, action=action, password=SecretStr(text))


async def code(cast: Cast, caller: Caller, text: str, method: str = "email", action: str = "account.delete") -> Any:
    return await act(cast, prove_by_code, caller, action=action, method=method, code=SecretStr(text))


async def act(cast: Cast, function: Callable[..., Any], caller: Caller, **arguments: Any) -> Any:
    declared = function.__function__  # type: ignore[attr-defined]
    value, _ = await cast.engine._run(declared, lambda: arguments, caller, None)
    return value


async def may(cast: Cast, caller: Caller, action: str = "account.delete") -> bool:
    try:
        await cast.engine.query(check_proof, caller=as_an_action_does(caller), action=action)
    except StepUpRequired:
        return False
    return True


def as_an_action_does(caller: Caller) -> Caller:
    return Caller("system", caller.user_id, caller.organization_id, session_id=caller.session_id)


async def mailed_code(cast: Cast) -> str:
    def latest(ctx: MutationCtx) -> str:
        message = ctx.db.scalars(select(Message).order_by(col(Message.id).desc())).first()
        return open_letter(message.sealed_letter or "").code if message else ""

    return await cast.write(latest)


async def test_the_right_password_lets_this_session_do_this_action_and_no_other(
    cast: Cast, max_has_a_password: None
) -> None:
    assert not await may(cast, cast.max)
    granted = await password(cast, cast.max)
    assert granted.action == "account.delete"
    assert await may(cast, cast.max)
    assert not await may(cast, cast.max, "account.email")
    elsewhere = await signed_in(cast.engine, cast.max.user_id)
    assert not await may(cast, elsewhere)
    assert not await may(cast, cast.ann)


async def test_a_grant_lasts_ten_minutes(cast: Cast, max_has_a_password: None) -> None:
    await password(cast, cast.max)
    with time_machine.travel(utc_now() + timedelta(minutes=9, seconds=50), tick=True):
        assert await may(cast, cast.max)
    with time_machine.travel(utc_now() + timedelta(minutes=10, seconds=5), tick=True):
        assert not await may(cast, cast.max)
        await cast.write(prune_proofs)
        assert await cast.write(lambda ctx: list(ctx.db.scalars(select(StepUpGrant)))) == []


async def test_signing_out_takes_it_back(cast: Cast, max_has_a_password: None) -> None:
    await password(cast, cast.max)
    await cast.engine.mutate(end_session, caller=system(), token_hash=cast.max.reference)
    assert await cast.write(lambda ctx: list(ctx.db.scalars(select(StepUpGrant)))) == []
    with pytest.raises((NotSignedIn, Forbidden)):
        await password(cast, cast.max)


async def test_a_wrong_password_names_the_field_and_grants_nothing(cast: Cast, max_has_a_password: None) -> None:
    with pytest.raises(WrongProof) as refused:
        await password(cast, cast.max, "guess")
    assert refused.value.fields == {"password": "This is not your password."}
    assert not await may(cast, cast.max)


async def test_after_five_wrong_proofs_in_a_row_one_waits_and_a_right_one_forgives(
    cast: Cast, max_has_a_password: None
) -> None:
    for _ in range(5):
        with pytest.raises(WrongProof):
            await password(cast, cast.max, "guess")
    with pytest.raises(TooManyProofs) as refused:
        await password(cast, cast.max)
    assert 50 <= refused.value.retry_after_seconds <= 60
    with time_machine.travel(utc_now() + timedelta(seconds=61), tick=True):
        await password(cast, cast.max)
        with pytest.raises(WrongProof):
            await password(cast, cast.max, "guess")


async def test_a_person_is_not_guessed_from_many_sessions(cast: Cast, max_has_a_password: None) -> None:
    wrong = 0
    for _ in range(4):
        session = await signed_in(cast.engine, cast.max.user_id)
        for _ in range(5):
            try:
                await password(cast, session, "guess")
            except WrongProof:
                wrong += 1
            except TooManyProofs:
                break
    assert wrong == rules.FREE_TRIES["person"]


async def test_the_password_forgives_no_guess_at_the_second_factor(cast: Cast, max_has_a_password: None) -> None:
    def turn_on(ctx: MutationCtx) -> None:
        sealed = seal(new_secret(), PURPOSE)
        ctx.db.add(Authenticator(user_id=cast.max.user_id, sealed_secret=sealed, confirmed_at=ctx.now))

    await cast.write(turn_on)
    for _ in range(rules.FREE_TRIES["session"]):
        with pytest.raises(WrongProof):
            await code(cast, cast.max, "not a code", method="totp")
        await password(cast, cast.max)
    with pytest.raises(TooManyProofs):
        await code(cast, cast.max, "not a code", method="totp")
    await password(cast, cast.max)


async def test_guesses_at_the_same_moment_gain_nothing(cast: Cast) -> None:
    await cast.engine.mutate(send_step_up_code, caller=cast.max, action="account.delete")
    right = await mailed_code(cast)
    guesses = [f"{n:06d}" for n in range(12) if f"{n:06d}" != right]
    answers = await asyncio.gather(*(code(cast, cast.max, each) for each in guesses), return_exceptions=True)
    assert sum(isinstance(each, WrongProof) for each in answers) <= 5
    assert not any(not isinstance(each, Exception) for each in answers)


async def test_a_mailed_code_works_once_for_its_session_and_action(cast: Cast) -> None:
    await cast.engine.mutate(send_step_up_code, caller=cast.max, action="account.delete")
    sent = await mailed_code(cast)
    elsewhere = await signed_in(cast.engine, cast.max.user_id)
    for caller, action in ((elsewhere, "account.delete"), (cast.max, "account.email"), (cast.ann, "account.delete")):
        with pytest.raises(WrongProof):
            await code(cast, caller, sent, action=action)
    await code(cast, cast.max, f" {sent[:3]} {sent[3:]} ")
    assert await may(cast, cast.max)
    with pytest.raises(WrongProof):
        await code(cast, cast.max, sent)


async def test_only_the_code_of_the_last_letter_works_and_not_for_long(cast: Cast) -> None:
    await cast.engine.mutate(send_step_up_code, caller=cast.max, action="account.delete")
    first = await mailed_code(cast)
    await cast.engine.mutate(send_step_up_code, caller=cast.max, action="account.delete")
    second = await mailed_code(cast)
    if first != second:
        with pytest.raises(WrongProof):
            await code(cast, cast.max, first)
    with time_machine.travel(utc_now() + timedelta(minutes=11), tick=True), pytest.raises(WrongProof):
        await code(cast, cast.max, second)


async def test_a_code_is_worth_nothing_after_five_wrong_ones(cast: Cast) -> None:
    await cast.engine.mutate(send_step_up_code, caller=cast.max, action="account.delete")
    right = await mailed_code(cast)
    for wrong in [f"{n:06d}" for n in range(6) if f"{n:06d}" != right][:5]:
        with pytest.raises(WrongProof):
            await code(cast, cast.max, wrong)
    with time_machine.travel(utc_now() + timedelta(seconds=61), tick=True), pytest.raises(WrongProof):
        await code(cast, cast.max, right)


async def test_neither_the_code_nor_the_password_is_kept_readable(cast: Cast, max_has_a_password: None) -> None:
    await cast.engine.mutate(send_step_up_code, caller=cast.max, action="account.delete")
    sent = await mailed_code(cast)
    tokens = await cast.write(lambda ctx: [each.model_dump_json() for each in ctx.db.scalars(select(OneTimeToken))])
    letters = await cast.write(lambda ctx: [each.model_dump_json() for each in ctx.db.scalars(select(Message))])
    assert not [each for each in tokens + letters if sent in each]
    declared = prove_by_password.__function__  # type: ignore[attr-defined]
    first, second = ({"action": "account.delete", "password": SecretStr(each)} for each in ("one", "two"))
    assert declared.arguments.canonical(first) == declared.arguments.canonical(second)


async def test_one_proves_oneself_only_by_what_one_has(cast: Cast) -> None:
    offered = await cast.engine.query(get_step_up_options, caller=cast.max, action="account.delete")
    assert (offered.methods, offered.email, offered.title) == (["email"], "m•••@post.example", "Delete your account")
    with pytest.raises(MethodNotOffered):
        await password(cast, cast.max)
    with pytest.raises(MethodNotOffered):
        await code(cast, cast.max, "000000", method="totp")


async def test_what_is_not_sensitive_is_no_action_to_confirm(cast: Cast) -> None:
    with pytest.raises(UnknownAction):
        await cast.engine.query(get_step_up_options, caller=cast.max, action="tea.make")
    with pytest.raises(UnknownAction):
        await cast.engine.mutate(send_step_up_code, caller=cast.max, action="tea.make")
    with pytest.raises(UnknownAction):
        await password(cast, cast.max, action="tea.make")


async def test_an_actions_mutation_asks_its_person_and_a_jobs_asks_nobody(cast: Cast) -> None:
    def sensitive(ctx: MutationCtx) -> bool:
        require_proof(ctx, "account.delete")
        return True

    assert await cast.engine.transact_async(sensitive, system())
    with pytest.raises(StepUpRequired) as refused:
        await cast.engine.transact_async(sensitive, as_an_action_does(cast.max))
    assert refused.value.fields == {"action": "account.delete"}


def test_a_second_factor_stands_before_what_would_weaken_it() -> None:
    held: list[rules.Method] = ["email", "password", "totp", "passkey", "recovery"]
    assert rules.methods_for("account.totp", held) == ["passkey", "totp", "recovery"]
    assert rules.methods_for("account.delete", held) == ["passkey", "totp", "password", "recovery"]
    assert rules.methods_for("account.totp", ["email", "password"]) == ["password", "email"]


def test_the_wait_doubles_up_to_a_quarter_of_an_hour() -> None:
    waits = [rules.wait_after(wrong, 5).total_seconds() / 60 for wrong in (0, 4, 5, 6, 7, 8, 9, 500)]
    assert waits == [0, 0, 1, 2, 4, 8, 15, 15]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("123456", "123456"), (" 123 456 ", "123456"), ("123-456", "123456"), ("12345", ""), ("１２３４５６", "")],
)
def test_spaces_and_dashes_in_a_code_do_not_count(typed: str, meant: str) -> None:
    assert rules.typed_digits(typed) == meant
