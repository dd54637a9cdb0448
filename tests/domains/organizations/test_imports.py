"""A file of people is read, shown with every row's fate, and applied exactly once."""

import asyncio
import csv
import io
import time
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
import time_machine
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.routing import Route

from memberpulse.domains.accounts.errors import StepUpRequired
from memberpulse.domains.mail.models import Message
from memberpulse.domains.organizations import exporting
from memberpulse.domains.organizations.csv_files import safe_cell, write_csv
from memberpulse.domains.organizations.exporting import export_members, prepare_export
from memberpulse.domains.organizations.fields.models import FieldKind
from memberpulse.domains.organizations.fields.mutations import create_field, fill_in
from memberpulse.domains.organizations.imports import http as import_http
from memberpulse.domains.organizations.imports import mutations
from memberpulse.domains.organizations.imports.errors import BadFile, ImportBegun, ImportNotFound
from memberpulse.domains.organizations.imports.models import MemberImportRow, RowFate
from memberpulse.domains.organizations.imports.mutations import (
    apply_import,
    discard_import,
    invite_next,
    keep_import,
)
from memberpulse.domains.organizations.imports.queries import get_import, list_import_rows, list_imports
from memberpulse.domains.organizations.imports.rules import decode, find_delimiter, read_people
from memberpulse.domains.organizations.imports.schemas import CheckedRow
from memberpulse.domains.organizations.invitations import sending
from memberpulse.domains.organizations.invitations.errors import TooManyImported
from memberpulse.domains.organizations.invitations.models import Invitation
from memberpulse.domains.organizations.invitations.sending import invite_people
from memberpulse.domains.organizations.levels.mutations import change_level, create_level
from memberpulse.domains.organizations.models import Role
from memberpulse.engine import Caller, MutationCtx, system
from memberpulse.engine.errors import Forbidden
from memberpulse.engine.types import utc_now
from tests.domains.conftest import Cast
from tests.domains.organizations.post import Recorded, letters_to, membership_id, prove
from tests.domains.organizations.rights import a_role, give

FILE = """Name,E-mail,Role
Max Other,MAX@post.example,
Invited Already,guest@post.example,member
New One,new@post.example,Creator
New Again,new@post.example,
,no address,
Boss,boss@post.example,Owner
Wizard,wizard@post.example,wizard

Zoë,zoe@post.example,admin
"""


def fates(content: bytes) -> list[tuple[int, str, str]]:
    return [(row.number, row.email, row.fate.value) for row in read_people(content)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"])
def test_a_file_is_read_in_every_usual_encoding(encoding: str) -> None:
    (row,) = read_people("Name;Mail\nZoë Weiß;zoe@post.example\n".encode(encoding))
    assert (row.name, row.email, row.role) == ("Zoë Weiß", "zoe@post.example", Role.MEMBER)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_file_is_read_with_every_usual_delimiter(delimiter: str) -> None:
    text = delimiter.join(["First name", "Surname", "E-mail address", "Role"])
    assert find_delimiter(text) == delimiter
    line = delimiter.join(["Ann", "Lee", "ann@post.example", "ADMIN"])
    (row,) = read_people(f"{text}\r\n{line}\r\n".encode())
    assert (row.name, row.role) == ("Ann Lee", Role.ADMIN)


def test_a_file_without_a_head_may_be_addresses_alone() -> None:
    assert fates(b"a@post.example\nb@post.example\n") == [
        (1, "a@post.example", "invite"),
        (2, "b@post.example", "invite"),
    ]


def test_quotes_line_breaks_and_missing_cells_are_read_as_meant() -> None:
    rows = read_people(b'Name,E-mail,Role\n"Lee, Ann\nMaria",ann@post.example\n,,\n"x",b@post.example,member,more\n')
    assert [(row.number, row.name, row.fate.value) for row in rows] == [
        (2, "Lee, Ann Maria", "invite"),
        (4, "x", "invite"),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n \n,,\n", "empty"),
        (b"Name,Town\nAnn,Fernhill\n", "no column for the e-mail"),
        (b"Name,E-mail\n", "nobody below"),
        (b"PK\x03\x04\x00\x00binary", "no text file"),
        (b"E-mail\n" + b"a@post.example\n" * 10_001, "10,001 rows"),
        (b'E-mail\n"' + b"x" * 200_000 + b'"\n', "cannot be read as CSV"),
    ],
)
def test_what_is_no_list_of_people_is_refused_with_what_to_do(content: bytes, words: str) -> None:
    with pytest.raises(BadFile, match=words):
        read_people(content)


