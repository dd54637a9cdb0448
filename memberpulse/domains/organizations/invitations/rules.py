"""Decisions about addresses, roles and time. No database, no clock."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email

from memberpulse.domains.accounts.rules import normalize_email
from memberpulse.domains.organizations.invitations.errors import BadAddress, RoleTooHigh
from memberpulse.domains.organizations.models import Role

INVITATION_LIFE = timedelta(days=14)
RESEND_AFTER = timedelta(minutes=1)
UNDO = timedelta(seconds=60)
"""How long a revocation can be undone; the screen offers it for ten seconds."""
MOST_AT_ONCE = 200
MOST_A_DAY = 500
"""Letters to addresses that somebody typed, of one organization. A club is not a mailing service."""
MOST_IMPORTED_A_DAY = 10_000
"""Letters to addresses of imported files, of one organization: as many as one file may have."""
MOST_TO_ONE_A_DAY = 5
"""Letters of one invitation."""
MAX_MESSAGE_CHARACTERS = 500

_BRACKETED = re.compile(r"^(?P<name>[^<>]*)<(?P<address>[^<>]+)>$")


@dataclass(frozen=True, slots=True)
class TypedAddress:
    """One entry of a list that somebody typed. problem: why it is no address, empty when it is one."""

    email: str
    name: str
    problem: str = ""


def read_addresses(text: str) -> list[TypedAddress]:
    """Addresses separated by commas, semicolons or line breaks; "Ann Lee <ann@post.example>" keeps the name."""
    entries = [entry.strip() for entry in re.split(r"[,;\n\r]+", text)]
    return [_read_address(entry) for entry in entries if entry]


def check_address(address: str) -> str:
    """The address in lower case. Raises BadAddress (422)."""
    if problem := problem_of(address):
        raise BadAddress(fields={"email": problem})
    return normalize_email(address)


def problem_of(address: str) -> str:
    """Why a text is no e-mail address, in one sentence; empty when it is one. Asks no server."""
    cleaned = normalize_email(address)
    if not cleaned:
        return "The address is missing."
    if len(cleaned) > 254:
        return "An address has at most 254 characters."
    try:
        validate_email(cleaned, check_deliverability=False)
    except EmailNotValidError as error:
        return str(error)
    return ""


def check_grant(*, actor: Role, wanted: Role) -> None:
    """Whether `actor` may invite with that role: never more than they could give. Raises RoleTooHigh (403)."""
    if wanted is Role.OWNER and actor is not Role.OWNER:
        raise RoleTooHigh(fields={"role": RoleTooHigh.message})


def may_resend(*, sent_at: datetime, now: datetime) -> bool:
    return now - sent_at >= RESEND_AFTER


def link_is_open(
    *, revoked_at: datetime | None, expires_at: datetime | None, max_uses: int | None, uses: int, now: datetime
) -> bool:
    """Whether one more person may join by a link."""
    if revoked_at is not None or (expires_at is not None and expires_at <= now):
        return False
    return max_uses is None or uses < max_uses


def _read_address(entry: str) -> TypedAddress:
    found = _BRACKETED.match(entry)
    name, address = (found["name"].strip(" \"'"), found["address"]) if found else ("", entry)
    return TypedAddress(normalize_email(address)[:254], name[:120], problem_of(address))
