"""A line as a few plain lists, and the real one beside it: each deed is done to both, and they must stay equal.

The model decides by itself what must come of a deed, a refusal included. It shares nothing with the code but the
numbers of the order, which have tests of their own.
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from memberpulse.domains.accounts.mutations import create_user
from memberpulse.domains.events.lines import joining, stations, undoing, working
from memberpulse.domains.events.lines.ordering import following, spread, turn_at
from memberpulse.domains.events.lines.queries import get_line
from memberpulse.domains.events.models import DeedKind, LineEntry, Place, PlaceStatus, Station
from memberpulse.domains.events.mutations import create_event, publish_event
from memberpulse.domains.events.rules import TRANSITIONS
from memberpulse.domains.organizations.models import Role
from memberpulse.domains.organizations.mutations import add_member, create_organization
from memberpulse.domains.organizations.permissions import capabilities_of
from memberpulse.engine import Caller, MutationCtx, QueryCtx, system
from memberpulse.engine.database import Database, is_conflict
from memberpulse.engine.errors import EngineError

NOON = datetime(2026, 6, 6, 12, tzinfo=UTC)
OPEN = ("waiting", "called", "serving")
HELPERS = 3
ATTEMPTS = 200


class Shell:
    """Functions run one by one on a database, by a clock that the test moves. Nothing is scheduled, nobody listens."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.now = NOON
        self.conflicts = 0
        self.chance = Random()
        if self.database.is_sqlite:
            raw = self.database.writer.raw_connection()
            assert raw.driver_connection is not None
            raw.driver_connection.execute("PRAGMA synchronous=OFF")  # nothing here outlives the test
            raw.close()

    def do(self, work: Callable[[MutationCtx], Any], caller: Caller) -> Any:
        """In one transaction, run again on conflict as the engine does."""
        for _ in range(ATTEMPTS):
            try:
                return self._once(work, caller)
            except DBAPIError as error:
                if not is_conflict(error):
                    raise
                self.conflicts += 1
                time.sleep(self.chance.uniform(0, 0.02))
        raise AssertionError("a deed found no moment of its own")

    def _once(self, work: Callable[[MutationCtx], Any], caller: Caller) -> Any:
        with self.database.write(caller.organization_id) as session:
            ctx = MutationCtx(session, caller, self.now, schedule=_nothing, tell=_nothing)
            value = work(ctx)
            session.flush()
            session.commit()
        return value

    def read(self, work: Callable[[QueryCtx], Any], caller: Caller) -> Any:
        with self.database.read(caller.organization_id) as session:
            return work(QueryCtx(session, caller, self.now))


def _nothing(ctx: MutationCtx, fact: Any) -> None:
    """Nobody is told, and nothing is done later."""


@dataclass
class Spot:
    """A place as the model knows it. was: what it was before its last deed, and by whom and when that was done."""

    status: str
    turn: int | None = None
    held_until: datetime | None = None
    holds: int = 0
    station: int | None = None
    last: int = 0


@dataclass
class Undo:
    entry: uuid.UUID
    seq: int
    at: datetime
    actor: str
    kind: str
    place: int | None
    before: Any


@dataclass
class Line:
    """What the line must be."""

    spots: list[Spot] = field(default_factory=list[Spot])
    owners: list[str] = field(default_factory=list[str])
    stations: list[bool] = field(default_factory=lambda: [True])
    paused: tuple[datetime, datetime | None] | None = None
    next_turn: int = 1
    seq: int = 0
    spread_at: int = 0
    deeds: list[Undo] = field(default_factory=list[Undo])

    def order(self) -> list[int]:
        waiting = [number for number, spot in enumerate(self.spots) if spot.status == "waiting"]
        return sorted(waiting, key=lambda number: self.spots[number].turn or 0)

    def at(self, station: int) -> int | None:
        there = [n for n, s in enumerate(self.spots) if s.status in ("called", "serving") and s.station == station]
        assert len(there) <= 1, "two at one station"
        return there[0] if there else None