def test_ten_thousand_rows_are_read_in_a_few_seconds() -> None:
    content = b"E-mail\n" + b"".join(b"p%d@post.example\n" % number for number in range(10_000))
    began = time.perf_counter()
    assert len(read_people(content)) == 10_000
    assert time.perf_counter() - began < 10


def test_text_is_decoded_or_refused() -> None:
    assert decode(b"\xef\xbb\xbfa") == "a"
    assert decode("Zoë".encode("cp1252")) == "Zoë"
    assert decode(b"\x81\x8d") == "\x81\x8d"
    with pytest.raises(BadFile):
        decode(b"\xff\xfea")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", " =1"])
def test_what_a_spreadsheet_would_run_is_made_text(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    (_, cells) = csv.reader(io.StringIO(write_csv(["a", "b"], [[text, "plain"]]).decode("utf-8-sig"), newline=""))
    assert cells == [f"'{text}", "plain"]


async def checked(cast: Cast, text: str = FILE, by: Caller | None = None) -> Any:
    """Keep the dry run of a file, as the upload does."""
    who = by or cast.abe
    rows = [
        CheckedRow(each.number, each.email, each.name, each.role, each.fate, each.reason)
        for each in read_people(text.encode())
    ]
    caller = system(who.organization_id)
    return await cast.engine.mutate(keep_import, caller=caller, file_name="people.csv", rows=rows, by=who.user_id)


async def invited(cast: Cast) -> int:
    return await cast.write(lambda ctx: ctx.db.scalars(select(func.count()).select_from(Invitation)).one())


def browser(cast: Cast, caller: Caller | None) -> httpx.AsyncClient:
    house = Starlette(routes=[each for each in cast.engine.routes() if isinstance(each, Route)])

    async def app(scope: Any, receive: Any, send: Any) -> None:
        reference = caller.reference if caller else None
        await house({**scope, "memberpulse.session": reference, "state": {"engine": cast.engine}}, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here")


@pytest.mark.anyio
async def test_the_dry_run_shows_every_rows_fate_and_invites_nobody(cast: Cast) -> None:
    await cast.engine.mutate(invite_people, caller=cast.abe, addresses="guest@post.example")
    with Recorded(cast) as recorded:
        import_id = await checked(cast)
    assert recorded.kinds() == ["ImportChecked"]
    found = await cast.engine.query(list_import_rows, caller=cast.abe, import_id=import_id)
    assert [(row.number, row.fate.value) for row in found.rows] == [
        (2, "member"),
        (3, "invited"),
        (4, "invite"),
        (5, "duplicate"),
        (6, "bad_address"),
        (7, "bad_role"),
        (8, "bad_role"),
        (10, "invite"),
    ]
    reasons = {row.number: row.reason for row in found.rows}
    assert reasons[2] == "Stays “Max”: people change their names themselves."
    assert reasons[5] == "The same address as in row 4."
    view = await cast.engine.query(get_import, caller=cast.abe, import_id=import_id)
    assert (view.rows, view.to_invite, view.members, view.invited_before) == (8, 2, 1, 1)
    assert (view.duplicates, view.bad_addresses, view.bad_roles) == (1, 1, 2)
    assert await invited(cast) == 1
    only = await cast.engine.query(list_import_rows, caller=cast.abe, import_id=import_id, fate=RowFate.BAD_ROLE)
    assert [row.number for row in only.rows] == [7, 8]


@pytest.mark.anyio
async def test_an_import_is_applied_once_with_names_and_roles(cast: Cast) -> None:
    import_id = await checked(cast)
    with Recorded(cast) as recorded:
        calls = [cast.engine.mutate(apply_import, caller=cast.abe, import_id=import_id, message="Hi") for _ in range(3)]
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert sorted(isinstance(each, ImportBegun) for each in results) == [False, True, True]
        await cast.engine.jobs.settle()
    assert recorded.kinds() == ["ImportApplied", *["InvitationSent"] * 3, "ImportFinished"]
    assert {fact.by for fact in recorded.facts[1:]} == {cast.abe.user_id}
    view = await cast.engine.query(get_import, caller=cast.abe, import_id=import_id)
    assert (view.state.value, view.done, view.invited) == ("done", 3, 3)
    (letter,) = await letters_to(cast, "new@post.example")
    assert letter["subject"] == "Abe invites you to Here"
    assert "Abe writes: “Hi”" in letter["paragraphs"]
    rows = await cast.write(lambda ctx: {each.email: each for each in ctx.db.scalars(select(Invitation))})
    assert (rows["new@post.example"].role, rows["new@post.example"].name) == (Role.CREATOR, "New One")
    with pytest.raises(ImportBegun):
        await cast.engine.mutate(discard_import, caller=cast.abe, import_id=import_id)


@pytest.mark.anyio
async def test_a_batch_that_dies_and_runs_again_neither_skips_nor_repeats(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mutations, "AT_ONCE", 10)
    text = "E-mail\n" + "".join(f"p{number}@post.example\n" for number in range(25))
    import_id = await checked(cast, text)
    await cast.engine.mutate(apply_import, caller=cast.abe, import_id=import_id)

    class Killed(BaseException):
        """The process ends in the middle of a batch."""

    def half(ctx: MutationCtx) -> None:
        invite_next(ctx, import_id=import_id)
        raise Killed

    for _ in range(2):
        with pytest.raises(Killed):
            await cast.write(half)
        assert await invited(cast) == 0
    await cast.write(lambda ctx: invite_next(ctx, import_id=import_id))
    assert await invited(cast) == 10
    await cast.engine.jobs.settle()
    view = await cast.engine.query(get_import, caller=cast.abe, import_id=import_id)
    assert (view.state.value, view.done, view.invited) == ("done", 25, 25)
    assert await invited(cast) == 25
    letters = await cast.write(lambda ctx: ctx.db.scalars(select(func.count()).select_from(Message)).one())
    assert letters == 25
    left = select(func.count()).select_from(MemberImportRow).where(MemberImportRow.outcome == "")
    assert await cast.write(lambda ctx: ctx.db.scalars(left).one()) == 0


@pytest.mark.anyio
async def test_the_files_of_a_day_invite_only_so_many_people(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "MOST_IMPORTED_A_DAY", 5)
    first, second, third = [
        await checked(cast, f"E-mail\na{file}@post.example\nb{file}@post.example\n") for file in range(3)
    ]
    await cast.engine.mutate(apply_import, caller=cast.abe, import_id=first)
    await cast.engine.jobs.settle()
    await cast.engine.mutate(apply_import, caller=cast.abe, import_id=second)
    with pytest.raises(TooManyImported):
        await cast.engine.mutate(apply_import, caller=cast.abe, import_id=third)
    await cast.engine.jobs.settle()
    with pytest.raises(TooManyImported):
        await cast.engine.mutate(apply_import, caller=cast.abe, import_id=third)
    with time_machine.travel(utc_now() + timedelta(days=1, minutes=1)):
        await cast.engine.mutate(apply_import, caller=cast.abe, import_id=third)
    assert await invited(cast) == 4


@pytest.mark.anyio
async def test_who_joined_meanwhile_is_not_invited_and_the_report_says_so(cast: Cast) -> None:
    import_id = await checked(cast)
    await cast.engine.mutate(invite_people, caller=cast.ann, addresses="new@post.example")
    await cast.engine.mutate(apply_import, caller=cast.abe, import_id=import_id)
    await cast.engine.jobs.settle()
    view = await cast.engine.query(get_import, caller=cast.abe, import_id=import_id)
    assert (view.done, view.invited) == (3, 2)
    async with browser(cast, cast.abe) as page:
        answer = await page.get(f"/import/members/report?id={import_id}")
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert {line["E-mail"]: line["Outcome"] for line in lines if line["Fate"] == "invite"} == {
        "guest@post.example": "invited",
        "new@post.example": "already_invited",
        "zoe@post.example": "invited",
    }
    assert answer.headers["content-disposition"] == 'attachment; filename="import.csv"'


@pytest.mark.anyio
async def test_imports_are_for_those_who_may_and_of_their_own_organization(cast: Cast) -> None:
    import_id = await checked(cast)
    for function in (apply_import, discard_import):
        with pytest.raises(ImportNotFound):
            await cast.engine.mutate(function, caller=cast.otto, import_id=import_id)
        with pytest.raises(Forbidden):
            await cast.engine.mutate(function, caller=cast.cleo, import_id=import_id)
    assert await cast.engine.query(list_imports, caller=cast.otto) == []
    found = await cast.engine.query(list_import_rows, caller=cast.otto, import_id=import_id)
    assert found.rows == []
    async with browser(cast, cast.otto) as page:
        answer = await page.get(f"/import/members/report?id={import_id}")
    assert "max@post.example" not in answer.text
    async with browser(cast, cast.cleo) as page:
        assert (await page.get(f"/import/members/report?id={import_id}")).status_code == 403
        assert (await page.get("/import/members/report?id=x")).status_code == 422
    await cast.engine.mutate(discard_import, caller=cast.abe, import_id=import_id)
    assert await cast.engine.query(list_imports, caller=cast.abe) == []


@pytest.mark.anyio
async def test_a_file_is_uploaded_by_form(cast: Cast) -> None:
    import_http._limiter.cache_clear()
    async with browser(cast, cast.abe) as page:
        answer = await page.post("/import/members", files={"file": ("C:\\fakepath\\people.csv", FILE.encode())})
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/members/import?id=")
        (kept,) = await cast.engine.query(list_imports, caller=cast.abe)
        assert (kept.file_name, kept.rows) == ("people.csv", 8)
        for files, words in (
            ({"file": ("a.csv", b"x" * (2 * 1024 * 1024 + 1))}, "larger"),
            ({"file": ("a.csv", b"x" * (3 * 1024 * 1024))}, "larger"),
            ({"other": ("a.csv", b"E-mail")}, "Choose"),
            ({"file": ("a.xlsx", b"PK\x03\x04\x00")}, "no+text+file"),
        ):
            answer = await page.post("/import/members", files=files)
            assert words in answer.headers["location"], answer.headers["location"]
        answer = await page.post("/import/members", content=b"--x", headers={"content-type": "multipart/form-data"})
        assert "error=Choose" in answer.headers["location"]
    for caller, target in ((cast.max, "/members/import?error="), (None, "/sign-in?next=")):
        async with browser(cast, caller) as page:
            answer = await page.post("/import/members", files={"file": ("a.csv", FILE.encode())})
            assert answer.headers["location"].startswith(target)
    assert len(await cast.engine.query(list_imports, caller=cast.abe)) == 1


async def _fill_in_max(cast: Cast) -> None:
    target = await membership_id(cast, cast.max)
    level = await cast.engine.mutate(create_level, caller=cast.abe, name="@Full", months=12)
    boat = await cast.engine.mutate(create_field, caller=cast.abe, name="=Boat", kind=FieldKind.TEXT)
    await cast.engine.mutate(create_field, caller=cast.abe, name="Berth", kind=FieldKind.NUMBER)
    await cast.engine.mutate(fill_in, caller=cast.abe, membership_id=target, field_id=boat, value="=1+1")
    end = date(2031, 5, 31)
    await cast.engine.mutate(change_level, caller=cast.abe, membership_id=target, level_id=level, renews_on=end)
    await give(cast, cast.max, await a_role(cast, "Helper", "audit.view"))


@pytest.mark.anyio
async def test_who_exports_without_managing_members_gets_neither_addresses_nor_details(cast: Cast) -> None:
    await _fill_in_max(cast)
    await give(cast, cast.cleo, await a_role(cast, "Printer", "members.export"))
    printer = await cast.again(cast.cleo)
    await prove(cast, printer, "members.export")
    found = await cast.engine.mutate(export_members, caller=printer)
    assert found.fields == []
    assert {(row.email, *row.fields) for row in found.rows} == {("",)}


@pytest.mark.anyio
async def test_members_are_exported_after_a_fresh_proof_and_nothing_in_the_file_runs(cast: Cast) -> None:
    for caller in (cast.max, cast.cleo):
        with pytest.raises(Forbidden):
            await cast.engine.mutate(export_members, caller=caller)
    with pytest.raises(StepUpRequired):
        await cast.engine.mutate(prepare_export, caller=cast.abe)
    async with browser(cast, cast.abe) as page:
        assert (await page.get(exporting.PATH)).json()["code"] == "step_up_required"
        await prove(cast, cast.abe, "members.export")

        def rename(ctx: MutationCtx) -> None:
            from memberpulse.domains.accounts.models import User

            ctx.db.get_one(User, cast.max.user_id).name = '=HYPERLINK("http://evil")'

        await cast.write(rename)
        await _fill_in_max(cast)
        assert await cast.engine.mutate(prepare_export, caller=cast.abe) == exporting.PATH
        with Recorded(cast) as recorded:
            answer = await page.get(exporting.PATH)
    assert [(type(fact).__name__, fact.rows) for fact in recorded.facts] == [("MembersExported", 4)]
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert lines[0] == ["Name", "E-mail", "Role", "Joined", "Level", "Standing", "Renews on", "'=Boat", "Berth"]
    own = next(line for line in lines if line[1] == "max@post.example")
    assert own[2:3] + own[4:] == ["Helper", "'@Full", "active", "2031-05-31", "'=1+1", ""]
    assert {line[0] for line in lines[1:]} == {"Abe", "Ann", "Cleo", '\'=HYPERLINK("http://evil")'}
    assert "otto@post.example" not in answer.text
    async with browser(cast, None) as page:
        assert (await page.get(exporting.PATH)).status_code == 401
