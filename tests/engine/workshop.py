"""A second small domain for the engine's own tests: functions that are slow, contended or refused, or fail on cue."""

import asyncio
import enum
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import UniqueConstraint, delete, func, literal
from sqlmodel import select

from memberpulse.engine import (
    INTERNAL,
    PUBLIC,
    SIGNED_IN,
    ActionCtx,
    Domain,
    MutationCtx,
    QueryCtx,
    TenantRow,
    action,
    job,
    mutation,
    query,
)
from memberpulse.engine.errors import Conflict


class Tally(TenantRow, table=True):
    """A number that many change at once."""

    __tablename__: ClassVar[str] = "test_tally"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)
    name: str
    value: int = 0


class Mark(TenantRow, table=True):
    """What a mutation left behind; nothing keeps it from being there twice."""

    __tablename__: ClassVar[str] = "test_mark"
    text: str


class Echo(TenantRow, table=True):
    """What a job left behind; nothing keeps it from being there twice."""

    __tablename__: ClassVar[str] = "test_echo"
    text: str


class Colour(enum.StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Order:
    number: int
    ratio: float
    urgent: bool
    at: datetime
    order_id: uuid.UUID
    colour: Colour
    names: list[str]
    extra: dict[str, Any] | None


@query(requires="workshop.use")
def echo_order(
    ctx: QueryCtx,
    *,
    number: int,
    ratio: float,
    urgent: bool,
    at: datetime,
    order_id: uuid.UUID,
    colour: Colour,
    names: list[str],
    extra: dict[str, Any] | None = None,
) -> Order:
    return Order(number, ratio, urgent, at, order_id, colour, names, extra)


@query(requires="workshop.use")
def list_marks(ctx: QueryCtx) -> list[str]:
    return sorted(ctx.db.scalars(select(Mark.text)))


@query(requires="workshop.use")
def list_marks_unless_poisoned(ctx: QueryCtx) -> list[str]:
    """Fails by a fault while a mark says "poison"."""
    texts = sorted(ctx.db.scalars(select(Mark.text)))
    if "poison" in texts:
        raise ZeroDivisionError("poisoned")
    return texts


@query(requires="workshop.use")
def list_echoes(ctx: QueryCtx) -> list[str]:
    return sorted(ctx.db.scalars(select(Echo.text)))


@query(requires="workshop.use", limit="2/minute")
def guess(ctx: QueryCtx, *, word: str) -> bool:
    return word == "mellon"


@query(requires="workshop.use")
def get_tally(ctx: QueryCtx, *, name: str) -> int:
    return ctx.db.scalar(select(Tally.value).where(Tally.name == name)) or 0


@query(requires="workshop.use")
def find_number(ctx: QueryCtx, *, number: int) -> int:
    found = select(func.count()).select_from(Tally).where(Tally.value == number)
    return ctx.db.scalar(found) or 0


@query(requires="workshop.use")
def dawdle_in_sql(ctx: QueryCtx) -> int:
    """One statement that takes for ever."""
    if ctx.db.get_bind().dialect.name == "postgresql":
        ctx.db.execute(select(func.pg_sleep(120)))
        return 0
    numbers = select(literal(1).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1))
    return ctx.db.scalar(select(func.max(numbers.c.n))) or 0


@query(requires="workshop.use")
def dawdle_in_python(ctx: QueryCtx) -> int:
    """Statement after statement, for ever."""
    while True:
        ctx.db.scalars(select(Tally.id)).first()


@mutation(requires="workshop.use")
def dawdle_and_mark(ctx: MutationCtx, *, text: str) -> None:
    """Writes, and then goes on for ever."""
    ctx.db.add(Mark(text=text))
    ctx.db.flush()
    while True:
        ctx.db.scalars(select(Tally.id)).first()


@mutation(requires="workshop.use")
def hold_the_writer(ctx: MutationCtx, *, seconds: float) -> None:
    """Occupies a writing thread without a statement."""
    time.sleep(seconds)


@mutation(requires="workshop.use")
def increase(ctx: MutationCtx, *, name: str) -> int:
    """Reads, computes, writes: without isolation, increments would be lost."""
    tally = ctx.db.scalars(select(Tally).where(Tally.name == name)).first()
    if tally is None:
        tally = Tally(name=name)
        ctx.db.add(tally)
    tally.value += 1
    ctx.db.flush()
    return tally.value


@mutation(requires="workshop.use")
def leave_mark(ctx: MutationCtx, *, text: str) -> uuid.UUID:
    mark = Mark(text=text)
    ctx.db.add(mark)
    return mark.id


@mutation(requires="workshop.use", remembers=False)
def tell_secret(ctx: MutationCtx, *, text: str) -> str:
    """A write whose answer is for the caller alone."""
    ctx.db.add(Mark(text=text))
    return f"the secret of {text}"


@mutation(requires="workshop.use")
def remove_marks(ctx: MutationCtx, *, text: str) -> None:
    ctx.db.execute(delete(Mark).where(Mark.text == text))  # type: ignore[arg-type]


