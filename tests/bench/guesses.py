"""Guessing a password: how many guesses are compared, and whether the owner still gets in."""

import asyncio
from collections import Counter
from urllib.parse import parse_qs, urlsplit

import httpx

from memberpulse.demo.people import SIGN_INS
from tests.bench.processes import folder
from tests.bench.report import Section
from tests.running import RunningServer, built

ABOUT = """\
Wrong passwords for one account over HTTP, from so many network addresses in turn. A guess counts as compared when the
answer says that it was wrong, not that there were too many. Afterwards the owner signs in, with the right password, on
a device on which they signed in before the flood."""

OWNER = SIGN_INS[0]
NETWORKS = 1_000
AT_ONCE = 32
PER_HOUR = 100
"""The account's budget. The window slides, so that a flood that lasts longer may see some more."""


def measure(quick: bool) -> Section:
    guesses = 2_000 if quick else 100_000
    section = Section("guesses", f"{guesses:,} guesses at one password", ABOUT)
    built()
    with folder() as place, RunningServer(place, MEMBERPULSE_TRUSTED_PROXIES="127.0.0.1") as server:
        answers, came_in = asyncio.run(flood(server, guesses))
    table = section.table("answer", "guesses")
    for answer, count in answers.most_common():
        table.add(answer, count)
    section.aim("guesses compared", answers["wrong"], 2 * PER_HOUR)
    section.fact("the owner signs in on a known device", came_in)
    return section


async def flood(server: RunningServer, guesses: int) -> tuple[Counter[str], bool]:
    """What the guesses were answered, and whether the owner came in afterwards."""
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with (
        httpx.AsyncClient(base_url=server.url, timeout=120, headers={"Origin": server.url}) as owner,
        httpx.AsyncClient(base_url=server.url, timeout=120, limits=limits) as stranger,
    ):
        assert await _try(owner, OWNER.password, "203.0.113.1") == "in"
        await owner.post("/auth/sign-out", headers={"X-Forwarded-For": "203.0.113.1"})
        answers: Counter[str] = Counter()
        numbers = iter(range(guesses))

        async def guess() -> None:
            for number in numbers:
                answers[await _try(stranger, f"guess {number}", _network(number))] += 1

        await asyncio.gather(*(guess() for _ in range(AT_ONCE)))
        return answers, await _try(owner, OWNER.password, "203.0.113.1") == "in"


async def _try(browser: httpx.AsyncClient, password: str, network: str) -> str:
    form = {"email": OWNER.email, "password": password}
    answer = await browser.post("/auth/sign-in", data=form, headers={"X-Forwarded-For": network})
    said = parse_qs(urlsplit(answer.headers["location"]).query)
    return said["error"][0] if "error" in said else "in"


def _network(number: int) -> str:
    place = number % NETWORKS
    return f"10.{place // 65_536}.{place // 256 % 256}.{place % 256}"
