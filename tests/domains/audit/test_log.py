"""Who did what, from where, can be read, narrowed and taken along, by those who may."""

import csv
import hashlib
import io
import json
import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from memberpulse.domains.accounts.errors import StepUpRequired
from memberpulse.domains.accounts.models import Session, StepUpGrant
from memberpulse.domains.announcements.mutations import post_announcement
from memberpulse.domains.audit.http import ROUTES, harmless
from memberpulse.domains.audit.models import AuditEntry
from memberpulse.domains.audit.mutations import prove_export
from memberpulse.domains.audit.queries import PAGE_SIZE, list_entries, list_filters
from memberpulse.domains.audit.schemas import EntryView, Part, Style
from memberpulse.domains.audit.sentences import Telling, parts_of, say
from memberpulse.domains.organizations.models import Membership, Role
from memberpulse.domains.organizations.mutations import change_role, remove_member, rename_organization
from memberpulse.engine import Caller, MutationCtx, utc_now
from memberpulse.engine.errors import BadArguments, Forbidden, NotSignedIn
from tests.domains.conftest import Cast, a_person
from tests.engine.conftest import settled, until

pytestmark = pytest.mark.anyio


async def newest(cast: Cast, **filters: Any) -> EntryView:
    return (await cast.engine.query(list_entries, caller=cast.ann, **filters)).rows[0]


async def sentences(cast: Cast, **filters: Any) -> list[str]:
    return [row.sentence for row in (await cast.engine.query(list_entries, caller=cast.ann, **filters)).rows]


async def membership(cast: Cast, person: Caller) -> uuid.UUID:
    mine = select(col(Membership.id)).where(col(Membership.user_id) == person.user_id)
    return await cast.write(lambda ctx: ctx.db.scalars(mine).one())


async def test_an_act_says_who_what_before_after_and_from_where(cast: Cast) -> None:
    def browser(ctx: MutationCtx) -> None:
        session = ctx.db.get_one(Session, cast.ann.session_id)
        session.ip, session.user_agent = "203.0.113.7", "Mozilla/5.0 (Windows NT 10.0) Firefox/145.0"

    await cast.write(browser)
    await cast.engine.mutate(
        change_role, caller=cast.ann, membership_id=await membership(cast, cast.max), role=Role.CREATOR
    )
    row = await newest(cast)
    assert row.sentence == "Ann changed the role of Max: member → creator"
    assert row.parts == [
        Part("changed the role of ", Style.PLAIN),
        Part("Max", Style.STRONG),
        Part(": ", Style.PLAIN),
        Part("member", Style.STRUCK),
        Part(" ", Style.PLAIN),
        Part("creator", Style.STRONG),
    ]
    assert row.origin == "Firefox on Windows, 203.0.113.7"
    assert row.request_id.startswith("req_")
    assert len(row.hash) == 64


async def test_a_new_act_appears_by_itself_and_in_its_own_organization_only(cast: Cast) -> None:
    here, there = cast.watch(cast.abe, list_entries), cast.watch(cast.otto, list_entries)
    await until(lambda: here.shown and there.shown)
    before = len(there.shown)
    await cast.engine.mutate(rename_organization, caller=cast.ann, name="Fernhill")
    await until(lambda: here.shown[-1]["rows"][0]["sentence"] == "Ann renamed the organization: Here → Fernhill")
    await settled(cast.engine)
    assert len(there.shown) == before


async def test_what_is_refused_or_changes_nothing_leaves_no_entry(cast: Cast) -> None:
    count = len(await sentences(cast))
    with pytest.raises(Forbidden):
        await cast.engine.mutate(rename_organization, caller=cast.max, name="Mine")
    await cast.engine.mutate(rename_organization, caller=cast.ann, name="Here")
    assert len(await sentences(cast)) == count


@pytest.mark.parametrize("person", ["cleo", "max"])
async def test_only_owners_and_admins_read_it(cast: Cast, person: str) -> None:
    with pytest.raises(Forbidden):
        await cast.engine.query(list_entries, caller=getattr(cast, person))