class Pair:
    """The model and the real line, in step."""

    def __init__(self, url: str, people: int = 8) -> None:
        self.shell = Shell(url)
        self.line = Line()
        self.places: list[uuid.UUID] = []
        self.steps = 0
        organization_id = self.shell.do(lambda ctx: create_organization(ctx, name="Here"), system())
        self.house = system(organization_id)
        helpers = [f"helper{number}" for number in range(HELPERS)]
        self.people = [f"person{number}" for number in range(people)]
        self.callers = {name: self._person(name, Role.CREATOR) for name in helpers}
        self.callers |= {name: self._person(name, Role.MEMBER) for name in self.people}
        self.event_id = self._event()
        self.stations: list[uuid.UUID] = list(
            self.shell.read(lambda ctx: ctx.db.scalars(select(col(Station.id))).all(), self.house)
        )

    def _person(self, name: str, role: Role) -> Caller:
        def add(ctx: MutationCtx) -> uuid.UUID:
            user_id = create_user(ctx, email=f"{name}-{uuid.uuid4().hex[:8]}@post.example", name=f"{name} Surname")
            add_member(ctx, user_id=user_id, role=role)
            return user_id

        user_id = self.shell.do(add, self.house)
        capabilities = capabilities_of(role)
        return Caller("person", user_id, self.house.organization_id, role.value, capabilities)

    def _event(self) -> uuid.UUID:
        def make(ctx: MutationCtx) -> uuid.UUID:
            event_id = create_event(
                ctx,
                title="Fair",
                starts_at=NOON - timedelta(hours=1),
                ends_at=NOON + timedelta(days=30),
                time_zone="UTC",
            )
            publish_event(ctx, event_id=event_id)
            return event_id

        return self.shell.do(make, self.callers["helper0"])

    # Deeds

    def join(self, person: str) -> None:
        mine = [n for n, owner in enumerate(self.line.owners) if owner == person]
        refused = "already_in_line" if any(self.line.spots[n].status in OPEN for n in mine) else None
        done = self._try(refused, person, joining.join_line, event_id=self.event_id)
        if done is not None:
            self._added(person, done.place_id)

    def walk_in(self, helper: str) -> None:
        done = self._try(None, helper, working.add_walk_in, event_id=self.event_id, name="Walker")
        self._added("", done.place_id)
        self._note(done.entry_id, helper, "walk_in", len(self.line.spots) - 1, None)

    def leave(self, person: str) -> None:
        number = next((n for n in reversed(range(len(self.line.owners))) if self.line.owners[n] == person), None)
        if number is None:
            return
        refused = None if self.line.spots[number].status in ("waiting", "called") else "wrong_moment"
        done = self._try(refused, person, joining.leave_line, place_id=self.places[number])
        if done is not None:
            self._put(done, person, "leave", number, status="cancelled", turn=None, held_until=None)

    def call_next(self, helper: str) -> None:
        free, first = self._free(), self._first()
        refused = self._stopped() or ("nobody_waiting" if first is None else None if free else "no_free_station")
        done = self._try(refused, helper, working.call_next, event_id=self.event_id)
        if done is not None:
            assert first is not None
            self._called(done, helper, first)

    def call(self, helper: str, number: int) -> None:
        spot = self.line.spots[number]
        refused = self._stopped() or (None if self._free() else "no_free_station")
        if refused is None and spot.status != "waiting":
            refused = "wrong_moment"
        done = self._try(refused, helper, working.call_place, place_id=self.places[number], reason="In a hurry")
        if done is not None:
            self._called(done, helper, number)

    def start(self, helper: str, number: int) -> None:
        refused = None if self.line.spots[number].status == "called" else "wrong_moment"
        done = self._try(refused, helper, working.start_service, place_id=self.places[number])
        if done is not None:
            self._put(done, helper, "start", number, status="serving")

    def complete(self, helper: str, number: int) -> None:
        refused = None if self.line.spots[number].status in ("called", "serving") else "wrong_moment"
        done = self._try(refused, helper, working.complete_service, place_id=self.places[number])
        if done is not None:
            self._put(done, helper, "complete", number, status="completed")

    def no_show(self, helper: str, number: int) -> None:
        refused = None if self.line.spots[number].status == "called" else "wrong_moment"
        done = self._try(refused, helper, working.mark_no_show, place_id=self.places[number])
        if done is not None:
            self._put(done, helper, "no_show", number, status="no_show")

    def remove(self, helper: str, number: int) -> None:
        refused = None if self.line.spots[number].status in OPEN else "wrong_moment"
        done = self._try(refused, helper, working.remove_place, place_id=self.places[number], reason="By request")
        if done is not None:
            self._put(done, helper, "remove", number, status="cancelled", turn=None, held_until=None)

    def return_(self, helper: str, number: int, behind: int) -> None:
        spot, owner = self.line.spots[number], self.line.owners[number]
        others = [n for n, each in enumerate(self.line.owners) if owner and each == owner and n != number]
        refused = None
        if any(self.line.spots[n].status in OPEN for n in others):
            refused = "already_in_line"
        elif spot.status not in ("called", "serving", "no_show"):
            refused = "wrong_moment"
        done = self._try(refused, helper, working.return_to_line, place_id=self.places[number], behind=behind)
        if done is not None:
            before, turn = replace(spot), self._turn(behind, number)
            self._put(
                done, helper, "return", number, before, status="waiting", turn=turn, station=None, held_until=None
            )
            assert self.line.order().index(number) == min(behind, len(self.line.order()) - 1)

    def move(self, helper: str, number: int, position: int) -> None:
        refused = None if self.line.spots[number].status == "waiting" else "wrong_moment"
        done = self._try(refused, helper, working.move_place, place_id=self.places[number], position=position)
        if done is not None:
            before, turn = replace(self.line.spots[number]), self._turn(position - 1, number)
            self._put(done, helper, "move", number, before, turn=turn)
            assert self.line.order().index(number) == min(max(0, position - 1), len(self.line.order()) - 1)

    def hold(self, person: str, number: int, minutes: int) -> None:
        spot = self.line.spots[number]
        if self.line.owners[number] != person and not person.startswith("helper"):
            refused = "not_your_place"
        elif spot.holds >= 3:
            refused = "held_enough"
        else:
            refused = None if spot.status == "waiting" else "wrong_moment"
        done = self._try(refused, person, joining.hold_place, place_id=self.places[number], minutes=minutes)
        if done is not None:
            until = self.shell.now + timedelta(minutes=minutes)
            self._put(done, person, "hold", number, held_until=until, holds=spot.holds + 1)

    def release(self, person: str, number: int) -> None:
        if self.line.owners[number] != person and not person.startswith("helper"):
            refused = "not_your_place"
        else:
            refused = None if self._held(number) else "wrong_moment"
        done = self._try(refused, person, joining.release_hold, place_id=self.places[number])
        if done is not None:
            self._put(done, person, "release", number, held_until=None)

    def pause(self, helper: str, minutes: int | None) -> None:
        refused = "wrong_moment" if self._stopped() else None
        done = self._try(refused, helper, working.pause_line, event_id=self.event_id, minutes=minutes)
        if done is not None:
            before = self.line.paused
            self.line.paused = self.shell.now, self.shell.now + timedelta(minutes=minutes) if minutes else None
            self._note_line(done, helper, "pause", before)

    def resume(self, helper: str) -> None:
        refused = None if self._stopped() else "wrong_moment"
        done = self._try(refused, helper, working.resume_line, event_id=self.event_id)
        if done is not None:
            before, self.line.paused = self.line.paused, None
            self._note_line(done, helper, "resume", before)

    def open_station(self, helper: str) -> None:
        opened = self._try(None, helper, stations.open_station, event_id=self.event_id)
        closed = [number for number, is_open in enumerate(self.line.stations) if not is_open]
        if closed:
            assert self.stations[closed[0]] == opened
            self.line.stations[closed[0]] = True
        else:
            self.stations.append(opened)
            self.line.stations.append(True)

    def close_station(self, helper: str, number: int) -> None:
        busy = self.line.at(number) is not None
        refused = "station_busy" if busy else None if self.line.stations[number] else "station_not_found"
        self._try(refused, helper, stations.close_station, station_id=self.stations[number])
        if refused is None:
            self.line.stations[number] = False

    def undo(self, person: str, back: int) -> None:
        if not self.line.deeds:
            return
        deed = self.line.deeds[-1 - back % len(self.line.deeds)]
        refused = self._undo_refused(deed, person)
        self._try(refused, person, undoing.undo_deed, entry_id=deed.entry)
        if refused is not None:
            return
        self.line.seq += 1
        self.line.deeds.remove(deed)
        if deed.place is None:
            self.line.paused = deed.before
        else:
            spot = deed.before or Spot("cancelled")
            self.line.spots[deed.place] = replace(spot, last=self.line.seq)

    def tick(self, seconds: int) -> None:
        self.shell.now += timedelta(seconds=seconds)

    # What must be

    def check(self) -> None:
        """The real line is what the model says, its positions have no gaps, and its history leads to it."""
        line = self.line
        rows: list[Place] = self.shell.read(
            lambda ctx: ctx.db.scalars(select(Place).order_by(col(Place.number))).all(), self.house
        )
        assert [row.id for row in rows] == self.places, "somebody was lost or doubled"
        assert [row.status.value for row in rows] == [spot.status for spot in line.spots]
        order = sorted((row for row in rows if row.turn is not None), key=lambda row: row.turn or 0)
        assert [row.number - 1 for row in order] == line.order()
        at = {row.station_id: row.number - 1 for row in rows if row.status.value in ("called", "serving")}
        assert at == {each: line.at(n) for n, each in enumerate(self.stations) if line.at(n) is not None}

    def check_view(self) -> None:
        """What people see has every position once, and nobody twice."""
        view = self.shell.read(lambda ctx: get_line(ctx, event_id=self.event_id), self.callers[self.people[0]])
        assert sorted(spot.position for spot in view.spots.values()) == list(range(1, view.waiting + 1))
        in_order = sorted(view.spots.items(), key=lambda each: each[1].position)
        assert [int(ticket) - 1 for ticket, _ in in_order] == self.line.order()

    def check_history(self) -> None:
        check_history(
            self.shell.read(
                lambda ctx: ctx.db.scalars(select(LineEntry).order_by(col(LineEntry.seq))).all(), self.house
            ),
            self.shell.read(lambda ctx: ctx.db.scalars(select(Place)).all(), self.house),
        )

    # Inside

    def _try(self, refused: str | None, who: str, function: Any, **arguments: Any) -> Any:
        self.steps += 1
        value, code = None, None
        try:
            value = self.shell.do(lambda ctx: function(ctx, **arguments), self.callers[who])
        except EngineError as error:
            code = error.code
        assert code == refused, f"{function.__name__} by {who}: {code} instead of {refused}"
        return value

    def _added(self, owner: str, place_id: uuid.UUID) -> None:
        line = self.line
        line.seq += 1
        line.spots.append(Spot("waiting", turn=line.next_turn, last=line.seq))
        line.owners.append(owner)
        line.next_turn = following(line.next_turn)
        self.places.append(place_id)

    def _called(self, done: Any, helper: str, number: int) -> None:
        station = self._free()[0]
        own = [n for n in self._free() if n == 0 and helper == "helper0"]
        station = own[0] if own else station
        self._put(done, helper, "call", number, status="called", turn=None, held_until=None, station=station)

    def _put(self, done: Any, actor: str, kind: str, number: int, before: Spot | None = None, **changes: Any) -> None:
        before = before or replace(self.line.spots[number])
        self.line.seq += 1
        self.line.spots[number] = replace(self.line.spots[number], **changes, last=self.line.seq)
        self._note(done.entry_id, actor, kind, number, before)

    def _note(self, entry: uuid.UUID, actor: str, kind: str, number: int, before: Spot | None) -> None:
        deed = Undo(entry, self.line.seq, self.shell.now, actor, kind, number, before)
        self.line.deeds.append(deed)

    def _note_line(self, done: Any, actor: str, kind: str, before: Any) -> None:
        self.line.seq += 1
        self.line.deeds.append(Undo(done.entry_id, self.line.seq, self.shell.now, actor, kind, None, before))

    def _undo_refused(self, deed: Undo, person: str) -> str | None:
        if deed.actor != person and not person.startswith("helper"):
            return "not_a_helper"
        if deed.actor != person and deed.kind == "leave":
            return "entry_not_found"
        if self.shell.now - deed.at > timedelta(seconds=12):
            return "too_late_to_undo"
        if deed.place is None:
            later = [each for each in self.line.deeds if each.place is None and each.seq > deed.seq]
            return "changed_since" if later else None
        spot = self.line.spots[deed.place]
        before = deed.before or Spot("cancelled")
        if spot.last != deed.seq or self.line.spread_at >= deed.seq - (before.turn is not None):
            return "changed_since"
        if before.status in OPEN and spot.status not in OPEN:
            owner = self.line.owners[deed.place]
            if owner and any(self.line.spots[n].status in OPEN for n, o in enumerate(self.line.owners) if o == owner):
                return "changed_since"
        if before.turn is not None and any(
            each.turn == before.turn for n, each in enumerate(self.line.spots) if n != deed.place
        ):
            return "changed_since"
        if before.status in ("called", "serving"):
            station = before.station
            assert station is not None
            if not self.line.stations[station] or self.line.at(station) not in (None, deed.place):
                return "changed_since"
        return None

    def _turn(self, index: int, number: int) -> int:
        others = [n for n in self.line.order() if n != number]
        turn = turn_at([self.line.spots[n].turn or 0 for n in others], index, self.line.next_turn)
        if turn is None:
            for n, new in zip(others, spread(len(others), self.line.next_turn), strict=True):
                self.line.spots[n].turn = new
            self.line.next_turn = following(self.line.spots[others[-1]].turn or 0)
            self.line.seq += 1
            self.line.spread_at = self.line.seq
            turn = turn_at([self.line.spots[n].turn or 0 for n in others], index, self.line.next_turn)
            assert turn is not None
        if turn >= self.line.next_turn:
            self.line.next_turn = following(turn)
        return turn

    def _held(self, number: int) -> bool:
        until = self.line.spots[number].held_until
        return until is not None and until > self.shell.now

    def _first(self) -> int | None:
        return next((number for number in self.line.order() if not self._held(number)), None)

    def _free(self) -> list[int]:
        return [n for n, is_open in enumerate(self.line.stations) if is_open and self.line.at(n) is None]

    def _stopped(self) -> str | None:
        paused = self.line.paused
        return "line_paused" if paused and (paused[1] is None or paused[1] > self.shell.now) else None


