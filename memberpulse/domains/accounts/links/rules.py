"""Decisions about links. No database, no clock."""

from datetime import timedelta
from typing import Literal

from email_validator import EmailNotValidError, validate_email

from memberpulse.domains.accounts.rules import normalize_email

Kind = Literal["verify_email", "reset_password", "magic_link", "change_email"]

PAGES: dict[Kind, str] = {
    "verify_email": "/verify",
    "reset_password": "/reset-password",
    "magic_link": "/magic-link",
    "change_email": "/confirm-email",
}
"""Where a link of each kind leads. Opening it consumes nothing; only the button there does."""

SIGN_UP_LIFE = timedelta(hours=24)
"""So long a sign-up waits for its address to be confirmed, by one link after another."""
LONGEST_NAME = 120
LONGEST_EMAIL = 254


def address_of(text: str) -> str | None:
    """An e-mail address as it is kept; None when the text is none. Nobody is asked whether it exists."""
    try:
        found = validate_email(text.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        return None
    return normalize_email(found) if len(found) <= LONGEST_EMAIL else None


def is_plain_case(address: str) -> bool:
    """Whether making an address lower-case leaves all letters but A to Z as they are: the Kelvin sign becomes a k, and
    would be somebody else's address."""
    return all(each.isascii() or each.lower() == each for each in address)


def name_of(text: str) -> str | None:
    """A person's name with single spaces; None when it is none."""
    name = " ".join(text.split())
    fits = 0 < len(name) <= LONGEST_NAME and name.isprintable() and any(each.isalpha() for each in name)
    return name if fits and "://" not in name else None