async def test_nobody_else_reads_it(cast: Cast) -> None:
    from memberpulse.engine import ANONYMOUS

    with pytest.raises(NotSignedIn):
        await cast.engine.query(list_entries, caller=ANONYMOUS)
    foreign = await cast.engine.query(list_entries, caller=cast.otto)
    assert [row.sentence for row in foreign.rows] == ["Otto joined as owner"]
    assert not (await cast.engine.query(list_entries, caller=cast.otto, person=cast.ann.user_id)).rows


async def test_the_log_can_be_narrowed(cast: Cast) -> None:
    await cast.engine.mutate(post_announcement, caller=cast.cleo, title="Saturday clinic", body="At ten.")
    await cast.engine.mutate(remove_member, caller=cast.abe, membership_id=await membership(cast, cast.max))
    removed = "Abe removed Max from the organization"
    assert await sentences(cast, search="saturday") == ["Cleo posted Saturday clinic"]
    assert await sentences(cast, search="cleo", kind="announcement") == ["Cleo posted Saturday clinic"]
    assert (await sentences(cast, person=cast.max.user_id)) == [removed, "Max joined as member"]
    assert removed in await sentences(cast, kind="member")
    assert await sentences(cast, search="nobody at all") == []
    today = utc_now().date()
    assert removed in await sentences(cast, since=today - timedelta(days=1), until=today + timedelta(days=1))
    assert await sentences(cast, until=today - timedelta(days=2)) == []
    assert await sentences(cast, since=today + timedelta(days=2)) == []
    request_id = (await newest(cast)).request_id
    assert await sentences(cast, search=request_id) == [removed]
    choices = await cast.engine.query(list_filters, caller=cast.ann)
    assert [kind.label for kind in choices.kinds] == ["Announcements", "Members"]
    assert [person.label for person in choices.people] == ["Abe", "Ann", "Cleo", "Max"]


async def test_long_logs_come_in_pages(cast: Cast) -> None:
    for number in range(PAGE_SIZE):
        await cast.engine.mutate(rename_organization, caller=cast.ann, name=f"Name {number}")
    first = await cast.engine.query(list_entries, caller=cast.ann)
    assert first.next_cursor
    rest = await cast.engine.query(list_entries, caller=cast.ann, cursor=first.next_cursor)
    assert [row.sequence for row in (*first.rows, *rest.rows)] == list(range(PAGE_SIZE + 4, 0, -1))
    for broken in ("x", "", "W10", "WyIxIiwgIjIiXQ"):
        if broken:
            with pytest.raises(BadArguments):
                await cast.engine.query(list_entries, caller=cast.ann, cursor=broken)


def test_an_act_without_words_still_reads() -> None:
    told = Telling("gate_key", "handed_over", None, {"target": "Shed", "before": None, "after": ["North", "South"]})
    assert "".join(part.text for part in parts_of(told)) == "handed over gate key Shed: nothing North, South"
    many = Telling(
        "level", "changed", None, {"before": {"a": 1, "b": True}, "after": {"a": 1, "b": False, "c_id": "x"}}
    )
    assert "".join(part.text for part in parts_of(many)) == "changed level: b on off; c nothing x"


def test_long_values_are_cut_in_the_sentence_only() -> None:
    told = Telling("page", "changed", None, {"before": "a" * 500, "after": ""})
    struck = next(part for part in parts_of(told) if part.style is Style.STRUCK)
    assert len(struck.text) == 120
    assert say("a" * 500) == "a" * 500


# The export


class Behind:
    """What the gate hands on: the engine, and who calls."""

    def __init__(self, cast: Cast, caller: Caller | None) -> None:
        self.app = Starlette(routes=ROUTES)
        self.cast, self.caller = cast, caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["memberpulse.session"] = self.caller.reference if self.caller else None
        scope["state"] = {"engine": self.cast.engine}
        await self.app(scope, receive, send)


async def exported(cast: Cast, caller: Caller | None, **filters: str) -> httpx.Response:
    transport = httpx.ASGITransport(Behind(cast, caller))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        return await client.get("/export/audit", params=filters)


async def proven(cast: Cast, caller: Caller) -> None:
    def grant(ctx: MutationCtx) -> None:
        ends = ctx.now + timedelta(minutes=10)
        ctx.db.add(StepUpGrant(session_id=caller.session_id, action="audit.export", method="password", expires_at=ends))

    await cast.write(grant)