def check_history(entries: list[LineEntry], places: list[Place]) -> None:
    """The history has no gaps, each of its deeds was allowed where it stands, and they lead to what is there."""
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    status: dict[uuid.UUID, str] = {}
    turns: dict[uuid.UUID, int | None] = {}
    station: dict[uuid.UUID, str] = {}
    for entry in entries:
        if entry.place_id is None:
            continue
        was = status.get(entry.place_id)
        now = entry.after.get("status", was)
        if entry.kind is not DeedKind.UNDO:
            sources, target = TRANSITIONS[entry.kind]
            assert (PlaceStatus(was) if was else None) in sources, f"{entry.kind} from {was} at {entry.seq}"
            assert now == target.value
        if entry.after.get("station_id"):
            station[entry.place_id] = entry.after["station_id"]
        busy = {each: place for place, each in station.items() if status.get(place) in ("called", "serving")}
        if now in ("called", "serving") and was not in ("called", "serving"):
            holder = busy.get(station[entry.place_id])
            assert holder in (None, entry.place_id), f"two at one station at {entry.seq}"
        status[entry.place_id] = now
        turns[entry.place_id] = entry.after.get("turn", turns.get(entry.place_id))
    assert status == {place.id: place.status.value for place in places}, "somebody was lost"
    if not any(entry.kind is DeedKind.CHANGE for entry in entries):
        assert {key: turn for key, turn in turns.items() if turn} == {p.id: p.turn for p in places if p.turn}


