"""Live queries: what re-runs, for whom, and what is sent."""

import asyncio
from datetime import timedelta

import pytest

from memberpulse.engine import Engine, MutationCtx, system, uuid7
from memberpulse.engine.errors import Internal
from memberpulse.engine.reactor import LiveQuery
from memberpulse.engine.types import utc_now
from tests.engine import library
from tests.engine.conftest import Screen, settled, until
from tests.engine.library import a_person

pytestmark = pytest.mark.anyio


async def test_a_committed_write_reaches_every_watcher_by_one_run(engine: Engine) -> None:
    ann = a_person()
    screens = [Screen(engine, a_person(ann.organization_id)).watch(library.get_shelf, shelf=1) for _ in range(50)]
    await screens[0].shows({"titles": [], "lent": 0})
    library.runs.clear()
    await engine.mutate(library.add_book, caller=ann, title="Emma", shelf=1)
    for screen in screens:
        await screen.shows({"titles": ["Emma"], "lent": 0})
    await settled(engine)
    assert library.runs == ["get_shelf:1"]


async def test_a_write_that_the_predicates_exclude_runs_nothing(engine: Engine) -> None:
    ann, other = a_person(), a_person()
    screen = Screen(engine, ann).watch(library.get_shelf, shelf=1)
    await screen.shows({"titles": [], "lent": 0})
    library.runs.clear()
    await engine.mutate(library.add_book, caller=ann, title="Emma", shelf=2)
    await engine.mutate(library.add_book, caller=other, title="Emma", shelf=1)
    await settled(engine)
    assert library.runs == []


async def test_a_row_that_appears_where_none_was_joined_reaches_the_watcher(engine: Engine) -> None:
    ann = a_person()
    book_id = await engine.mutate(library.add_book, caller=ann, title="Emma")
    screen = Screen(engine, ann).watch(library.list_never_lent)
    await screen.shows(["Emma"])

    def lend(ctx: MutationCtx) -> None:
        ctx.db.add(library.Loan(book_id=book_id, user_id=ann.user_id or uuid7(), due_at=ctx.now))

    await engine.transact_async(lend, system(ann.organization_id))
    await screen.shows([])


async def test_an_equal_result_is_not_sent_again(engine: Engine) -> None:
    ann = a_person()
    await engine.mutate(library.add_book, caller=ann, title="Emma", shelf=1)
    screen = Screen(engine, ann).watch(library.get_shelf, shelf=1)
    await screen.shows({"titles": ["Emma"], "lent": 0})
    sent = len(screen.shown)
    await engine.mutate(library.move_books, caller=ann, from_shelf=1, to_shelf=1)
    await settled(engine)
    assert len(screen.shown) == sent


async def test_bulk_statements_reach_both_the_old_and_the_new_place(engine: Engine) -> None:
    ann = a_person()
    await engine.mutate(library.add_book, caller=ann, title="Emma", shelf=1)
    old = Screen(engine, ann).watch(library.get_shelf, shelf=1)
    new = Screen(engine, ann).watch(library.get_shelf, shelf=2)
    await new.shows({"titles": [], "lent": 0})
    await engine.mutate(library.move_books, caller=ann, from_shelf=1, to_shelf=2)
    await old.shows({"titles": [], "lent": 0})
    await new.shows({"titles": ["Emma"], "lent": 0})
    await engine.mutate(library.remove_books, caller=ann, shelf=2)
    await new.shows({"titles": [], "lent": 0})


async def test_rows_that_the_database_deletes_by_cascade_are_noticed(engine: Engine) -> None:
    ann = a_person()
    book = await engine.mutate(library.add_book, caller=ann, title="Emma", shelf=1)
    await engine.mutate(library.borrow, caller=ann, book_id=book)
    loans = Screen(engine, ann).watch(library.count_my_loans)
    await loans.shows(1)
    await engine.mutate(library.remove_books, caller=ann, shelf=1)
    await loans.shows(0)


async def test_a_result_is_shared_only_as_far_as_it_does_not_ask_who_is_calling(engine: Engine) -> None:
    ann = a_person()
    ben = a_person(ann.organization_id)
    book = await engine.mutate(library.add_book, caller=ann, title="Emma", shelf=1)
    mine, his = (Screen(engine, who).watch(library.count_my_loans) for who in (ann, ben))
    await mine.shows(0)
    await his.shows(0)
    await engine.mutate(library.borrow, caller=ann, book_id=book)
    await mine.shows(1)
    await settled(engine)
    assert his.shown[-1] == 0
    assert mine.query is not his.query


@pytest.mark.usefixtures("narrow_scopes")
async def test_one_who_cannot_move_to_a_result_of_their_own_keeps_nobody_from_theirs(engine: Engine) -> None:
    """A query that nobody has run yet is shared, until it asks who is calling; meanwhile somebody's session ended."""

    class Ended(Screen):
        def moved(self, query: LiveQuery) -> None:
            raise AssertionError

    ann = a_person()
    ben = a_person(ann.organization_id)
    Ended(engine, ann).watch(library.count_my_loans)
    his = Screen(engine, ben).watch(library.count_my_loans)
    await his.shows(0)


async def test_a_result_goes_stale_with_time_alone(engine: Engine) -> None:
    ann = a_person()
    book = await engine.mutate(library.add_book, caller=ann, title="Emma")
    due = utc_now() + timedelta(seconds=0.4)

    def lend(ctx: library.MutationCtx) -> None:
        ctx.db.add(library.Loan(book_id=book, user_id=ann.user_id, due_at=due))

    await engine.transact_async(lend, system(ann.organization_id))
    overdue = Screen(engine, ann).watch(library.count_overdue)
    await overdue.shows(0)
    await overdue.shows(1)


async def test_a_change_that_commits_while_the_query_runs_is_not_missed(engine: Engine) -> None:
    ann = a_person()
    screens = [Screen(engine, ann) for _ in range(30)]
    for number, screen in enumerate(screens):
        adding = asyncio.ensure_future(engine.mutate(library.add_book, caller=ann, title=f"{number:02}", shelf=5))
        screen.watch(library.get_shelf, shelf=5)
        await adding
        screen.close()
        screen.shown.clear()
        screen.watch(library.get_shelf, shelf=5)
    expected = {"titles": [f"{number:02}" for number in range(30)], "lent": 0}
    for screen in screens:
        await screen.shows(expected)


async def test_a_failing_query_says_so_and_recovers_by_itself(engine: Engine) -> None:
    ann = a_person()
    screen = Screen(engine, ann).watch(library.fail_always)
    await until(lambda: bool(screen.shown))
    assert isinstance(screen.shown[-1], Internal)
    before = len(screen.shown)
    await engine.mutate(library.add_book, caller=ann, title="Emma")
    await until(lambda: len(screen.shown) > before)


async def test_a_rolled_back_mutation_changes_and_announces_nothing(engine: Engine) -> None:
    ann = a_person()
    shelf = Screen(engine, ann).watch(library.get_shelf, shelf=0)
    await shelf.shows({"titles": [], "lent": 0})
    library.runs.clear()
    with pytest.raises(library.Conflict):
        await engine.mutate(library.borrow, caller=ann, book_id=uuid7())
    await settled(engine)
    assert library.runs == []
