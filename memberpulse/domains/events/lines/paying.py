"""Priced places: what events ask of payments, and what they do when money comes or does not."""

from memberpulse.domains.events.models import Event, Place
from memberpulse.domains.events.rules import EventValues
from memberpulse.engine import MutationCtx, QueryCtx

SUBJECT = "queue_place"


def are_prices_offered() -> bool:
    """Whether this server can take payments at all."""
    return False


def price_words(amount: int, currency: str) -> str:
    """A price as it is read, empty when it is free."""
    return f"{currency} {amount / 100:,.2f}" if amount else ""


def check_price_of(values: EventValues) -> None:
    """Raises PricesNotOffered (409), BadPrice (422)."""


def ready_account(ctx: QueryCtx, event: Event) -> None:
    """The connected account of whoever made the event."""


def ask_payment(ctx: MutationCtx, event: Event, place: Place) -> None:
    """Have a payment ready for a reserved place."""


def path_of(place: Place) -> str:
    """Where a reserved place is paid for."""
    return ""


def release_payment(ctx: MutationCtx, place: Place) -> None:
    """Nobody needs to pay for this place any more."""


def give_back(ctx: MutationCtx, place: Place, reason: str) -> None:
    """Return what was paid for a place."""
