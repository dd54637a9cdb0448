"""One inbox over all kinds: who may decide, how many it takes, what can be taken back, and who is told."""

import asyncio
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from memberpulse.domains.approvals import kinds
from memberpulse.domains.approvals.asking import ask_for_approval, request_approval, withdraw_request
from memberpulse.domains.approvals.enclosing import enclose_file, take_file_back
from memberpulse.domains.approvals.errors import (
    AlreadyDecided,
    AlreadyVoted,
    ApprovedAsItIs,
    BadReason,
    BadRequest,
    NotYourRequest,
    NotYoursToDecide,
    NotYoursToWithdraw,
    OwnRequest,
    RequestNotFound,
    TooFewApprovers,
    TooLateToUndo,
    TooMuchAtOnce,
    UnknownKind,
)
from memberpulse.domains.approvals.kinds import Detail, Kind
from memberpulse.domains.approvals.models import Status
from memberpulse.domains.approvals.mutations import (
    approve_request,
    decide_request,
    decide_requests,
    forget_decided,
    reject_request,
    set_approvers,
    undo_decisions,
)
from memberpulse.domains.approvals.queries import (
    count_pending,
    count_waiting,
    get_request,
    list_kinds,
    list_requests,
    list_rules,
)
from memberpulse.domains.approvals.schemas import Show
from memberpulse.domains.files.errors import FileNotFound
from memberpulse.domains.files.models import Audience
from memberpulse.domains.files.queries import list_attachments
from memberpulse.domains.notifications.kinds import Channel
from memberpulse.domains.notifications.preferences import set_preference
from memberpulse.domains.notifications.queries import list_unread
from memberpulse.domains.organizations.models import Organization, Role
from memberpulse.domains.organizations.mutations import change_role
from memberpulse.engine import Caller, system
from memberpulse.engine.errors import Conflict, Forbidden
from tests.domains.conftest import Cast, a_person
from tests.domains.files.shelf import a_file
from tests.domains.organizations.post import Recorded, letters_to
from tests.domains.organizations.rights import a_role, give, membership_of
from tests.engine.conftest import settled, until

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Broken(Conflict):
    code = "broken"
    message = "The money is gone."


@pytest.fixture
def happened() -> Iterator[list[str]]:
    """A kind "loan" that takes two people, and what it did; a loan called "bad" cannot be granted."""
    done: list[str] = []

    def approved(ctx: Any, request: Any, decision: Any) -> None:
        ctx.db.get_one(Organization, ctx.organization_id).name = f"lent {request.title}"
        ctx.db.flush()
        if request.title == "bad":
            raise Broken
        done.append(f"approved {request.title}")

    kind = Kind(
        name="loan",
        words="Loan",
        requires="approvals.decide",
        approvers=2,
        preview=lambda ctx, request: [Detail("Amount", "£5")],
        approved=approved,
        rejected=lambda ctx, request, decision: done.append(f"rejected {request.title}: {decision.reason}"),
        undone=lambda ctx, request, before: done.append(f"undone {before.value} {request.title}"),
    )
    kinds.register(kind)
    yield done
    del kinds._kinds["loan"]


async def ask(cast: Cast, title: str = "a key", kind: str = "general", by: Caller | None = None) -> uuid.UUID:
    requester = (by or cast.max).user_id
    return await cast.engine.mutate(
        request_approval, caller=system(cast.here), kind=kind, title=title, requester_id=requester
    )


async def listed(cast: Cast, caller: Caller, **arguments: Any) -> list[Any]:
    return (await cast.engine.query(list_requests, caller=caller, **arguments)).rows


async def told(cast: Cast, caller: Caller) -> list[str]:
    unread = await cast.engine.query(list_unread, caller=caller)
    return [f"{row.title}/{row.message}" for row in unread.rows if row.type == "approval"]


