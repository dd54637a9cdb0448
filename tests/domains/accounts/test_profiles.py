"""What people say of themselves."""

from typing import Any

import pytest

from memberpulse.domains.accounts.errors import BadProfile
from memberpulse.domains.accounts.mutations import revoke_other_sessions
from memberpulse.domains.accounts.profiles import LOCALES, get_my_profile, update_profile
from memberpulse.domains.accounts.queries import list_my_sessions
from memberpulse.domains.organizations.queries import get_viewer, list_members
from tests.domains.conftest import Cast, signed_in
from tests.engine.conftest import until

pytestmark = pytest.mark.anyio

MAX = {"name": "Max Muster", "time_zone": "Europe/Lisbon", "locale": "de-DE", "city": " Porto ", "postcode": "4000-322"}


async def test_a_profile_is_saved_as_a_whole_and_can_be_undone(cast: Cast) -> None:
    before = await cast.engine.mutate(update_profile, caller=cast.max, **MAX)
    mine = await cast.engine.query(get_my_profile, caller=cast.max)
    assert (mine.name, mine.city, mine.state, mine.postcode) == ("Max Muster", "Porto", "", "4000-322")
    assert (before.name, before.time_zone) == ("Max", "Europe/London")
    undone: dict[str, Any] = {name: getattr(before, name) for name in ("name", "time_zone", "locale", "city", "state")}
    await cast.engine.mutate(update_profile, caller=cast.max, **undone)
    assert (await cast.engine.query(get_my_profile, caller=cast.max)).name == "Max"


async def test_a_new_name_reaches_everybody_who_looks(cast: Cast) -> None:
    members, own = cast.watch(cast.ann, list_members), cast.watch(cast.max, get_viewer)
    await until(lambda: bool(members.shown) and bool(own.shown))
    await cast.engine.mutate(update_profile, caller=cast.max, **MAX)
    await until(lambda: "Max Muster" in [row["person"]["name"] for row in members.shown[-1]["rows"]])
    await until(lambda: (own.shown[-1]["time_zone"], own.shown[-1]["locale"]) == ("Europe/Lisbon", "de-DE"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "  "),
        ("name", "\u200b…"),
        ("name", "x" * 121),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("locale", "xx-XX"),
        ("postcode", "1" * 17),
        ("city", "x" * 81),
    ],
)
async def test_each_fault_is_named_and_nothing_is_saved(cast: Cast, field: str, value: str) -> None:
    with pytest.raises(BadProfile) as refused:
        await cast.engine.mutate(update_profile, caller=cast.max, **{**MAX, field: value})
    assert list(refused.value.fields) == [field]
    assert (await cast.engine.query(get_my_profile, caller=cast.max)).name == "Max"


async def test_every_locale_is_one_that_browsers_know(cast: Cast) -> None:
    for locale in LOCALES:
        await cast.engine.mutate(update_profile, caller=cast.max, **{**MAX, "locale": locale})


async def test_all_other_devices_are_signed_out_at_once(cast: Cast) -> None:
    others = [await signed_in(cast.engine, cast.max.user_id) for _ in range(2)]  # type: ignore[arg-type]
    assert await cast.engine.mutate(revoke_other_sessions, caller=cast.max) == 2
    assert [(await cast.again(each)).kind for each in others] == ["anonymous", "anonymous"]
    assert [each.is_current for each in await cast.engine.query(list_my_sessions, caller=cast.max)] == [True]
    assert (await cast.again(cast.ann)).kind == "person"
    assert await cast.engine.mutate(revoke_other_sessions, caller=cast.max) == 0
