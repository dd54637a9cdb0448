"""Proving oneself. Actions, since a wrong try must stay counted although the call is refused.

Passwords and codes are `SecretStr`: what the engine remembers of a call then holds nothing of them.
"""

from typing import Literal

from pydantic import SecretStr

from memberpulse.domains.accounts.passwords import verify_password
from memberpulse.domains.accounts.proofs.errors import MethodNotOffered, UnknownAction, WrongProof
from memberpulse.domains.accounts.proofs.mutations import count_step_up_try, grant_proof, refuse_proof, try_code
from memberpulse.domains.accounts.proofs.queries import find_person_to_prove
from memberpulse.domains.accounts.proofs.rules import Method
from memberpulse.domains.accounts.proofs.schemas import Granted, PersonToProve
from memberpulse.domains.accounts.step_up import SENSITIVE
from memberpulse.engine import SIGNED_IN, ActionCtx, action
from memberpulse.engine.errors import NotSignedIn

TRIES = "30/10 minutes"
"""Of one person, right or wrong, and ten times that from one network. Wrong ones in a row are stopped much sooner."""
_WRONG: dict[Method, str] = {
    "password": "This is not your password.",
    "totp": "This is not the code that the app shows now. Each code works once.",
    "recovery": "This is none of your recovery codes, or it was used.",
    "email": "This is not the code of the last letter, or it is too old.",
}


@action(requires=SIGNED_IN, limit=TRIES)
async def prove_by_password(ctx: ActionCtx, *, action: str, password: SecretStr) -> Granted:
    """Prove oneself to this session for one action, for ten minutes.

    Raises WrongProof (403), TooManyProofs (429), MethodNotOffered (409), UnknownAction (422).
    """
    person = await _person(ctx, action, "password")
    wrong = await ctx.mutate(count_step_up_try, method="password")
    right, _ = await verify_password(password.get_secret_value(), person.password_hash)
    if not right:
        await _refuse(ctx, "password", wrong, field="password")
    return await ctx.mutate(grant_proof, action=action, method="password")


@action(requires=SIGNED_IN, limit=TRIES)
async def prove_by_code(
    ctx: ActionCtx, *, action: str, method: Literal["totp", "email", "recovery"], code: SecretStr
) -> Granted:
    """Prove oneself by a code of the authenticator app, of a letter (`send_step_up_code`) or for recovery.

    Raises as `prove_by_password` does.
    """
    await _person(ctx, action, method)
    wrong = await ctx.mutate(count_step_up_try, method=method)
    typed = code.get_secret_value()[:100]
    if not await ctx.mutate(try_code, action=action, method=method, code=typed):
        await _refuse(ctx, method, wrong, field="code")
    return await ctx.mutate(grant_proof, action=action, method=method)


async def _person(ctx: ActionCtx, action: str, method: Method) -> PersonToProve:
    if action not in SENSITIVE:
        raise UnknownAction(fields={"action": UnknownAction.message})
    if ctx.caller.user_id is None:
        raise NotSignedIn
    person: PersonToProve = await ctx.query(find_person_to_prove, user_id=ctx.caller.user_id, action=action)
    if method not in person.methods:
        raise MethodNotOffered
    return person


async def _refuse(ctx: ActionCtx, method: Method, wrong: int, *, field: str) -> None:
    await ctx.mutate(refuse_proof, method=method, wrong=wrong)
    raise WrongProof(_WRONG[method], fields={field: _WRONG[method]})