async def test_a_member_asks_an_admin_decides_and_the_member_is_told_when_it_is_final(cast: Cast) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        with Recorded(cast) as recorded:
            key = await cast.engine.mutate(
                ask_for_approval, caller=cast.max, title="  a  key ", summary="For Tuesdays."
            )
        assert recorded.kinds() == ["ApprovalRequested"]
        assert await told(cast, cast.ann) == await told(cast, cast.abe) == ["Max asks for a key/For Tuesdays."]
        assert await told(cast, cast.max) == await told(cast, cast.cleo) == []
        (row,) = await listed(cast, cast.abe)
        assert (row.title, row.kind_words, row.requester.name, row.may_decide) == ("a key", "General", "Max", True)
        with Recorded(cast) as recorded:
            outcome = await cast.engine.mutate(approve_request, caller=cast.abe, request_id=key, reason="Take care.")
        assert recorded.kinds() == ["ApprovalGiven"]
        assert outcome.status == "approved"
        assert await listed(cast, cast.abe) == []
        (row,) = await listed(cast, cast.ann, show=Show.DECIDED)
        assert (row.status, row.decider.name, row.reason, row.decided_at) == ("approved", "Abe", "Take care.", NOON)
        assert await told(cast, cast.ann) == [], "nobody else has to decide any more"
        assert await told(cast, cast.max) == [], "it can still be undone"
        clock.shift(timedelta(seconds=13))
        await cast.engine.jobs.settle()
        assert await told(cast, cast.max) == ["a key: approved/Take care."]
        await cast.engine.jobs.settle()
        assert len(await told(cast, cast.max)) == 1


async def test_nobody_decides_without_the_right_or_about_what_they_asked_for_themselves(cast: Cast) -> None:
    key, mine = await ask(cast), await ask(cast, by=cast.abe)
    for caller in (cast.max, cast.cleo):
        for attempt in (approve_request, reject_request):
            with pytest.raises(NotYoursToDecide):
                await cast.engine.mutate(attempt, caller=caller, request_id=key)
    for attempt in (approve_request, reject_request):
        with pytest.raises(RequestNotFound):
            await cast.engine.mutate(attempt, caller=cast.otto, request_id=key)
        with pytest.raises(OwnRequest):
            await cast.engine.mutate(attempt, caller=cast.abe, request_id=mine)
    with pytest.raises(RequestNotFound):
        await cast.engine.query(get_request, caller=cast.cleo, request_id=key)
    with pytest.raises(Forbidden):
        await cast.engine.mutate(request_approval, caller=cast.max, kind="general", title="x", requester_id=key)
    assert await listed(cast, cast.max) == await listed(cast, cast.otto) == []
    assert [row.mine for row in await listed(cast, cast.max, show=Show.MINE)] == [True]
    assert (await cast.engine.query(get_request, caller=cast.max, request_id=key)).row.may_decide is False
    assert (await cast.engine.query(count_pending, caller=cast.max)).count == 2
    counts = {
        each: (await cast.engine.query(count_waiting, caller=each)).count for each in (cast.ann, cast.abe, cast.max)
    }
    assert list(counts.values()) == [2, 1, 0]


async def test_a_custom_role_decides_about_its_kinds_alone(cast: Cast) -> None:
    door = await a_role(cast, "Doorkeeper", "approvals.decide")
    await give(cast, cast.cleo, door)
    cleo = await cast.again(cast.cleo)
    key = await ask(cast)
    assert [each.name for each in await cast.engine.query(list_kinds, caller=cleo)] == ["general"]
    assert (await cast.engine.mutate(approve_request, caller=cleo, request_id=key)).status == "approved"


