"""The people whom a visitor may be in the demo. The demo registers them; accounts has never heard of the demo."""

from memberpulse.domains.accounts.schemas import DemoPerson

_offered: dict[str, DemoPerson] = {}


def offer(person: DemoPerson) -> None:
    """Put a person on the sign-in page of the demo."""
    _offered[person.key] = person


def offered() -> list[DemoPerson]:
    return list(_offered.values())


def find_offered(key: str) -> DemoPerson | None:
    return _offered.get(key)
