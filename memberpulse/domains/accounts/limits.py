"""How often one may knock at the doors of accounts: all budgets that are not a function's own.

Every attempt counts before it is looked at, so that guesses in parallel gain nothing. An attempt has to fit three
budgets, in this order, so that what one network is refused does not count against the account:

    network    of everything from one network address (of IPv6 its /64)
    pair       of one account, from one network address
    account    of one account, from everywhere

A stranger can use up the last one with many addresses, and must not lock a person out by that: a device on which the
account was signed in to before has a budget of its own, `pair`, and asks for no other. On a new device, and under such
an attack, a link by mail still signs in; its budgets are no longer than the life of the link, so that when a stranger
has used them up there is a link in the mailbox that works.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from starlette.requests import Request

from memberpulse.domains.accounts.devices import account_key, device_of
from memberpulse.engine.limits import Limiter
from memberpulse.engine.limits import network_of as network_of_address
from memberpulse.settings import get_settings

Door = Literal["demo", "sign-in", "sign-up", "resend", "forgotten", "magic-link", "open-link", "new-password"]


@dataclass(frozen=True, slots=True)
class Budget:
    network: str
    pair: str = ""
    account: str = ""


BUDGETS: dict[Door, Budget] = {
    "demo": Budget(network="120/10 minutes"),
    "sign-in": Budget(network="120/10 minutes", pair="10/15 minutes", account="100/hour"),
    "sign-up": Budget(network="30/10 minutes", pair="5/15 minutes", account="10/15 minutes"),
    "resend": Budget(network="30/10 minutes", pair="3/15 minutes", account="6/15 minutes"),
    "forgotten": Budget(network="30/10 minutes", pair="3/15 minutes", account="6/15 minutes"),
    "magic-link": Budget(network="30/10 minutes", pair="3/15 minutes", account="6/15 minutes"),
    "open-link": Budget(network="60/10 minutes"),
    "new-password": Budget(network="120/10 minutes"),
}
"""new-password: forms with a new password, whose strength takes time to estimate."""


async def count_attempt(request: Request, door: Door, email: str = "") -> None:
    """Count an attempt at a door, of an account when an address is given. Raises TooMany (429)."""
    budget, network = BUDGETS[door], network_of(request)
    device = device_of(request)
    if email and device.knows(email):
        return await limiter().check(budget.pair, door, "device", device.id, account_key(email))
    await limiter().check(budget.network, door, "network", network)
    if email:
        await limiter().check(budget.pair, door, "pair", network, account_key(email))
        await limiter().check(budget.account, door, "account", account_key(email))
    return None


def network_of(request: Request) -> str:
    """Whom to count as one: an IPv4 address, or the /64 that one customer has of IPv6."""
    return network_of_address(request.client.host if request.client else "")


@lru_cache(maxsize=1)
def limiter() -> Limiter:
    return Limiter(get_settings().redis_url)
