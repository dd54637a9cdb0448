"""A picture of the library stands at an event."""

import uuid

import pytest
from sqlalchemy import select

from memberpulse.domains.events.covers import remove_cover, set_cover
from memberpulse.domains.events.errors import BadEvent, NotYourEvent
from memberpulse.domains.events.mutations import create_event, duplicate_event, edit_event, remove_event
from memberpulse.domains.events.queries import get_event, list_events
from memberpulse.domains.files.errors import FileNotFound
from memberpulse.domains.files.kinds import FileKind
from memberpulse.domains.files.models import Audience, FileAttachment, StoredFile
from memberpulse.domains.files.mutations import bin_files, set_audience
from tests.domains.conftest import Cast
from tests.domains.events.conftest import Fair, an_event
from tests.domains.files.shelf import a_file

pytestmark = pytest.mark.anyio


async def test_a_cover_is_put_on_replaced_and_taken_off(cast: Cast, fair: Fair) -> None:
    first, second = await a_file(cast, cast.cleo), await a_file(cast, cast.max)

    async def cover(event_id: uuid.UUID = fair.event_id) -> uuid.UUID | None:
        return (await cast.engine.query(get_event, caller=cast.max, event_id=event_id)).cover_file_id

    await fair.do(set_cover, event_id=fair.event_id, file_id=first)
    await fair.do(set_cover, event_id=fair.event_id, file_id=first)
    assert await cover() == first
    await fair.do(set_cover, cast.abe, event_id=fair.event_id, file_id=second)
    assert await cover() == second
    assert [each.cover_file_id for each in (await cast.engine.query(list_events, caller=cast.max)).rows] == [second]
    changed = await fair.do(edit_event, event_id=fair.event_id, version=2, **an_event(title="Fair of bicycles"))
    assert changed.cover_file_id == second, "an edit of the rest leaves it"
    await cast.engine.mutate(bin_files, caller=cast.max, file_ids=[second])
    assert await cover() is None
    await fair.do(set_cover, event_id=fair.event_id, file_id=first)
    await fair.do(remove_cover, event_id=fair.event_id, file_id=first)
    assert await cover() is None


async def test_only_who_may_change_the_event_and_only_with_what_all_may_see(cast: Cast, fair: Fair) -> None:
    picture, text = await a_file(cast, cast.cleo), await a_file(cast, cast.cleo, kind=FileKind.TEXT)
    hers = await a_file(cast, cast.cleo, audience=Audience.ONLY_ME)
    his = await a_file(cast, cast.abe, audience=Audience.ONLY_ME)
    for file_id, error in ((text, BadEvent), (hers, BadEvent), (his, FileNotFound), (uuid.uuid4(), FileNotFound)):
        with pytest.raises(error):
            await fair.do(set_cover, event_id=fair.event_id, file_id=file_id)
    assert await cast.write(lambda ctx: list(ctx.db.scalars(select(FileAttachment)))) == []
    await fair.do(set_cover, event_id=fair.event_id, file_id=picture)
    theirs = await cast.engine.mutate(create_event, caller=cast.abe, **an_event())
    with pytest.raises(NotYourEvent):
        await fair.do(set_cover, event_id=theirs, file_id=picture)
    await cast.engine.mutate(set_audience, caller=cast.cleo, file_id=picture, audience=Audience.ONLY_ME)
    assert (await cast.engine.query(get_event, caller=cast.max, event_id=fair.event_id)).cover_file_id is None


async def test_a_copy_has_the_same_cover_and_a_draft_that_goes_leaves_the_file(cast: Cast, fair: Fair) -> None:
    picture = await a_file(cast, cast.cleo)
    await fair.do(set_cover, event_id=fair.event_id, file_id=picture)
    starts_at = an_event()["starts_at"]
    copy = await fair.do(duplicate_event, event_id=fair.event_id, starts_at=starts_at)
    assert (await cast.engine.query(get_event, caller=cast.cleo, event_id=copy)).cover_file_id == picture
    await fair.do(remove_event, event_id=copy)
    left = await cast.write(lambda ctx: [each.entity_id for each in ctx.db.scalars(select(FileAttachment))])
    assert left == [fair.event_id]
    assert await cast.write(lambda ctx: ctx.db.get(StoredFile, picture)) is not None
