"""Codes of an authenticator app. Source: RFC 6238, six digits every thirty seconds over SHA-1, as all apps do."""

import hmac
from datetime import datetime

import pyotp
from pyotp.totp import TOTP

STEP_SECONDS = 30
DRIFT_STEPS = 1
"""How many steps a clock may be off, to either side."""
PURPOSE = "authenticator"
"""What the secret is sealed for."""


def new_secret() -> str:
    """160 random bits in base32."""
    return pyotp.random_base32()


def matching_step(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """The time step of which `code` is the code; None when it is none, or of a step that is not after `after`."""
    current = int(now.timestamp()) // STEP_SECONDS
    maker = TOTP(secret)
    found: int | None = None
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        if hmac.compare_digest(maker.generate_otp(step), code) and step > after:
            found = step
    return found


def enrolment_address(secret: str, *, email: str, issuer: str) -> str:
    """What the QR code says: an otpauth:// address."""
    return TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)
