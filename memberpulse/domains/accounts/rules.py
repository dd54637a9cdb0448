"""Decisions about names, addresses, sessions and redirects. No database, no clock."""

import hashlib
import re
import secrets
import unicodedata
import uuid
from datetime import timedelta
from urllib.parse import urlsplit

SESSION_DAYS = 30
SESSION_LIFE = timedelta(days=SESSION_DAYS)
FORMER_LIFE = timedelta(seconds=60)
"""How long a token that was renewed by itself is still good, for what was under way."""
SEEN_EVERY = timedelta(minutes=10)
"""How exactly the last use of a session is kept."""
TINTS = 6
HOME = "/dashboard"
WELCOME = "/welcome"
"""Where somebody begins who belongs to no organization."""

_NOT_DECOMPOSED = str.maketrans(
    {"\u0131": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"}
)
_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def fold(text: str) -> str:
    """Text as it is sorted and searched: no case, no accents, single spaces. "Škoda" becomes "skoda"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_NOT_DECOMPOSED))
    return " ".join("".join(each for each in decomposed if not unicodedata.combining(each)).split())


def normalize_email(address: str) -> str:
    return address.strip().lower()


def initials_of(name: str) -> str:
    """One or two letters for an avatar: of the first and the last word."""
    words = [word for word in name.split() if word[0].isalnum()]
    if not words:
        return "?"
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper()


def tint_of(user_id: uuid.UUID) -> int:
    """Which of the six avatar tints a person has, for good. 1 to 6."""
    return user_id.int % TINTS + 1


def new_token() -> str:
    """A session token of 256 random bits."""
    return secrets.token_urlsafe(32)


def reference_of(token: str) -> str:
    """What the server keeps of a session token."""
    return hashlib.sha256(token.encode()).hexdigest()


def safe_next(target: str | None) -> str:
    """A path on this site to go on to, HOME for anything else: another host, a scheme, a trick with slashes."""
    if not target or not target.startswith("/") or target[1:2] in ("/", "\\"):
        return HOME
    if "\\" in target or _CONTROL.search(target) or len(target) > 500:
        return HOME
    parts = urlsplit(target)
    return HOME if parts.scheme or parts.netloc or parts.path.startswith(("/auth", "//")) else target


def describe_device(user_agent: str) -> str:
    """A browser and a system in words, such as "Firefox on Windows"."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "A browser")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), None)
    return f"{browser} on {system}" if system else browser