async def test_two_people_approve_what_takes_two_and_one_alone_rejects(cast: Cast, happened: list[str]) -> None:
    tools, paint = await ask(cast, "tools", "loan"), await ask(cast, "paint", "loan")
    with Recorded(cast) as recorded:
        outcome = await cast.engine.mutate(approve_request, caller=cast.abe, request_id=tools)
    assert (outcome.status, outcome.given, outcome.needed, recorded.kinds()) == ("pending", 1, 2, ["ApprovalSupported"])
    assert happened == []
    with pytest.raises(AlreadyVoted):
        await cast.engine.mutate(approve_request, caller=cast.abe, request_id=tools)
    abes, anns = (await listed(cast, cast.abe))[0], (await listed(cast, cast.ann))[0]
    assert (abes.voted, abes.may_decide, anns.voted, anns.may_decide) == (True, False, False, True)
    assert [each.name for each in anns.approvers] == ["Abe"]
    assert (await cast.engine.mutate(approve_request, caller=cast.ann, request_id=tools)).status == "approved"
    await cast.engine.mutate(approve_request, caller=cast.abe, request_id=paint)
    rejected = await cast.engine.mutate(reject_request, caller=cast.abe, request_id=paint, reason="On second thoughts.")
    assert rejected.status == "rejected", "who has approved may still reject"
    assert happened == ["approved tools", "rejected paint: On second thoughts."]
    detail = await cast.engine.query(get_request, caller=cast.ann, request_id=tools)
    assert [(each.person.name, each.approves) for each in detail.votes] == [("Abe", True), ("Ann", True)]
    assert [(each.label, each.text) for each in detail.details] == [("Amount", "£5")]


async def test_only_those_who_still_may_decide_count(cast: Cast, happened: list[str]) -> None:
    door = await a_role(cast, "Doorkeeper", "approvals.decide")
    for caller in (cast.cleo, cast.max):
        await give(cast, caller, door)
    bea = await a_person(cast.engine, "Bea", cast.here)
    tools = await ask(cast, "tools", "loan", by=bea)
    for caller in (cast.cleo, cast.max):
        outcome = await cast.engine.mutate(approve_request, caller=await cast.again(caller), request_id=tools)
        assert (outcome.status, outcome.given) == ("pending", 1)
        await cast.engine.mutate(
            change_role, caller=cast.ann, membership_id=await membership_of(cast, caller), role=Role.MEMBER
        )
    (row,) = await listed(cast, cast.abe)
    assert (row.given, row.approvers) == (0, [])
    assert (await cast.engine.mutate(approve_request, caller=cast.abe, request_id=tools)).given == 1
    assert happened == []
    assert (await cast.engine.mutate(approve_request, caller=cast.ann, request_id=tools)).status == "approved"


async def test_the_number_of_approvers_is_the_organizations_and_holds_from_the_next_request_on(cast: Cast) -> None:
    before = await ask(cast, "before")
    with Recorded(cast) as recorded:
        await cast.engine.mutate(set_approvers, caller=cast.abe, kind="general", approvers=2)
        await cast.engine.mutate(set_approvers, caller=cast.abe, kind="general", approvers=2)
    assert recorded.kinds() == ["ApproversChanged"]
    after = await ask(cast, "after")
    assert (await cast.engine.mutate(approve_request, caller=cast.abe, request_id=before)).status == "approved"
    assert (await cast.engine.mutate(approve_request, caller=cast.abe, request_id=after)).status == "pending"
    await cast.engine.mutate(set_approvers, caller=cast.abe, kind="general", approvers=1)
    with pytest.raises(AlreadyVoted):
        await cast.engine.mutate(approve_request, caller=cast.abe, request_id=after)
    with pytest.raises(TooFewApprovers, match="Only 2 people may decide"):
        await cast.engine.mutate(set_approvers, caller=cast.ann, kind="general", approvers=3)
    with pytest.raises(BadRequest):
        await cast.engine.mutate(set_approvers, caller=cast.ann, kind="general", approvers=0)
    with pytest.raises(UnknownKind):
        await cast.engine.mutate(set_approvers, caller=cast.ann, kind="charity", approvers=1)
    with pytest.raises(Forbidden):
        await cast.engine.mutate(set_approvers, caller=cast.cleo, kind="general", approvers=1)
    assert [row.approvers for row in await cast.engine.query(list_rules, caller=cast.ann)] == [1, 1]
    assert {row.approvers for row in await cast.engine.query(list_rules, caller=cast.otto)} == {1}


