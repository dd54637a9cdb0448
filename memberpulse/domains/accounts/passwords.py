"""Hashing and checking passwords, off the event loop and two at a time, since each takes 64 MB and a core."""

from collections.abc import Collection
from functools import lru_cache, partial

from anyio import CapacityLimiter, to_thread
from pwdlib import PasswordHash

from memberpulse.domains.accounts.password_rules import Fault, password_fault

MAX_PASSWORD_CHARACTERS = 1024
AT_ONCE = 2

_argon2 = PasswordHash.recommended()


def hash_password(password: str) -> str:
    """Argon2id with the library's current parameters. Blocks for some 50 ms."""
    return _argon2.hash(password)


async def hash_off_loop(password: str) -> str:
    """`hash_password`, in a thread."""
    return await to_thread.run_sync(hash_password, password, limiter=_limiter())


async def judge_password(password: str, *, about: Collection[str]) -> Fault | None:
    """`password_fault`, in a thread."""
    return await to_thread.run_sync(partial(password_fault, password, about=about), limiter=_limiter())


async def verify_password(password: str, known_hash: str | None) -> tuple[bool, str | None]:
    """Whether it is right, and a new hash when the parameters have moved on since.

    Takes as long when there is no hash to compare with, so that time does not tell which accounts exist.
    """
    tried = password[:MAX_PASSWORD_CHARACTERS]
    right, better = await to_thread.run_sync(_verify, tried, known_hash, limiter=_limiter())
    return (right, better) if known_hash is not None else (False, None)


def _verify(password: str, known_hash: str | None) -> tuple[bool, str | None]:
    return _argon2.verify_and_update(password, known_hash or _nobodys_hash())


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return hash_password("the password of nobody")


@lru_cache(maxsize=1)
def _limiter() -> CapacityLimiter:
    return CapacityLimiter(AT_ONCE)
