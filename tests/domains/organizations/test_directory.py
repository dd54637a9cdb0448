"""The directory sends what people chose to show, and nothing is found by what they do not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from memberpulse.domains.accounts.models import User
from memberpulse.domains.organizations.directory.errors import NotListed, NotShareable
from memberpulse.domains.organizations.directory.mutations import show_field, show_in_directory
from memberpulse.domains.organizations.directory.queries import get_listed_person, get_my_membership, list_directory
from memberpulse.domains.organizations.directory.schemas import DirectoryList, Shown
from memberpulse.domains.organizations.fields.models import Audience, Editor, FieldKind
from memberpulse.domains.organizations.fields.mutations import create_field, edit_field, fill_in
from memberpulse.domains.organizations.levels.mutations import change_level, create_level
from memberpulse.engine import Caller, MutationCtx
from tests.domains.conftest import Cast
from tests.domains.organizations.rights import membership_of
from tests.engine.conftest import until

pytestmark = pytest.mark.anyio


async def show(cast: Cast, person: Caller, *what: Shown) -> None:
    for each in what:
        await cast.engine.mutate(show_in_directory, caller=person, what=each, shown=True)


async def found(cast: Cast, caller: Caller | None = None, **arguments: Any) -> DirectoryList:
    return await cast.engine.query(list_directory, caller=caller or cast.cleo, **arguments)


async def live_in(cast: Cast, person: Caller, city: str) -> None:
    def move(ctx: MutationCtx) -> None:
        ctx.db.get_one(User, person.user_id).city = city

    await cast.write(move)


async def test_nobody_is_listed_until_they_choose_to(cast: Cast) -> None:
    assert (await found(cast)).rows == []
    assert not (await cast.engine.query(get_my_membership, caller=cast.max)).chosen
    await show(cast, cast.max, Shown.LISTED)
    assert [row.person.name for row in (await found(cast)).rows] == ["Max"]
    await cast.engine.mutate(show_in_directory, caller=cast.max, what=Shown.LISTED, shown=False)
    assert (await found(cast)).rows == []
    assert (await cast.engine.query(get_my_membership, caller=cast.max)).chosen


async def test_what_is_not_shown_is_not_sent_even_to_admins(cast: Cast) -> None:
    await live_in(cast, cast.max, "Aldbrook")
    level = await cast.engine.mutate(create_level, caller=cast.abe, name="Supporter", months=12)
    member = await membership_of(cast, cast.max)
    await cast.engine.mutate(change_level, caller=cast.abe, membership_id=member, level_id=level)
    await show(cast, cast.max, Shown.LISTED)
    for caller in (cast.cleo, cast.abe, cast.ann):
        sent = str(await found(cast, caller)) + str(
            await cast.engine.query(get_listed_person, caller=caller, membership_id=member)
        )
        assert not [each for each in ("max@post.example", "Aldbrook", "Supporter") if each in sent]
    await show(cast, cast.max, Shown.EMAIL, Shown.CITY, Shown.LEVEL)
    row = (await found(cast)).rows[0]
    assert (row.email, row.city, row.level) == ("max@post.example", "Aldbrook", "Supporter")
    assert (await found(cast)).cities == ["Aldbrook"]


async def test_nobody_is_found_by_what_they_do_not_show(cast: Cast) -> None:
    await live_in(cast, cast.max, "Aldbrook")
    level = await cast.engine.mutate(create_level, caller=cast.abe, name="Supporter", months=12)
    await cast.engine.mutate(
        change_level, caller=cast.abe, membership_id=await membership_of(cast, cast.max), level_id=level
    )
    await show(cast, cast.max, Shown.LISTED)
    searches: list[dict[str, Any]] = [{"level_id": level}, {"city": "Aldbrook"}, {"search": "max@post"}]
    for arguments in searches:
        assert (await found(cast, **arguments)).matching == 0
    assert (await found(cast, search="MÁX")).matching == 1
    await show(cast, cast.max, Shown.LEVEL, Shown.CITY)
    assert (await found(cast, level_id=level, city="Aldbrook")).matching == 1


async def test_a_field_is_shown_by_choice_and_only_while_its_kind_allows_it(cast: Cast) -> None:
    options: dict[str, Any] = {"name": "Van", "kind": FieldKind.YES_NO, "edited_by": Editor.SELF}
    field = await cast.engine.mutate(create_field, caller=cast.abe, seen_by=Audience.MEMBERS, **options)
    await cast.engine.mutate(fill_in, caller=cast.max, field_id=field, value="yes")
    await show(cast, cast.max, Shown.LISTED)
    member = await membership_of(cast, cast.max)

    async def shown() -> list[tuple[str, str]]:
        person = await cast.engine.query(get_listed_person, caller=cast.cleo, membership_id=member)
        return [(each.name, each.words) for each in person.fields]

    assert await shown() == []
    await cast.engine.mutate(show_field, caller=cast.max, field_id=field, shown=True)
    assert await shown() == [("Van", "Yes")]
    await cast.engine.mutate(edit_field, caller=cast.abe, field_id=field, seen_by=Audience.SELF, **options)
    assert await shown() == []
    with pytest.raises(NotShareable):
        await cast.engine.mutate(show_field, caller=cast.max, field_id=field, shown=True)


async def test_a_choice_reaches_who_is_looking(cast: Cast) -> None:
    screen = cast.watch(cast.cleo, list_directory)
    await until(lambda: bool(screen.shown))
    await show(cast, cast.max, Shown.LISTED, Shown.EMAIL)
    await until(lambda: [row["email"] for row in screen.shown[-1]["rows"]] == ["max@post.example"])


async def test_neither_who_is_not_listed_nor_another_organization_is_opened(cast: Cast) -> None:
    member = await membership_of(cast, cast.max)
    with pytest.raises(NotListed):
        await cast.engine.query(get_listed_person, caller=cast.cleo, membership_id=member)
    await show(cast, cast.max, Shown.LISTED)
    with pytest.raises(NotListed):
        await cast.engine.query(get_listed_person, caller=cast.otto, membership_id=member)
    assert (await found(cast, cast.otto)).total == 0

    def deactivate(ctx: MutationCtx) -> None:
        ctx.db.get_one(User, cast.max.user_id).deactivated_at = datetime.now(UTC)

    await cast.write(deactivate)
    assert (await found(cast)).total == 0