async def test_a_decision_is_undone_within_ten_seconds_by_whoever_made_it(cast: Cast, happened: list[str]) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        tools = await ask(cast, "tools", "loan")
        await cast.engine.mutate(approve_request, caller=cast.abe, request_id=tools)
        await cast.engine.mutate(approve_request, caller=cast.ann, request_id=tools)
        (row,) = await listed(cast, cast.ann, show=Show.DECIDED)
        assert row.undoable
        with pytest.raises(TooLateToUndo):
            await cast.engine.mutate(undo_decisions, caller=cast.abe, request_ids=[tools])
        with Recorded(cast) as recorded:
            assert await cast.engine.mutate(undo_decisions, caller=cast.ann, request_ids=[tools]) == 1
        assert recorded.kinds() == ["DecisionUndone"]
        assert happened == ["approved tools", "undone approved tools"]
        (row,) = await listed(cast, cast.ann)
        assert (row.status, row.given, row.may_decide) == ("pending", 1, True)
        await cast.engine.mutate(undo_decisions, caller=cast.abe, request_ids=[tools])
        assert (await listed(cast, cast.ann))[0].given == 0
        clock.shift(timedelta(seconds=13))
        await cast.engine.jobs.settle()
        assert await told(cast, cast.max) == [], "what was taken back is told to nobody"
        await cast.engine.mutate(reject_request, caller=cast.ann, request_id=tools)
        clock.shift(timedelta(seconds=12, milliseconds=1))
        with pytest.raises(TooLateToUndo):
            await cast.engine.mutate(undo_decisions, caller=cast.ann, request_ids=[tools])
        assert (await listed(cast, cast.ann, show=Show.DECIDED))[0].undoable is False


async def test_what_waits_again_is_told_again_and_what_waited_all_the_time_stays_told(
    cast: Cast, happened: list[str]
) -> None:
    tools = await ask(cast, "tools", "loan")
    for caller in (cast.ann, cast.abe):
        await cast.engine.mutate(set_preference, caller=caller, type="approval", channel=Channel.EMAIL, enabled=True)
    words = ["Max asks for tools/Loan"]
    await cast.engine.mutate(approve_request, caller=cast.abe, request_id=tools)
    await cast.engine.mutate(undo_decisions, caller=cast.abe, request_ids=[tools])
    assert await told(cast, cast.ann) == words, "it was not settled"
    await cast.engine.mutate(reject_request, caller=cast.abe, request_id=tools)
    assert await told(cast, cast.ann) == []
    await cast.engine.mutate(undo_decisions, caller=cast.abe, request_ids=[tools])
    assert await told(cast, cast.ann) == await told(cast, cast.abe) == words
    assert await letters_to(cast, "ann@post.example") == [], "nothing leaves a second time"


async def test_undoing_several_undoes_all_or_none(cast: Cast) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        early, late = await ask(cast, "early"), await ask(cast, "late")
        await cast.engine.mutate(approve_request, caller=cast.abe, request_id=early)
        clock.shift(timedelta(seconds=13))
        await cast.engine.mutate(approve_request, caller=cast.abe, request_id=late)
        with pytest.raises(TooLateToUndo):
            await cast.engine.mutate(undo_decisions, caller=cast.abe, request_ids=[late, early])
        assert len(await listed(cast, cast.abe, show=Show.DECIDED)) == 2


