"""Devices on which somebody signed in before: a sealed cookie that says for which accounts.

It signs nobody in. It only keeps strangers who guess at an account from using up the tries of its owner, and lets a
sign-up be finished without typing the password again. It holds a random name of the browser and, as keyed hashes,
the addresses of the accounts that were signed in to on it. The gate passes it on in `scope["memberpulse.device"]`.
"""

import json
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from memberpulse.domains.accounts.cookies import is_secure
from memberpulse.domains.accounts.rules import normalize_email, reference_of
from memberpulse.sealing import Unreadable, fingerprint, seal, unseal

SECURE_COOKIE = "__Host-memberpulse-device"
PLAIN_COOKIE = "memberpulse-device"
PURPOSE = "device"
LIFE = timedelta(days=400)
"""The longest that browsers keep a cookie."""
ACCOUNTS = 8
"""How many accounts a device remembers, the latest ones."""


@dataclass(frozen=True, slots=True)
class Device:
    """A browser. accounts: those that it has signed in to, the latest last."""

    id: str
    accounts: tuple[str, ...] = ()

    def knows(self, email: str) -> bool:
        return account_key(email) in self.accounts

    @property
    def reference(self) -> str:
        """What the server keeps of a browser."""
        return reference_of(self.id)


def account_key(email: str) -> str:
    """An account as limits and devices name it, without its address."""
    return fingerprint(normalize_email(email), PURPOSE)[:32]


def device_of(request: Request) -> Device:
    """The browser that asks; a new one when it shows no cookie of ours."""
    sealed = request.scope.get("memberpulse.device")
    try:
        found = json.loads(unseal(sealed or "", PURPOSE, max_age_seconds=int(LIFE.total_seconds())))
        return Device(str(found["id"]), tuple(str(each) for each in found["accounts"]))
    except (Unreadable, ValueError, KeyError, TypeError):
        return Device(secrets.token_urlsafe(16))


def remember_device(request: Request, response: Response, device: Device, *, email: str | None = None) -> None:
    """Give the browser its cookie; with an address, as one that has signed in to that account."""
    if email is not None:
        key = account_key(email)
        others = tuple(each for each in device.accounts if each != key)
        device = replace(device, accounts=(*others, key)[-ACCOUNTS:])
    secure = is_secure(request)
    response.set_cookie(
        SECURE_COOKIE if secure else PLAIN_COOKIE,
        seal(json.dumps({"id": device.id, "accounts": device.accounts}), PURPOSE),
        max_age=int(LIFE.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
