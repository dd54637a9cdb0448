"""A person's own profile: what they are called, where they are, and how times are written for them."""

import uuid
from dataclasses import asdict, dataclass
from functools import lru_cache
from zoneinfo import available_timezones

from memberpulse.domains.accounts.errors import BadProfile
from memberpulse.domains.accounts.facts import ProfileChanged
from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.rules import fold, initials_of, tint_of
from memberpulse.engine import SIGNED_IN, MutationCtx, QueryCtx, mutation, query

LOCALES = {
    "en-GB": "English, United Kingdom",
    "en-AU": "English, Australia",
    "en-CA": "English, Canada",
    "en-IE": "English, Ireland",
    "en-IN": "English, India",
    "en-NZ": "English, New Zealand",
    "en-ZA": "English, South Africa",
    "en-US": "English, United States",
    "da-DK": "Danish",
    "nl-NL": "Dutch",
    "fi-FI": "Finnish",
    "fr-FR": "French",
    "de-DE": "German",
    "it-IT": "Italian",
    "nb-NO": "Norwegian",
    "pl-PL": "Polish",
    "pt-PT": "Portuguese",
    "es-ES": "Spanish",
    "sv-SE": "Swedish",
    "tr-TR": "Turkish",
}
"""How dates, times and numbers may be written. The words of the interface are English."""

MAX_CHARACTERS = {"name": 120, "city": 80, "state": 80, "postcode": 16}


@dataclass(frozen=True, slots=True)
class ProfileFields:
    """What a person may change about themselves."""

    name: str
    time_zone: str
    locale: str
    city: str
    state: str
    postcode: str


@dataclass(frozen=True, slots=True)
class ProfileView:
    """A person as they see themselves. picture: the random name of their picture, if they have one."""

    id: uuid.UUID
    email: str
    initials: str
    tint: int
    picture: str | None
    name: str
    time_zone: str
    locale: str
    city: str
    state: str
    postcode: str


@query(requires=SIGNED_IN)
def get_my_profile(ctx: QueryCtx) -> ProfileView:
    """The caller's own profile."""
    user = ctx.db.get_one(User, ctx.user_id)
    return ProfileView(
        id=user.id,
        email=user.email,
        initials=initials_of(user.name),
        tint=tint_of(user.id),
        picture=user.picture,
        **asdict(_fields_of(user)),
    )


@mutation(requires=SIGNED_IN, limit="30/minute")
def update_profile(
    ctx: MutationCtx, *, name: str, time_zone: str, locale: str, city: str = "", state: str = "", postcode: str = ""
) -> ProfileFields:
    """Change the caller's profile as a whole, and return it as it was, so that it can be undone.

    time_zone: a name of the IANA database. locale: one of LOCALES. Raises BadProfile (422) with a message per field.
    """
    fields = clean_profile(ProfileFields(name, time_zone, locale, city, state, postcode))
    user = ctx.db.get_one(User, ctx.user_id)
    before = _fields_of(user)
    changed = tuple(each for each, value in asdict(fields).items() if value != getattr(before, each))
    if changed:
        for each in changed:
            setattr(user, each, getattr(fields, each))
        user.name_key = fold(user.name)
        ctx.db.flush()
        ctx.record(ProfileChanged(entity_id=user.id, user_id=user.id, changed=changed))
    return before


def clean_profile(given: ProfileFields) -> ProfileFields:
    """The fields without stray space. Raises BadProfile (422) with a message per field."""
    clean = ProfileFields(**{field: " ".join(text.split()) for field, text in asdict(given).items()})
    faults = {
        field: f"Use at most {most} characters."
        for field, most in MAX_CHARACTERS.items()
        if len(getattr(clean, field)) > most
    }
    if not any(letter.isalnum() for letter in clean.name) or not clean.name.isprintable() or "://" in clean.name:
        faults["name"] = "Say what others should call you."
    if clean.time_zone not in time_zones():
        faults["time_zone"] = "Choose a time zone from the list."
    if clean.locale not in LOCALES:
        faults["locale"] = "Choose one from the list."
    if faults:
        raise BadProfile(fields=faults)
    return clean


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _fields_of(user: User) -> ProfileFields:
    return ProfileFields(user.name, user.time_zone, user.locale, user.city, user.state, user.postcode)