async def test_of_two_approvers_at_the_same_moment_one_decides_and_the_other_is_told_who(cast: Cast) -> None:
    for _ in range(5):
        key = await ask(cast)
        calls = [
            cast.engine.mutate(function, caller=caller, request_id=key)
            for function, caller in ((approve_request, cast.abe), (reject_request, cast.ann))
        ]
        results = await asyncio.gather(*calls, return_exceptions=True)
        refused = [each for each in results if isinstance(each, Exception)]
        assert len(refused) == 1
        assert isinstance(refused[0], AlreadyDecided)
        winner, verb = ("Abe", "approved") if results[1] is refused[0] else ("Ann", "rejected")
        assert refused[0].message == f"{winner} has {verb} this already."
        assert refused[0].fields == {"decided_by": winner}
        detail = await cast.engine.query(get_request, caller=cast.ann, request_id=key)
        assert (detail.row.status, len(detail.votes)) == (verb, 1)


async def test_a_click_that_is_sent_twice_decides_once(cast: Cast) -> None:
    key = await ask(cast)
    once = {"name": "approvals.approve_request", "arguments": {"request_id": str(key)}, "caller": cast.abe}
    first = await cast.engine.serve(once["name"], once["arguments"], once["caller"], key="one click")
    again = await cast.engine.serve(once["name"], once["arguments"], once["caller"], key="one click")
    assert first == again
    with pytest.raises(AlreadyDecided, match="You have approved this already"):
        await cast.engine.mutate(approve_request, caller=cast.abe, request_id=key)


async def test_an_effect_that_fails_leaves_nothing_behind(cast: Cast, happened: list[str]) -> None:
    bad = await ask(cast, "bad", "loan")
    await cast.engine.mutate(approve_request, caller=cast.abe, request_id=bad)
    with pytest.raises(Broken):
        await cast.engine.mutate(approve_request, caller=cast.ann, request_id=bad)
    (row,) = await listed(cast, cast.ann)
    assert (row.status, row.given) == ("pending", 1)


async def test_many_are_decided_at_once_and_what_cannot_be_is_passed_over(cast: Cast, happened: list[str]) -> None:
    ids = [await ask(cast, title) for title in ("one", "two", "three")]
    bad, mine = await ask(cast, "bad", "loan"), await ask(cast, "mine", by=cast.ann)
    await cast.engine.mutate(approve_request, caller=cast.abe, request_id=bad)
    await cast.engine.mutate(reject_request, caller=cast.abe, request_id=ids[0])
    everything = [*ids, bad, mine, uuid.uuid4(), ids[1]]
    outcome = await cast.engine.mutate(decide_requests, caller=cast.ann, request_ids=everything, approve=True)
    assert [each.title for each in outcome.decided] == ["two", "three"]
    codes = [each.code for each in outcome.passed_over]
    assert codes == ["already_decided", "broken", "own_request", "request_not_found"]
    assert outcome.words == "2 approved, 4 passed over: Abe has rejected this already."
    name = await cast.write(lambda ctx: ctx.db.get_one(Organization, cast.here).name)
    assert name == "Here", "what the refused one had written is gone with it"
    assert (await cast.engine.query(get_request, caller=cast.ann, request_id=bad)).row.given == 1
    assert await cast.engine.mutate(undo_decisions, caller=cast.ann, request_ids=ids[1:]) == 2
    with pytest.raises(NotYoursToDecide):
        await cast.engine.mutate(decide_requests, caller=cast.max, request_ids=ids[1:], approve=True)
    many = [uuid.uuid4() for _ in range(101)]
    with pytest.raises(TooMuchAtOnce):
        await cast.engine.mutate(decide_requests, caller=cast.ann, request_ids=many, approve=True)


async def test_what_was_asked_is_withdrawn_by_whoever_asked_alone(cast: Cast) -> None:
    key = await ask(cast)
    with pytest.raises(NotYoursToWithdraw):
        await cast.engine.mutate(withdraw_request, caller=cast.ann, request_id=key)
    await cast.engine.mutate(withdraw_request, caller=cast.max, request_id=key)
    assert await told(cast, cast.ann) == []
    with pytest.raises(AlreadyDecided, match="withdrawn"):
        await cast.engine.mutate(approve_request, caller=cast.ann, request_id=key)
    with pytest.raises(AlreadyDecided):
        await cast.engine.mutate(withdraw_request, caller=cast.max, request_id=key)
    assert [row.status for row in await listed(cast, cast.max, show=Show.MINE)] == ["withdrawn"]
    assert await listed(cast, cast.ann, show=Show.DECIDED) == []


