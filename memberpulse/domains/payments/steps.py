"""Named places between what Stripe does and what we write: where a process may die, tests make it die.

pay:     checkout.before_post → checkout.posted → checkout.noted → … → event.read → event.applied
expire:  expiry.before_post → expiry.posted → expiry.noted
refund:  refund.asked → refund.before_post → refund.posted → refund.noted
"""

from collections.abc import Callable

_watchers: list[Callable[[str], None]] = []

NAMES = (
    "checkout.before_post",
    "checkout.posted",
    "checkout.noted",
    "event.before_read",
    "event.read",
    "event.applied",
    "expiry.before_post",
    "expiry.posted",
    "expiry.noted",
    "refund.before_post",
    "refund.posted",
    "refund.noted",
)


def reached(name: str) -> None:
    """Say that a step is done."""
    assert name in NAMES, name
    for watch in _watchers:
        watch(name)


def watch_steps(watch: Callable[[str], None]) -> None:
    """Have every step told to `watch`, from now on; for tests."""
    _watchers.append(watch)
