"""Choosing another password while signed in. An action, since hashing takes long and must not hold the writer."""

from pydantic import SecretStr

from memberpulse.domains.accounts.links.errors import WeakPassword
from memberpulse.domains.accounts.links.mutations import set_password
from memberpulse.domains.accounts.links.queries import find_person
from memberpulse.domains.accounts.links.schemas import LinkHolder
from memberpulse.domains.accounts.password_rules import SENTENCES
from memberpulse.domains.accounts.passwords import hash_off_loop, judge_password
from memberpulse.domains.accounts.step_up import check_proof
from memberpulse.engine import SIGNED_IN, ActionCtx, action
from memberpulse.engine.errors import NotSignedIn


@action(requires=SIGNED_IN, limit="20/hour")
async def change_password(ctx: ActionCtx, *, password: SecretStr) -> None:
    """Change the caller's password, or set a first one, and sign every other device out.

    Afterwards the screen posts to /auth/renew, so that this device has a new token too.
    Raises WeakPassword (422), StepUpRequired (403).
    """
    if ctx.caller.user_id is None:
        raise NotSignedIn
    await ctx.query(check_proof, action="account.password")
    person: LinkHolder = await ctx.query(find_person, user_id=ctx.caller.user_id)
    chosen = password.get_secret_value()
    fault = await judge_password(chosen, about=(person.name, person.email))
    if fault is not None:
        raise WeakPassword(fields={"password": SENTENCES[fault]})
    await ctx.mutate(set_password, user_id=ctx.caller.user_id, password_hash=await hash_off_loop(chosen))