async def test_too_long_and_empty_words_are_refused_beside_their_fields(cast: Cast) -> None:
    with pytest.raises(BadRequest) as refused:
        await cast.engine.mutate(ask_for_approval, caller=cast.max, title=" ", summary="x" * 501)
    assert sorted(refused.value.fields) == ["summary", "title"]
    key = await ask(cast)
    for attempt in (approve_request, reject_request):
        with pytest.raises(BadReason):
            await cast.engine.mutate(attempt, caller=cast.ann, request_id=key, reason="x" * 301)
    with pytest.raises(BadRequest):
        await cast.engine.mutate(approve_request, caller=cast.ann, request_id=key, choice="owner")


async def test_the_list_is_filtered_and_read_page_by_page(cast: Cast, happened: list[str]) -> None:
    zoe = await a_person(cast.engine, "Zoë", cast.here)
    for number in range(52):
        await ask(cast, f"thing {number}", by=zoe if number % 2 else cast.max)
    await ask(cast, "tools", "loan")
    first = await cast.engine.query(list_requests, caller=cast.ann)
    second = await cast.engine.query(list_requests, caller=cast.ann, cursor=first.next_cursor)
    titles = [row.title for row in [*first.rows, *second.rows]]
    assert (titles, first.matching, second.next_cursor) == ([*(f"thing {n}" for n in range(52)), "tools"], 53, None)
    assert [row.title for row in await listed(cast, cast.ann, kind="loan")] == ["tools"]
    assert len(await listed(cast, cast.ann, search="zoe")) == 26
    assert [row.title for row in await listed(cast, cast.ann, search="TOOLS")] == ["tools"]
    assert await listed(cast, cast.ann, older_than_days=1) == []
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1, minutes=1), tick=False):
        assert len(await listed(cast, cast.ann, older_than_days=1)) == 50
    ids = [row.id for row in first.rows]
    await cast.engine.mutate(decide_requests, caller=cast.ann, request_ids=ids[:30], approve=True)
    await cast.engine.mutate(decide_requests, caller=cast.abe, request_ids=ids[30:], approve=False)
    decided = await cast.engine.query(list_requests, caller=cast.ann, show=Show.DECIDED)
    assert decided.matching == 50
    assert len(await listed(cast, cast.ann, show=Show.DECIDED, outcome=Status.REJECTED)) == 20


async def test_screens_of_other_approvers_follow_at_once(cast: Cast) -> None:
    here, there = cast.watch(cast.max, count_pending), cast.watch(cast.otto, count_pending)
    inbox = cast.watch(cast.ann, list_requests)
    await here.shows({"count": 0, "oldest_at": None})
    key = await ask(cast)
    await until(lambda: here.shown[-1]["count"] == 1 and len(inbox.shown[-1]["rows"]) == 1)
    await cast.engine.mutate(approve_request, caller=cast.abe, request_id=key)
    await until(lambda: here.shown[-1]["count"] == 0 and inbox.shown[-1]["rows"] == [])
    assert (await cast.happened())[:2] == [("Abe", "approved", "a key"), ("Max", "asked for", "a key")]
    await settled(cast.engine)
    assert there.shown == [{"count": 0, "oldest_at": None}]


async def test_decisions_on_somebodys_behalf_are_theirs(cast: Cast) -> None:
    key = await ask(cast)
    decision = {"request_id": key, "approve": True, "by": cast.ann.user_id}
    with pytest.raises(RequestNotFound):
        await cast.engine.mutate(decide_request, caller=system(cast.there), **decision)
    await cast.engine.mutate(decide_request, caller=system(cast.here), **decision)
    assert (await listed(cast, cast.abe, show=Show.DECIDED))[0].decider.name == "Ann"
    with pytest.raises(AlreadyDecided):
        await cast.engine.mutate(decide_request, caller=system(cast.here), **decision)


