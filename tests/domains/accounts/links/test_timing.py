"""No answer's time tells whether an address has an account.

Addresses with and without an account take turns, so that whatever else the machine does falls on both alike. The
statistic is the Mann-Whitney U of the two samples, as the share of pairs in which the known address took longer: 0.5
when time tells nothing. With 24 of each, its standard error without a difference is 0.084; four of them are let pass
here, since the machine may be busy. A real difference, such as one password that is not hashed, gives 0 or 1.
"""

import time

import pytest

from memberpulse.domains.accounts import limits
from memberpulse.domains.accounts.limits import BUDGETS, Budget
from tests.domains.accounts.browsers import Browser
from tests.domains.accounts.conftest import PASSWORD

pytestmark = pytest.mark.anyio

EACH = 24
LEANS = 4 * 0.084

FORMS = {
    "/auth/sign-in": {"password": "wrong password 1"},
    "/auth/sign-up": {"name": "Nina", "password": PASSWORD},
    "/auth/sign-up/resend": {},
    "/auth/forgot-password": {},
    "/auth/email-link": {},
}


@pytest.fixture(autouse=True)
def no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for door in BUDGETS:
        monkeypatch.setitem(BUDGETS, door, Budget(network="9999/hour", pair="9999/hour", account="9999/hour"))
    assert limits.BUDGETS is BUDGETS


@pytest.mark.parametrize("path", FORMS)
async def test_time_does_not_tell_whether_there_is_an_account(browser: Browser, path: str) -> None:
    taken: dict[str, list[float]] = {"ida@post.example": [], "nobody@post.example": []}
    for email in [*taken] * 2:
        await browser.post(path, data={**FORMS[path], "email": email})
    for turn in range(EACH):
        for email in [*taken] if turn % 2 else [*taken][::-1]:
            since = time.perf_counter()
            await browser.post(path, data={**FORMS[path], "email": email})
            taken[email].append(time.perf_counter() - since)
    known, unknown = taken.values()
    assert abs(_share_longer(known, unknown) - 0.5) < LEANS


def _share_longer(ours: list[float], theirs: list[float]) -> float:
    """Of all pairs, the share in which ours is larger."""
    return sum(a > b for a in ours for b in theirs) / (len(ours) * len(theirs))
