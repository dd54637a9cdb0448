"""Sealing what must be stored or sent but not read: authenticated encryption under this server's secret.

The secret is MEMBERPULSE_SECRET, or one that the first start makes and keeps in the data folder. Each purpose has a key
of its own, so that what was sealed for one cannot be passed off as another's.
"""

import base64
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from memberpulse.settings import get_settings

SECRET_FILE = "secret"  # noqa: S105  the name of a file


class Unreadable(Exception):
    """The text was sealed by another server, for another purpose, too long ago, or never."""


def seal(text: str, purpose: str) -> str:
    """The text encrypted and signed, as URL-safe ASCII."""
    return _box(_secret(), purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, purpose: str, *, max_age_seconds: int | None = None) -> str:
    """The text inside. Raises Unreadable."""
    try:
        return _box(_secret(), purpose).decrypt(sealed.encode(), ttl=max_age_seconds).decode()
    except (InvalidToken, UnicodeError):
        raise Unreadable from None


def fingerprint(text: str, purpose: str) -> str:
    """What to keep of a short secret, such as six digits: without this server's secret nobody can guess it back."""
    return hmac.digest(_key(_secret(), f"fingerprint:{purpose}"), text.encode(), "sha256").hex()


def _box(secret: str, purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key(secret, purpose)))


@lru_cache(maxsize=32)
def _key(secret: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())


def _secret() -> str:
    settings = get_settings()
    return settings.secret or _kept_secret(settings.data)


@lru_cache(maxsize=4)
def _kept_secret(data: Path) -> str:
    """The secret of the data folder, made at first use. Two processes that start together agree on one."""
    file = data / SECRET_FILE
    data.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        made = data / f".{SECRET_FILE}-{os.getpid()}"
        made.touch(mode=0o600)
        made.write_text(secrets.token_hex(32))
        try:
            os.link(made, file)
        except FileExistsError:
            pass  # the other process was first
        finally:
            made.unlink()
    return file.read_text().strip()