async def test_pending_requests_are_never_forgotten(cast: Cast) -> None:
    first, _ = await ask(cast), await ask(cast)
    await cast.engine.mutate(reject_request, caller=cast.abe, request_id=first)
    await cast.engine.mutate(forget_decided, caller=system(cast.here), keep=0)
    assert (await cast.engine.query(count_pending, caller=cast.max)).count == 1


async def test_a_kind_that_is_gone_is_settled_by_whoever_manages_approvals(cast: Cast) -> None:
    old = await ask(cast, "a boat", "moored_boat")
    (row,) = await listed(cast, cast.ann)
    assert row.kind_words == "Moored boat"
    assert (await cast.engine.mutate(approve_request, caller=cast.ann, request_id=old)).status == "approved"


async def test_whoever_asked_encloses_files_until_it_is_decided(cast: Cast) -> None:
    request_id = await cast.engine.mutate(ask_for_approval, caller=cast.max, title="A lathe")
    receipt = await a_file(cast, cast.max, audience=Audience.ADMINS)
    at = {"request_id": request_id, "file_id": receipt}
    await cast.engine.mutate(enclose_file, caller=cast.max, **at)
    await cast.engine.mutate(enclose_file, caller=cast.max, **at)

    async def seen(caller: Caller) -> list[uuid.UUID]:
        rows = await cast.engine.query(list_attachments, caller=caller, entity_type="approval", entity_id=request_id)
        return [row.file.id for row in rows]

    assert await seen(cast.abe) == await seen(cast.max) == [receipt]
    assert await seen(cast.cleo) == [], "a receipt is not for everybody"
    theirs = await a_file(cast, cast.abe, audience=Audience.ONLY_ME)
    with pytest.raises(FileNotFound):
        await cast.engine.mutate(enclose_file, caller=cast.max, request_id=request_id, file_id=theirs)
    with pytest.raises(NotYourRequest):
        await cast.engine.mutate(enclose_file, caller=cast.abe, **at)
    for _ in range(9):
        await cast.engine.mutate(
            enclose_file, caller=cast.max, request_id=request_id, file_id=await a_file(cast, cast.max)
        )
    with pytest.raises(TooMuchAtOnce):
        await cast.engine.mutate(
            enclose_file, caller=cast.max, request_id=request_id, file_id=await a_file(cast, cast.max)
        )
    await cast.engine.mutate(take_file_back, caller=cast.max, **at)
    assert receipt not in await seen(cast.abe)
    await cast.engine.mutate(approve_request, caller=cast.abe, request_id=request_id)
    with pytest.raises(AlreadyDecided):
        await cast.engine.mutate(enclose_file, caller=cast.max, **at)


async def test_nobody_changes_the_files_under_an_approval(cast: Cast, happened: list[str]) -> None:
    tools, plan = await ask(cast, "tools", "loan"), await a_file(cast, cast.max)
    at = {"request_id": tools, "file_id": plan}
    await cast.engine.mutate(enclose_file, caller=cast.max, **at)
    await cast.engine.mutate(approve_request, caller=cast.abe, request_id=tools)
    with pytest.raises(ApprovedAsItIs):
        await cast.engine.mutate(take_file_back, caller=cast.max, **at)
    other = await a_file(cast, cast.max)
    with pytest.raises(ApprovedAsItIs):
        await cast.engine.mutate(enclose_file, caller=cast.max, request_id=tools, file_id=other)
    await cast.engine.mutate(undo_decisions, caller=cast.abe, request_ids=[tools])
    await cast.engine.mutate(take_file_back, caller=cast.max, **at)