def random_step(pair: Pair, chance: Random) -> None:
    """Somebody does something."""
    helper = f"helper{chance.randrange(HELPERS)}"
    person = chance.choice(pair.people)
    anybody = chance.choice([helper, person])
    number = chance.randrange(max(0, len(pair.places) - 12), len(pair.places)) if pair.places else None
    deeds: list[tuple[int, Callable[[], None]]] = [
        (6, lambda: pair.join(person)),
        (2, lambda: pair.leave(person)),
        (6, lambda: pair.call_next(helper)),
        (1, lambda: pair.pause(helper, chance.choice([None, 1, 5]))),
        (2, lambda: pair.resume(helper)),
        (1, lambda: pair.open_station(helper) if len(pair.stations) < 5 else None),
        (1, lambda: pair.close_station(helper, chance.randrange(len(pair.stations)))),
        (4, lambda: pair.undo(anybody, chance.randrange(3))),
        (3, lambda: pair.tick(chance.choice([1, 5, 20, 400]))),
    ]
    if number is not None:
        deeds += [
            (2, lambda: pair.call(helper, number)),
            (3, lambda: pair.start(helper, number)),
            (4, lambda: pair.complete(helper, number)),
            (2, lambda: pair.no_show(helper, number)),
            (2, lambda: pair.return_(helper, number, chance.randrange(4))),
            (2, lambda: pair.move(helper, number, chance.randrange(1, 6))),
            (2, lambda: pair.hold(anybody, number, chance.choice([1, 20]))),
            (1, lambda: pair.release(anybody, number)),
            (1, lambda: pair.remove(helper, number)),
        ]
    if len(pair.places) < 400:
        deeds.append((1, lambda: pair.walk_in(helper)))
    chance.choices([deed for _, deed in deeds], [weight for weight, _ in deeds])[0]()
