"""Decisions about proofs. No database, no clock."""

import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Literal

Method = Literal["passkey", "totp", "password", "email", "recovery"]
BEST_FIRST: tuple[Method, ...] = ("passkey", "totp", "password", "email", "recovery")

SECOND_FACTOR: tuple[Method, ...] = ("passkey", "totp", "recovery")
GUARDED_BY_SECOND_FACTOR = frozenset({"account.passkeys", "account.recovery_codes", "account.totp"})
"""What weakens the second factor takes the second factor: a stolen password alone must not end it."""

CODE_LIFE = timedelta(minutes=10)
TRIES_OF_A_CODE = 5
FREE_TRIES = {"session": 5, "person": 15, "sign-in": 5}
"""How many wrong proofs in a row cost nothing, of one session, to one person, and at the second step of signing in."""
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)
FORGIVEN_AFTER = timedelta(hours=24)

RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letters or digits that look alike."""


def methods_for(action: str, held: Collection[Method]) -> list[Method]:
    """By which of the methods that a person has they may prove themselves for an action, the best first.

    A mailed code counts while there is no second factor: somebody at an open mailbox must not get around it. What
    guards the second factor itself asks for it, once there is one.
    """
    strong = bool({"passkey", "totp"} & set(held))
    if strong and action in GUARDED_BY_SECOND_FACTOR:
        return [method for method in SECOND_FACTOR if method in held]
    return [method for method in BEST_FIRST if method in held and not (strong and method == "email")]


def wait_after(wrong: int, free: int) -> timedelta:
    """How long after the last of so many wrong proofs in a row the next may come."""
    if wrong < free:
        return timedelta()
    return min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(wrong - free, 10))


def mask_email(address: str) -> str:
    """Enough of an address for its owner to know it: "m•••@post.example"."""
    name, _, host = address.partition("@")
    return f"{name[:1]}•••@{host}"


def new_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(1_000_000):06d}"


def new_recovery_code() -> str:
    """Ten characters in two groups, 49 random bits: "k7mq2-xp4vd"."""
    drawn = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    return f"{drawn[:5]}-{drawn[5:]}"


def typed_digits(text: str) -> str:
    """A code of digits as it was meant: spaces and dashes do not count. Empty when it is none."""
    plain = "".join(text.split()).replace("-", "")
    return plain if plain.isascii() and plain.isdigit() and len(plain) == 6 else ""


def typed_recovery_code(text: str) -> str:
    """A recovery code as it was meant: neither case, spaces nor dashes count."""
    return "".join(text.split()).replace("-", "").lower()[:40]
