"""The demo's audit log of the past: what would have been noted over the last year."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from memberpulse.demo.people import FERNHILL, MONTHS_OF_SIGN_INS, SIGN_INS, Extra, id_of
from memberpulse.demo.words import ANNOUNCEMENTS, REQUESTS
from memberpulse.domains.audit.mutations import EntryImport
from memberpulse.domains.organizations.models import Role

MONTH = timedelta(days=30.4)
BEGINS = timedelta(days=360)
_DEVICES = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile Safari/537.36",
)


def past_entries(now: datetime, chance: Random) -> list[EntryImport]:
    """The oldest first: who joined, whose role changed, what was posted and decided, in the last year."""
    found = [*_joined(now), *_promoted(now), *_posted(now, chance), *_decided(now, chance), *_organization(now)]
    by_day = [replace(each, at=each.at.replace(hour=8 + each.at.hour % 12)) for each in found]
    return sorted((each for each in by_day if now - BEGINS <= each.at < now), key=lambda each: each.at)


def _entry(at: datetime, who: uuid.UUID, entity_type: str, action: str, **more: Any) -> EntryImport:
    return EntryImport(
        at=at,
        actor_id=who,
        entity_type=entity_type,
        action=action,
        entity_id=uuid.uuid5(who, f"{action}{at}"),
        ip=f"203.0.113.{who.int % 200 + 20}",
        device=_DEVICES[who.int % len(_DEVICES)],
        **more,
    )


def _owner() -> uuid.UUID:
    return id_of(SIGN_INS[0].email)


def _admins() -> list[uuid.UUID]:
    return [_owner(), *(id_of(each.email) for each in FERNHILL if each.role in (Role.OWNER, Role.ADMIN))]


def _joined(now: datetime) -> list[EntryImport]:
    people = [(id_of(each.email), each.months) for each in FERNHILL]
    here = [each for each in SIGN_INS if each.key != "outsider"]
    people += [(id_of(each.email), MONTHS_OF_SIGN_INS[each.key]) for each in here]
    return [
        _entry(now - MONTH * months, who, "member", "joined", subject_id=who, details={"role": "member"})
        for who, months in people
    ]


def _promoted(now: datetime) -> list[EntryImport]:
    raised: list[Extra] = [each for each in FERNHILL if each.role is not Role.MEMBER]
    return [
        _entry(
            now - MONTH * (11 - place % 11) + timedelta(hours=3 * place),
            _owner(),
            "member",
            "changed_role",
            subject_id=id_of(each.email),
            target=f"{each.name}",
            details={"before": "member", "after": each.role.value},
        )
        for place, each in enumerate(raised)
    ]


def _posted(now: datetime, chance: Random) -> list[EntryImport]:
    writers = [id_of(each.email) for each in FERNHILL if each.role is not Role.MEMBER]
    return [
        _entry(
            now - timedelta(days=6 + 11 * place, minutes=chance.randrange(600)),
            writers[place % len(writers)],
            "announcement",
            "posted",
            target=title,
        )
        for place, (title, _) in enumerate(ANNOUNCEMENTS)
    ]


def _decided(now: datetime, chance: Random) -> list[EntryImport]:
    admins = _admins()
    return [
        _entry(
            now - timedelta(days=2 + 5 * place, minutes=chance.randrange(600)),
            admins[place % len(admins)],
            "approval",
            "rejected" if place % 6 == 5 else "approved",
            target=title,
        )
        for place, (_, title, _) in enumerate(REQUESTS)
    ]


def _organization(now: datetime) -> list[EntryImport]:
    renamed = _entry(
        now - timedelta(days=301),
        _owner(),
        "organization",
        "renamed",
        target="Fernhill Tool Library",
        details={"before": "Fernhill Tool Shed"},
    )
    exported = _entry(
        now - timedelta(days=44), _owner(), "audit", "exported", details={"format": "csv", "filters": {}, "entries": 96}
    )
    return [renamed, exported]