async def test_an_export_wants_a_fresh_proof_and_is_itself_in_the_log(cast: Cast) -> None:
    with pytest.raises(StepUpRequired):
        await cast.engine.mutate(prove_export, caller=cast.ann)
    refused = await exported(cast, cast.ann)
    assert refused.status_code == 403
    assert refused.json()["code"] == "step_up_required"
    await proven(cast, cast.ann)
    await cast.engine.mutate(prove_export, caller=cast.ann)
    taken = await exported(cast, cast.ann, format="jsonl")
    assert taken.status_code == 200
    assert taken.headers["content-disposition"].startswith('attachment; filename="audit-log-')
    assert len(taken.text.splitlines()) == 4
    assert await sentences(cast, kind="audit") == ["Ann exported 4 entries of the audit log as jsonl"]


@pytest.mark.parametrize(("who", "status"), [("max", 403), ("cleo", 403), (None, 401)])
async def test_who_may_not_export_gets_nothing(cast: Cast, who: str | None, status: int) -> None:
    caller = getattr(cast, who) if who else None
    if caller:
        await proven(cast, caller)
    assert (await exported(cast, caller)).status_code == status


async def test_an_export_of_another_organization_has_nothing_of_ours(cast: Cast) -> None:
    await proven(cast, cast.otto)
    text = (await exported(cast, cast.otto, format="jsonl")).text
    assert "Otto" in text
    assert "Ann" not in text
    assert str(cast.here) not in text


async def test_filters_apply_and_bad_ones_are_refused(cast: Cast) -> None:
    await proven(cast, cast.ann)
    assert len((await exported(cast, cast.ann, format="jsonl", search="cleo")).text.splitlines()) == 1
    for wrong in ({"format": "xls"}, {"person": "x"}, {"since": "yesterday"}):
        assert (await exported(cast, cast.ann, **wrong)).status_code == 422


async def test_a_spreadsheet_computes_nothing(cast: Cast) -> None:
    await a_person(cast.engine, "=cmd|' /C calc'!A0", cast.here)
    await proven(cast, cast.ann)
    text = (await exported(cast, cast.ann)).text
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row["actor"] for row in rows][-1] == "'=cmd|' /C calc'!A0"
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert harmless("Ann") == "Ann"


async def test_an_export_can_be_verified_as_the_documentation_says(cast: Cast, tmp_path: Path) -> None:
    await cast.engine.mutate(post_announcement, caller=cast.cleo, title="Größe “heute”", body="At ten.")
    await proven(cast, cast.ann)
    file = tmp_path / "log.jsonl"
    file.write_text((await exported(cast, cast.ann, format="jsonl")).text)
    verify = documented()
    assert verify(file) == "5 entries fit together."
    lines = file.read_text().splitlines()
    changed = json.loads(lines[4])
    changed["canonical"] = changed["canonical"].replace("posted", "withdrew")
    file.write_text("\n".join([*lines[:4], json.dumps(changed)]))
    assert verify(file) == "Entry 5 was changed."
    file.write_text("\n".join([*lines[:2], *lines[3:]]))
    assert verify(file) == "Entry 4 does not follow entry 2."
    renamed = json.loads(lines[4])
    renamed["personal"]["target"][1] = "Another title"
    file.write_text("\n".join([*lines[:4], json.dumps(renamed)]))
    assert verify(file) == "Entry 5 was changed: its target is another."


def documented() -> Any:
    text = (Path(__file__).parents[3] / "docs" / "audit-log.md").read_text()
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert code
    found: dict[str, Any] = {"__name__": "documented"}
    exec(code[1], found)
    return found["verify"]


async def test_the_hash_is_that_of_the_canonical_text(cast: Cast) -> None:
    await proven(cast, cast.ann)
    rows = [json.loads(line) for line in (await exported(cast, cast.ann, format="jsonl")).text.splitlines()]
    assert all(hashlib.sha256(row["canonical"].encode()).hexdigest() == row["hash"] for row in rows)
    kept = await cast.write(
        lambda ctx: list(ctx.db.scalars(select(col(AuditEntry.hash)).order_by(AuditEntry.sequence)))
    )
    assert [row["hash"] for row in rows] == kept[: len(rows)]
