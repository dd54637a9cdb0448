"""Two servers on one PostgreSQL: what is done at one is seen at the other."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import expect
from sqlalchemy.engine import make_url

from tests.e2e.conftest import Person
from tests.postgres import postgres_database
from tests.running import RunningServer, built, seed

Pair = tuple[RunningServer, RunningServer]


@pytest.fixture(scope="module")
def demo_database(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Iterator[str]:
    """The name of a PostgreSQL database with the demo in it, to be copied."""
    with postgres_database(postgres_server) as url:
        seed(tmp_path_factory.mktemp("seeded"), MEMBERPULSE_DATABASE_URL=url)
        yield str(make_url(url).database)


@pytest.fixture(scope="module", params=["notify", "redis"])
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres_server: str, demo_database: str
) -> Iterator[Pair]:
    """Two processes on one database, told of changes by PostgreSQL alone or by Redis."""
    built()
    with postgres_database(postgres_server, copy_of=demo_database) as url, ExitStack() as servers:
        variables = {"MEMBERPULSE_DATABASE_URL": url, "MEMBERPULSE_SYNC_MS": "600000"}
        if request.param == "redis":
            redis_url = request.getfixturevalue("redis_server")
            variables |= {"MEMBERPULSE_REDIS_URL": redis_url, "REFLEX_REDIS_URL": redis_url}
        first = servers.enter_context(RunningServer(tmp_path_factory.mktemp("first"), **variables))
        second = servers.enter_context(RunningServer(tmp_path_factory.mktemp("second"), **variables))
        yield first, second


def test_a_mutation_in_one_process_reaches_browsers_on_the_other(pair: Pair, person: Person) -> None:
    here, there = pair
    reader = person("member", of=there)
    reader.goto("/announcements")
    writer = person("owner", of=here)
    writer.goto("/announcements")
    writer.get_by_label("Title").fill("Two houses, one news")
    writer.get_by_label("What everybody should know").fill("It came from the other process.")
    writer.get_by_role("button", name="Post").click()
    expect(reader.get_by_text("Two houses, one news").first).to_be_visible()


def test_a_sign_out_at_one_process_ends_the_tab_at_the_other(pair: Pair, person: Person) -> None:
    here, there = pair
    page = person("member", of=there)
    page.goto("/dashboard")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    cookie = page.context.cookies()[0]
    answer = page.context.request.post(
        f"{here.url}/auth/sign-out",
        headers={"Origin": here.url, "Cookie": f"{cookie['name']}={cookie['value']}"},
        max_redirects=0,
    )
    assert answer.status == 303
    page.wait_for_url("**/sign-in**")
