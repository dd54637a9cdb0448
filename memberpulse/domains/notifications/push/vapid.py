"""Who pushes: this server's key pair for push services (VAPID, RFC 8292), made at the first start.

The private key is MEMBERPULSE_VAPID_KEY, or a file in the data folder. Browsers subscribe to the public one: with
another key pair they have to be added anew.
"""

import os
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from memberpulse.settings import get_settings
from memberpulse.sites import site

KEY_FILE = "vapid.pem"
LIFE_SECONDS = 12 * 3600
"""Push services take no token that is good for longer than a day."""


@dataclass(frozen=True, slots=True)
class Keys:
    """public: as browsers want it, the point in base64url."""

    private_pem: bytes
    public_pem: bytes
    public: str


def keys() -> Keys:
    """This server's keys, made at first use."""
    settings = get_settings()
    return _keys_of(_given(settings.vapid_key) if settings.vapid_key else _kept(settings.data))


def authorization(endpoint: str) -> str:
    """What shows the push service at that address that it is us, for half a day."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int(time.time()) + LIFE_SECONDS, "sub": contact()}
    ours = keys()
    token = jwt.encode(claims, ours.private_pem, algorithm="ES256")
    return f"vapid t={token}, k={ours.public}"


def contact() -> str:
    """Whom a push service may write to: the sender of our mail, else the site, else the site's postmaster."""
    settings = get_settings()
    address = parseaddr(settings.resend_from)[1]
    if address:
        return f"mailto:{address}"
    found = site()
    return found if found.startswith("https://") else f"mailto:postmaster@{urlsplit(found).hostname}"


@lru_cache(maxsize=4)
def _keys_of(private_pem: bytes) -> Keys:
    private = serialization.load_pem_private_key(private_pem, None)
    if not isinstance(private, ec.EllipticCurvePrivateKey) or private.curve.name != "secp256r1":
        raise ValueError("The VAPID key is no P-256 key.")
    public = private.public_key()
    point = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return Keys(
        private_pem,
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        urlsafe_b64encode(point).rstrip(b"=").decode(),
    )


@lru_cache(maxsize=4)
def _given(text: str) -> bytes:
    return _pem(ec.derive_private_key(int.from_bytes(urlsafe_b64decode(text + "=" * (-len(text) % 4))), ec.SECP256R1()))


@lru_cache(maxsize=4)
def _kept(data: Path) -> bytes:
    """The key of the data folder. Two processes that start together agree on one."""
    file = data / KEY_FILE
    data.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        made = data / f".{KEY_FILE}-{os.getpid()}"
        made.touch(mode=0o600)
        made.write_bytes(_pem(ec.generate_private_key(ec.SECP256R1())))
        with suppress(FileExistsError):  # the other process was first
            os.link(made, file)
        made.unlink()
    return file.read_bytes()


def _pem(private: ec.EllipticCurvePrivateKey) -> bytes:
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return private.private_bytes(serialization.Encoding.PEM, form, none)
