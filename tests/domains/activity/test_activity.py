"""Facts become activities, of their own organization only."""

import pytest

from memberpulse.domains.activity.mutations import keep_latest
from memberpulse.domains.activity.queries import list_latest
from memberpulse.domains.activity.rules import text_of
from memberpulse.domains.announcements.mutations import post_announcement
from memberpulse.domains.organizations.mutations import rename_organization
from memberpulse.engine import system
from memberpulse.engine.errors import NotSignedIn
from tests.domains.conftest import Cast
from tests.engine.conftest import settled, until

pytestmark = pytest.mark.anyio


def test_unknown_actions_read_as_they_are_named() -> None:
    assert text_of("announcement", "posted") == "posted"
    assert text_of("file", "moved_away") == "moved away"
    assert text_of("approval", "requested") == "asked for"


async def test_joining_is_the_act_of_who_joins(cast: Cast) -> None:
    assert await cast.happened() == [(name, "joined", "") for name in ("Max", "Cleo", "Abe", "Ann")]


async def test_the_latest_twenty_are_pushed_newest_first_to_their_organization_only(cast: Cast) -> None:
    here, there = cast.watch(cast.max, list_latest), cast.watch(cast.otto, list_latest)
    await until(lambda: bool(here.shown) and bool(there.shown))
    shown_there = len(there.shown)
    for number in range(25):
        await cast.engine.mutate(rename_organization, caller=cast.ann, name=f"Here {number}")
    await until(lambda: here.shown[-1][0]["target"] == "Here 24")
    assert [row["target"] for row in here.shown[-1]] == [f"Here {number}" for number in range(24, 4, -1)]
    await settled(cast.engine)
    assert len(there.shown) == shown_there


async def test_a_refused_mutation_leaves_no_activity(cast: Cast) -> None:
    before = await cast.happened()
    with pytest.raises(Exception, match="not posted"):
        await cast.engine.mutate(post_announcement, caller=cast.ann, title="", body="")
    assert await cast.happened() == before


async def test_only_the_latest_are_kept_when_asked(cast: Cast) -> None:
    await cast.engine.mutate(keep_latest, caller=system(cast.here), count=2)
    assert [who for who, _, _ in await cast.happened()] == ["Max", "Cleo"]
    assert len(await cast.engine.query(list_latest, caller=cast.otto)) == 1


async def test_strangers_read_nothing(cast: Cast) -> None:
    with pytest.raises(NotSignedIn):
        await cast.engine.query(list_latest, caller=await cast.engine.caller_of(None))
