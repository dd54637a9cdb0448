"""People ask to join, somebody decides, and both places that show the request agree."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.errors import StepUpRequired
from memberpulse.domains.approvals.errors import AlreadyDecided, AlreadyVoted, ChosenOtherwise, NeedsMoreApprovers
from memberpulse.domains.approvals.models import ApprovalRequest
from memberpulse.domains.approvals.mutations import approve_request as approve
from memberpulse.domains.approvals.mutations import decide_request, set_approvers, undo_decisions
from memberpulse.domains.approvals.mutations import reject_request as reject
from memberpulse.domains.approvals.queries import count_pending, get_request
from memberpulse.domains.notifications.models import Notification
from memberpulse.domains.notifications.queries import list_unread
from memberpulse.domains.organizations.errors import AlreadyMember, OrganizationNotFound
from memberpulse.domains.organizations.founding import set_join_policy
from memberpulse.domains.organizations.invitations.errors import RoleTooHigh
from memberpulse.domains.organizations.models import JoinPolicy, Role
from memberpulse.domains.organizations.mutations import add_member
from memberpulse.domains.organizations.requests.errors import (
    AlreadyAsked,
    BadNote,
    NotOpen,
    RequestDecided,
    RequestNotFound,
    TooLateToUndo,
)
from memberpulse.domains.organizations.requests.mutations import (
    approve_request,
    ask_to_join,
    decline_request,
    undo_decision,
    withdraw_request,
)
from memberpulse.domains.organizations.requests.queries import get_join_page, list_my_requests, list_requests
from memberpulse.domains.organizations.roles.errors import NotYoursToGive
from memberpulse.domains.organizations.roles.mutations import remove_role
from memberpulse.engine import Caller, system
from memberpulse.engine.errors import Forbidden, NotSignedIn
from tests.domains.conftest import Cast
from tests.domains.organizations.post import Recorded, letters_to, newcomer, roles_of
from tests.domains.organizations.rights import a_role, give

pytestmark = pytest.mark.anyio

NELL = "nell@post.example"


@pytest.fixture
async def opened(cast: Cast) -> Cast:
    await cast.engine.mutate(set_join_policy, caller=cast.abe, policy=JoinPolicy.REQUEST)
    return cast


async def told(cast: Cast, caller: object) -> list[str]:
    unread = await cast.engine.query(list_unread, caller=caller)
    return [row.title for row in unread.rows if row.type == "join_request"]


async def given(cast: Cast, person: Caller) -> list[str]:
    """The notices of somebody whose session is not of Here yet."""
    theirs = select(Notification).where(col(Notification.user_id) == person.user_id)
    return await cast.write(lambda ctx: [row.title for row in ctx.db.scalars(theirs)])


async def pending(cast: Cast) -> int:
    return (await cast.engine.query(count_pending, caller=cast.abe)).count


async def test_a_person_asks_is_approved_and_told(opened: Cast) -> None:
    cast, nell = opened, await newcomer(opened, NELL)
    with Recorded(cast) as recorded:
        request_id = await cast.engine.mutate(ask_to_join, caller=nell, slug="here", note="I have a lathe.")
    assert recorded.kinds() == ["JoinRequested"]
    assert await told(cast, cast.ann) == await told(cast, cast.abe) == ["Nell asks to join"]
    assert await told(cast, cast.max) == []
    assert await pending(cast) == 1
    listed = await cast.engine.query(list_requests, caller=cast.abe)
    assert [(row.person.name, row.note) for row in listed.rows] == [("Nell", "I have a lathe.")]

    with Recorded(cast) as recorded:
        await cast.engine.mutate(approve_request, caller=cast.abe, request_id=request_id, role=Role.CREATOR)
    assert recorded.kinds() == ["MemberJoined", "JoinRequestApproved"]
    assert await roles_of(cast, nell) == [Role.CREATOR]
    assert await told(cast, cast.ann) == []
    assert await pending(cast) == 0
    decided = await cast.engine.query(list_requests, caller=cast.abe, decided=True)
    assert [(row.state, row.decider.name) for row in decided.rows] == [("approved", "Abe")]
    assert await letters_to(cast, NELL) == []


async def test_whoever_may_decide_by_a_custom_role_is_told_until_the_role_is_removed(opened: Cast) -> None:
    cast, nell = opened, await newcomer(opened, NELL)
    door = await a_role(cast, "Doorkeeper", "requests.decide")
    await give(cast, cast.max, door)
    await cast.engine.mutate(ask_to_join, caller=nell, slug="here")
    assert await told(cast, cast.max) == ["Nell asks to join"]
    assert await told(cast, cast.cleo) == []
    await cast.engine.mutate(remove_role, caller=cast.ann, role_id=door)
    other = await newcomer(cast, "olaf@post.example", "Olaf")
    await cast.engine.mutate(ask_to_join, caller=other, slug="here")
    assert await told(cast, cast.abe) == ["2 people ask to join"]
    assert await told(cast, cast.max) == ["Nell asks to join"]


async def test_the_letter_leaves_when_the_decision_can_no_longer_be_undone(opened: Cast) -> None:
    cast = opened
    with time_machine.travel(datetime(2026, 5, 1, 12, tzinfo=UTC), tick=False) as clock:
        nell = await newcomer(cast, NELL)
        request_id = await cast.engine.mutate(ask_to_join, caller=nell, slug="here")
        await cast.engine.mutate(decline_request, caller=cast.abe, request_id=request_id, reason="We are full.")
        page = await cast.engine.query(get_join_page, caller=nell, slug="here")
        assert (page.mine, page.reason) == ("declined", "We are full.")
        await cast.engine.mutate(undo_decision, caller=cast.abe, request_id=request_id)
        assert await pending(cast) == 1
        clock.shift(timedelta(seconds=2))
        await cast.engine.mutate(approve_request, caller=cast.abe, request_id=request_id)
        await cast.engine.jobs.settle()
        assert await given(cast, nell) == [], "it can still be undone"
        clock.shift(timedelta(seconds=13))
        await cast.engine.jobs.settle()
        assert await given(cast, nell) == ["You are a member of Here"]
        letters = await letters_to(cast, NELL)
        assert [each["kind"] for each in letters] == ["join_approved"]
        with pytest.raises(TooLateToUndo):
            await cast.engine.mutate(undo_decision, caller=cast.abe, request_id=request_id)


async def test_an_approval_that_is_undone_takes_the_membership_back(opened: Cast) -> None:
    cast, nell = opened, await newcomer(opened, NELL)
    request_id = await cast.engine.mutate(ask_to_join, caller=nell, slug="here")
    await cast.engine.mutate(approve_request, caller=cast.abe, request_id=request_id)
    await cast.engine.mutate(undo_decision, caller=cast.abe, request_id=request_id)
    assert await roles_of(cast, nell) == []
    assert (await cast.again(nell)).organization_id is None
    assert await pending(cast) == 1
    for caller in (cast.max, cast.cleo):
        with pytest.raises(Forbidden):
            await cast.engine.mutate(undo_decision, caller=caller, request_id=request_id)


async def test_nobody_undoes_what_somebody_else_decided(opened: Cast) -> None:
    cast, nell = opened, await newcomer(opened, NELL)
    request_id = await cast.engine.mutate(ask_to_join, caller=nell, slug="here")
    for door in (decline_request, reject):
        await cast.engine.mutate(door, caller=cast.abe, request_id=request_id)
        with pytest.raises(RequestDecided, match="Only they can undo it"):
            await cast.engine.mutate(undo_decision, caller=cast.ann, request_id=request_id)
        assert (await cast.engine.query(get_join_page, caller=nell, slug="here")).mine == "declined"
        await cast.engine.mutate(undo_decision, caller=cast.abe, request_id=request_id)
        assert await pending(cast) == 1
        assert await told(cast, cast.ann) == await told(cast, cast.abe) == ["Nell asks to join"], "it waits again"


async def test_deciding_among_the_approvals_is_the_same_decision(opened: Cast) -> None:
    cast, nell = opened, await newcomer(opened, NELL)
    request_id = await cast.engine.mutate(ask_to_join, caller=nell, slug="here")
    assert cast.abe.user_id is not None
    decide = {"request_id": request_id, "approve": True, "by": cast.abe.user_id}
    await cast.engine.mutate(decide_request, caller=system(cast.here), **decide)
    assert await roles_of(cast, nell) == [Role.MEMBER]
    with pytest.raises(RequestDecided):
        await cast.engine.mutate(decline_request, caller=cast.ann, request_id=request_id)
    with pytest.raises(AlreadyDecided):
        await cast.engine.mutate(decide_request, caller=system(cast.here), **decide)


async def test_two_who_decide_at_once_make_one_decision(opened: Cast) -> None:
    cast = opened
    for number in range(4):
        nell = await newcomer(cast, f"{number}@post.example", f"P{number}")
        request_id = await cast.engine.mutate(ask_to_join, caller=nell, slug="here")
        results = await asyncio.gather(
            cast.engine.mutate(approve_request, caller=cast.abe, request_id=request_id),
            cast.engine.mutate(decline_request, caller=cast.ann, request_id=request_id),
            return_exceptions=True,
        )
        assert sorted(isinstance(each, RequestDecided) for each in results) == [False, True]
        approved = (await cast.engine.query(get_join_page, caller=nell, slug="here")).mine == "member"
        assert await roles_of(cast, nell) == ([Role.MEMBER] if approved else [])
        row = await cast.write(lambda ctx, key=request_id: ctx.db.get(ApprovalRequest, key))
        assert row is not None
        assert row.status.value == ("approved" if approved else "rejected")


async def test_one_open_request_of_a_person_and_it_can_be_withdrawn(opened: Cast) -> None:
    cast, nell = opened, await newcomer(opened, NELL)
    calls = [cast.engine.mutate(ask_to_join, caller=nell, slug="here") for _ in range(3)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert sorted(isinstance(each, AlreadyAsked) for each in results) == [False, True, True]
    (mine,) = await cast.engine.query(list_my_requests, caller=nell)
    for stranger in (cast.abe, cast.otto):
        with pytest.raises(RequestNotFound):
            await cast.engine.mutate(withdraw_request, caller=stranger, request_id=mine.id)
    await cast.engine.mutate(withdraw_request, caller=nell, request_id=mine.id)
    assert await pending(cast) == 0
    assert await told(cast, cast.ann) == []
    left = await cast.write(lambda ctx: list(ctx.db.scalars(select(col(ApprovalRequest.id)))))
    assert left == []
    with pytest.raises(RequestDecided):
        await cast.engine.mutate(approve_request, caller=cast.abe, request_id=mine.id)
    await cast.engine.mutate(ask_to_join, caller=nell, slug="here")


async def test_who_may_not_ask_is_told_why(cast: Cast) -> None:
    nell = await newcomer(cast, NELL)
    with pytest.raises(NotOpen):
        await cast.engine.mutate(ask_to_join, caller=nell, slug="here")
    await cast.engine.mutate(set_join_policy, caller=cast.abe, policy=JoinPolicy.REQUEST)
    with pytest.raises(OrganizationNotFound):
        await cast.engine.mutate(ask_to_join, caller=nell, slug="nowhere")
    with pytest.raises(AlreadyMember):
        await cast.engine.mutate(ask_to_join, caller=cast.max, slug="here")
    with pytest.raises(BadNote):
        await cast.engine.mutate(ask_to_join, caller=nell, slug="here", note="x" * 501)
    with pytest.raises(NotSignedIn):
        await cast.engine.mutate(ask_to_join, caller=await cast.engine.caller_of(None), slug="here")


async def test_requests_are_decided_by_those_who_may_and_of_their_own_organization(opened: Cast) -> None:
    cast, nell = opened, await newcomer(opened, NELL)
    request_id = await cast.engine.mutate(ask_to_join, caller=nell, slug="here")
    for function in (approve_request, decline_request):
        with pytest.raises(RequestNotFound):
            await cast.engine.mutate(function, caller=cast.otto, request_id=request_id)
        with pytest.raises(Forbidden):
            await cast.engine.mutate(function, caller=cast.cleo, request_id=request_id)
    with pytest.raises(RoleTooHigh):
        await cast.engine.mutate(approve_request, caller=cast.abe, request_id=request_id, role=Role.OWNER)
    with pytest.raises(BadNote):
        await cast.engine.mutate(decline_request, caller=cast.abe, request_id=request_id, reason="x" * 301)
    assert await pending(cast) == 1


async def test_the_join_page_tells_anybody_the_name_and_the_policy_and_nothing_else(opened: Cast) -> None:
    cast = opened
    nobody = await cast.engine.caller_of(None)
    page = await cast.engine.query(get_join_page, caller=nobody, slug="here")
    assert (page.organization.name, page.policy, page.way, page.mine) == ("Here", "request", "ask", "nobody")
    assert (await cast.engine.query(get_join_page, caller=cast.max, slug="here")).mine == "member"
    assert (await cast.engine.query(get_join_page, caller=nobody, slug="there")).way == "closed"
    assert (await cast.engine.query(get_join_page, caller=nobody, slug="here", code="made-up")).way == "ask"
    with pytest.raises(OrganizationNotFound):
        await cast.engine.query(get_join_page, caller=nobody, slug="nowhere")


async def test_who_decides_gives_no_role_beyond_their_own(opened: Cast) -> None:
    nell = await newcomer(opened, NELL)
    asked = await opened.engine.mutate(ask_to_join, caller=nell, slug="here")
    await give(opened, opened.max, await a_role(opened, "Doorkeeper", "requests.decide"))
    keeper = await opened.again(opened.max)
    for role in (Role.ADMIN, Role.CREATOR):
        with pytest.raises(NotYoursToGive):
            await opened.engine.mutate(approve_request, caller=keeper, request_id=asked, role=role)
    with pytest.raises(StepUpRequired):
        await opened.engine.mutate(approve_request, caller=opened.ann, request_id=asked, role=Role.OWNER)
    assert await roles_of(opened, nell) == []
    await opened.engine.mutate(approve_request, caller=keeper, request_id=asked)
    assert await roles_of(opened, nell) == [Role.MEMBER]


async def test_taking_a_decision_back_removes_nobody_who_was_a_member_before(opened: Cast) -> None:
    nell = await newcomer(opened, NELL)
    asked = await opened.engine.mutate(ask_to_join, caller=nell, slug="here")
    await opened.engine.mutate(add_member, caller=system(opened.here), user_id=nell.user_id, role=Role.OWNER)
    await opened.engine.mutate(approve_request, caller=opened.abe, request_id=asked)
    await opened.engine.mutate(undo_decision, caller=opened.abe, request_id=asked)
    assert await roles_of(opened, nell) == [Role.OWNER]


async def test_what_takes_two_approvers_takes_two_at_every_door(opened: Cast) -> None:
    cast, nell = opened, await newcomer(opened, NELL)
    await cast.engine.mutate(set_approvers, caller=cast.ann, kind="joining", approvers=2)
    request_id = await cast.engine.mutate(ask_to_join, caller=nell, slug="here", note="I have a lathe.")
    with pytest.raises(NeedsMoreApprovers):
        await cast.engine.mutate(approve_request, caller=cast.abe, request_id=request_id)
    assert await roles_of(cast, nell) == []
    first = await cast.engine.mutate(approve, caller=cast.abe, request_id=request_id)
    assert (first.status, first.given, await roles_of(cast, nell)) == ("pending", 1, [])
    assert await told(cast, cast.ann) == ["Nell asks to join"]
    with pytest.raises(AlreadyVoted):
        await cast.engine.mutate(approve_request, caller=cast.abe, request_id=request_id)
    await cast.engine.mutate(approve_request, caller=cast.ann, request_id=request_id)
    assert await roles_of(cast, nell) == [Role.MEMBER]
    detail = await cast.engine.query(get_request, caller=cast.abe, request_id=request_id)
    assert [each.person.name for each in detail.votes] == ["Abe", "Ann"]
    await cast.engine.mutate(undo_decision, caller=cast.ann, request_id=request_id)
    detail = await cast.engine.query(get_request, caller=cast.abe, request_id=request_id)
    assert (detail.row.status, [each.person.name for each in detail.votes]) == ("pending", ["Abe"])


async def test_the_inbox_decides_with_a_role_and_takes_it_back(opened: Cast) -> None:
    cast, nell = opened, await newcomer(opened, NELL)
    request_id = await cast.engine.mutate(ask_to_join, caller=nell, slug="here", note="I have a lathe.")
    detail = await cast.engine.query(get_request, caller=cast.abe, request_id=request_id)
    assert (detail.row.summary, [each.text for each in detail.details]) == ("I have a lathe.", [NELL])
    assert [each.value for each in detail.options] == ["member", "creator", "admin"]
    with Recorded(cast) as recorded:
        await cast.engine.mutate(approve, caller=cast.abe, request_id=request_id, choice="creator")
    assert recorded.kinds() == ["MemberJoined", "JoinRequestApproved"], "said once"
    assert await roles_of(cast, nell) == [Role.CREATOR]
    with Recorded(cast) as recorded:
        await cast.engine.mutate(undo_decisions, caller=cast.abe, request_ids=[request_id])
    assert recorded.kinds() == ["MemberRemoved", "JoinDecisionUndone"]
    assert await roles_of(cast, nell) == []
    with Recorded(cast) as recorded:
        await cast.engine.mutate(reject, caller=cast.abe, request_id=request_id, reason="We are full.")
    assert recorded.kinds() == ["JoinRequestDeclined"]
    page = await cast.engine.query(get_join_page, caller=nell, slug="here")
    assert (page.mine, page.reason) == ("declined", "We are full.")
    with pytest.raises(AlreadyDecided, match="Abe has rejected"):
        await cast.engine.mutate(approve, caller=cast.ann, request_id=request_id)
    with pytest.raises(RequestDecided):
        await cast.engine.mutate(approve_request, caller=cast.ann, request_id=request_id)


async def test_two_approvers_agree_on_the_role(opened: Cast) -> None:
    cast, nell = opened, await newcomer(opened, NELL)
    await cast.engine.mutate(set_approvers, caller=cast.ann, kind="joining", approvers=2)
    request_id = await cast.engine.mutate(ask_to_join, caller=nell, slug="here")
    await cast.engine.mutate(approve, caller=cast.ann, request_id=request_id, choice="creator")
    detail = await cast.engine.query(get_request, caller=cast.abe, request_id=request_id)
    assert ([each.value for each in detail.options], detail.votes[0].choice) == (["creator"], "Creator")
    with pytest.raises(ChosenOtherwise, match="approved as Creator before"):
        await cast.engine.mutate(approve, caller=cast.abe, request_id=request_id, choice="admin")
    with pytest.raises(ChosenOtherwise):
        await cast.engine.mutate(approve_request, caller=cast.abe, request_id=request_id, role=Role.ADMIN)
    assert await roles_of(cast, nell) == []
    await cast.engine.mutate(approve, caller=cast.abe, request_id=request_id)
    assert await roles_of(cast, nell) == [Role.CREATOR]


async def test_who_approves_and_chooses_nothing_agrees_to_a_member(opened: Cast) -> None:
    cast, nell = opened, await newcomer(opened, NELL)
    await cast.engine.mutate(set_approvers, caller=cast.ann, kind="joining", approvers=2)
    request_id = await cast.engine.mutate(ask_to_join, caller=nell, slug="here")
    await cast.engine.mutate(approve, caller=cast.ann, request_id=request_id)
    with pytest.raises(ChosenOtherwise, match="approved as Member before"):
        await cast.engine.mutate(approve, caller=cast.abe, request_id=request_id, choice="admin")
    await cast.engine.mutate(approve_request, caller=cast.abe, request_id=request_id, role=Role.MEMBER)
    assert await roles_of(cast, nell) == [Role.MEMBER]


async def test_the_inbox_gives_no_role_that_the_approver_may_not_give(opened: Cast) -> None:
    cast, nell = opened, await newcomer(opened, NELL)
    await give(cast, cast.max, await a_role(cast, "Doorkeeper", "requests.decide"))
    request_id = await cast.engine.mutate(ask_to_join, caller=nell, slug="here")
    doorkeeper = await cast.again(cast.max)
    with pytest.raises(Forbidden):
        await cast.engine.mutate(approve, caller=doorkeeper, request_id=request_id, choice="admin")
    assert (await roles_of(cast, nell), await pending(cast)) == ([], 1)
    await cast.engine.mutate(approve, caller=doorkeeper, request_id=request_id)
    assert await roles_of(cast, nell) == [Role.MEMBER]
