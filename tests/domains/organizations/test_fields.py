"""What is kept about members: strict values, and who sees and fills in what."""

import uuid
from typing import Any

import pytest

from memberpulse.domains.organizations.directory.queries import get_my_membership
from memberpulse.domains.organizations.errors import MemberNotFound
from memberpulse.domains.organizations.fields.errors import (
    BadField,
    BadValue,
    FieldArchived,
    FieldFilled,
    FieldNotFound,
    FilledByAdmins,
)
from memberpulse.domains.organizations.fields.models import Audience, Editor, FieldKind
from memberpulse.domains.organizations.fields.mutations import (
    archive_field,
    create_field,
    edit_field,
    fill_in,
    move_field,
    restore_field,
)
from memberpulse.domains.organizations.fields.queries import list_fields
from memberpulse.domains.organizations.fields.rules import clean_value
from memberpulse.domains.organizations.queries import get_member
from memberpulse.engine.errors import Forbidden
from tests.domains.conftest import Cast
from tests.domains.organizations.rights import membership_of


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (FieldKind.TEXT, "  a   b ", "a b"),
        (FieldKind.LONG_TEXT, "a\r\nb ", "a\nb"),
        (FieldKind.NUMBER, "012.50", "12.5"),
        (FieldKind.NUMBER, "-0", "0"),
        (FieldKind.DATE, "2026-02-28", "2026-02-28"),
        (FieldKind.CHOICE, "Red", "Red"),
        (FieldKind.YES_NO, "yes", "yes"),
        (FieldKind.TEXT, "   ", ""),
    ],
)
def test_a_value_is_kept_in_the_one_form_of_its_kind(kind: FieldKind, given: str, kept: str) -> None:
    assert clean_value(kind, ["Red", "Blue"], required=False, value=given) == kept


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (FieldKind.NUMBER, "1e5"),
        (FieldKind.NUMBER, "NaN"),
        (FieldKind.NUMBER, "1,5"),
        (FieldKind.DATE, "2026-02-30"),
        (FieldKind.DATE, "28.02.2026"),
        (FieldKind.CHOICE, "red"),
        (FieldKind.YES_NO, "true"),
        (FieldKind.TEXT, "x" * 201),
    ],
)
def test_anything_else_is_refused_beside_the_field(kind: FieldKind, given: str) -> None:
    with pytest.raises(BadValue) as refusal:
        clean_value(kind, ["Red", "Blue"], required=False, value=given)
    assert refusal.value.fields["value"]


def test_what_is_needed_cannot_be_emptied() -> None:
    with pytest.raises(BadValue):
        clean_value(FieldKind.TEXT, [], required=True, value=" ")


async def a_field(cast: Cast, name: str, **options: Any) -> uuid.UUID:
    return await cast.engine.mutate(create_field, caller=cast.abe, **{"name": name, "kind": FieldKind.TEXT, **options})


@pytest.mark.anyio
async def test_members_see_and_fill_in_what_is_theirs_and_nothing_else(cast: Cast) -> None:
    mine = await a_field(cast, "Van", seen_by=Audience.MEMBERS, edited_by=Editor.SELF)
    seen = await a_field(cast, "Course", seen_by=Audience.SELF)
    hidden = await a_field(cast, "Notes", seen_by=Audience.ADMINS)
    member = await membership_of(cast, cast.max)
    await cast.engine.mutate(fill_in, caller=cast.abe, field_id=hidden, membership_id=member, value="Owes us a ladder")
    await cast.engine.mutate(fill_in, caller=cast.max, field_id=mine, value="Yes")
    with pytest.raises(FilledByAdmins):
        await cast.engine.mutate(fill_in, caller=cast.max, field_id=seen, value="2020")
    with pytest.raises(FieldNotFound):
        await cast.engine.mutate(fill_in, caller=cast.max, field_id=hidden, value="Nothing")
    own = await cast.engine.query(get_my_membership, caller=cast.max)
    assert [(field.name, field.editable) for field in own.fields] == [("Van", True), ("Course", False)]
    assert "ladder" not in str(own)
    detail = await cast.engine.query(get_member, caller=cast.abe, membership_id=member)
    assert [field.value for field in detail.fields] == ["Yes", "", "Owes us a ladder"]


@pytest.mark.anyio
async def test_nobody_fills_in_anothers_details_without_the_right(cast: Cast) -> None:
    field = await a_field(cast, "Van", seen_by=Audience.MEMBERS, edited_by=Editor.SELF)
    theirs = await membership_of(cast, cast.max)
    with pytest.raises(MemberNotFound):
        await cast.engine.mutate(fill_in, caller=cast.cleo, field_id=field, membership_id=theirs, value="Mine")
    with pytest.raises(FieldNotFound):
        await cast.engine.mutate(fill_in, caller=cast.otto, field_id=field, membership_id=theirs, value="Mine")
    with pytest.raises(Forbidden):
        await cast.engine.query(get_member, caller=cast.cleo, membership_id=theirs)


@pytest.mark.anyio
async def test_a_filled_field_keeps_its_kind_and_an_archived_one_what_it_holds(cast: Cast) -> None:
    field = await a_field(cast, "Van", seen_by=Audience.SELF, edited_by=Editor.SELF)
    await cast.engine.mutate(fill_in, caller=cast.max, field_id=field, value="Yes")
    with pytest.raises(FieldFilled):
        await cast.engine.mutate(edit_field, caller=cast.abe, field_id=field, name="Van", kind=FieldKind.NUMBER)
    await cast.engine.mutate(archive_field, caller=cast.abe, field_id=field)
    assert (await cast.engine.query(get_my_membership, caller=cast.max)).fields == []
    with pytest.raises(FieldArchived):
        await cast.engine.mutate(fill_in, caller=cast.max, field_id=field, value="No")
    await cast.engine.mutate(restore_field, caller=cast.abe, field_id=field)
    assert [each.value for each in (await cast.engine.query(get_my_membership, caller=cast.max)).fields] == ["Yes"]


@pytest.mark.anyio
async def test_fields_keep_the_order_they_are_moved_to(cast: Cast) -> None:
    await a_field(cast, "First")
    second = await a_field(cast, "Second")
    await cast.engine.mutate(move_field, caller=cast.abe, field_id=second, up=True)
    assert [row.name for row in await cast.engine.query(list_fields, caller=cast.abe)] == ["Second", "First"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x", "kind": FieldKind.CHOICE, "options": "Only one"}, "options"),
        ({"name": "x", "seen_by": Audience.ADMINS, "edited_by": Editor.SELF}, "edited_by"),
    ],
)
async def test_a_bad_field_says_why_beside_it(cast: Cast, options: dict[str, Any], field: str) -> None:
    with pytest.raises(BadField) as refusal:
        await a_field(cast, **options)
    assert refusal.value.fields[field]