@mutation(requires="workshop.use")
def leave_many_marks(ctx: MutationCtx, *, count: int) -> None:
    ctx.db.add_all(Mark(text=f"{number:05} {'x' * 40}") for number in range(count))


@mutation(requires="workshop.use")
def leave_mark_and_echo(ctx: MutationCtx, *, text: str) -> str:
    """A write and the promise of another."""
    ctx.db.add(Mark(text=text))
    ctx.schedule(echo, text=text)
    return text


@mutation(requires="workshop.use")
def promise_echo(ctx: MutationCtx, *, text: str, once: str | None = None, refuse: bool = False) -> None:
    ctx.schedule(echo, text=text, key=once)
    if refuse:
        raise Conflict("Refused after the promise.")


@mutation(requires="workshop.use")
def promise_trouble(ctx: MutationCtx, *, text: str, failures: int) -> None:
    ctx.schedule(echo_after_failures, text=text, failures=failures)


@mutation(requires="workshop.use")
def promise_later(ctx: MutationCtx, *, text: str, seconds: float) -> None:
    ctx.schedule(echo, text=text, after=timedelta(seconds=seconds))


@mutation(requires=INTERNAL)
def reset_everything(ctx: MutationCtx, *, secret_switch: bool) -> None:
    ctx.db.add(Mark(text="reset"))


@query(requires=INTERNAL)
def list_secrets(ctx: QueryCtx) -> list[str]:
    return ["secret"]


@query(requires=SIGNED_IN)
def get_own_name(ctx: QueryCtx) -> str:
    return "somebody"


@mutation(requires=PUBLIC)
def knock(ctx: MutationCtx) -> str:
    return "come in"


@mutation(requires="workshop.use", limit="2/second")
def ring(ctx: MutationCtx) -> str:
    return "ding"


@mutation(requires="workshop.use")
def fail_by_fault(ctx: MutationCtx) -> None:
    ctx.db.add(Mark(text="half done"))
    ctx.db.flush()
    raise ZeroDivisionError("a fault with the password hunter2 in it")


@mutation(requires="workshop.use")
def refuse(ctx: MutationCtx) -> None:
    ctx.db.add(Mark(text="half done"))
    raise Conflict("The workshop is closed.", fields={"day": "It is Sunday."})


@action(requires="workshop.use")
async def act_and_reset(ctx: ActionCtx) -> None:
    """An action may use what no client may."""
    await ctx.mutate(reset_everything, secret_switch=True)


@action(requires="workshop.use")
async def act_and_mark(ctx: ActionCtx, *, text: str) -> uuid.UUID:
    return await ctx.mutate(leave_mark, text=text, key=f"act:{text}")


@action(requires="workshop.use")
async def dawdle_outside(ctx: ActionCtx) -> None:
    await asyncio.Event().wait()


attempts: dict[str, int] = {}
"""How often each job of this process was begun, by its text."""


@job()
def echo(ctx: MutationCtx, *, text: str) -> None:
    attempts[text] = attempts.get(text, 0) + 1
    ctx.db.add(Echo(text=text))


@job(max_attempts=4)
def echo_after_failures(ctx: MutationCtx, *, text: str, failures: int) -> None:
    """Fails so many times after it has written, then succeeds."""
    attempts[text] = attempts.get(text, 0) + 1
    ctx.db.add(Echo(text=text))
    ctx.db.flush()
    if attempts[text] <= failures:
        raise RuntimeError("not yet")


@job()
async def echo_by_action(ctx: ActionCtx, *, text: str) -> None:
    attempts[text] = attempts.get(text, 0) + 1
    await ctx.mutate(leave_mark, text=text, key=text)


@mutation(requires="workshop.use")
def promise_action(ctx: MutationCtx, *, text: str) -> None:
    ctx.schedule(echo_by_action, text=text)


@job()
def echo_on_time(ctx: MutationCtx) -> None:
    with ctx.across_organizations():
        ctx.db.add(Echo(text="on time", organization_id=uuid.UUID(int=0)))


workshop = Domain(
    name="workshop",
    functions=[
        act_and_mark,
        act_and_reset,
        dawdle_and_mark,
        dawdle_in_python,
        dawdle_in_sql,
        dawdle_outside,
        echo,
        echo_after_failures,
        echo_by_action,
        echo_on_time,
        echo_order,
        fail_by_fault,
        find_number,
        get_own_name,
        get_tally,
        guess,
        hold_the_writer,
        increase,
        knock,
        leave_many_marks,
        leave_mark,
        tell_secret,
        leave_mark_and_echo,
        list_echoes,
        list_marks,
        list_marks_unless_poisoned,
        list_secrets,
        promise_action,
        promise_echo,
        promise_later,
        promise_trouble,
        refuse,
        remove_marks,
        reset_everything,
        ring,
    ],
    capabilities=["workshop.use"],
)
