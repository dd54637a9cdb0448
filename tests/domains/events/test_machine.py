"""Many people do many things to one line, in every order: it stays what a few plain lists say that it must be."""

import shutil
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import psycopg
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.domains.events.model import HELPERS, Pair, random_step
from tests.postgres import as_owner, owners_database

HELPER = st.integers(0, HELPERS - 1).map(lambda number: f"helper{number}")
PERSON = st.integers(0, 7).map(lambda number: f"person{number}")
ANYBODY = st.one_of(HELPER, PERSON)
PLACE = st.integers(0, 7)
"""Counted from the newest."""


class LineMachine(RuleBasedStateMachine):
    make: Any = None

    @initialize()
    def begin(self) -> None:
        self.pair: Pair = type(self).make()

    def _number(self, back: int) -> int:
        return len(self.pair.places) - 1 - back % len(self.pair.places)

    @property
    def _anybody_there(self) -> bool:
        return bool(self.pair.places)

    @rule(person=PERSON)
    def join(self, person: str) -> None:
        self.pair.join(person)

    @rule(helper=HELPER)
    def walk_in(self, helper: str) -> None:
        self.pair.walk_in(helper)

    @rule(person=PERSON)
    def leave(self, person: str) -> None:
        self.pair.leave(person)

    @rule(helper=HELPER)
    def call_next(self, helper: str) -> None:
        self.pair.call_next(helper)

    @precondition(lambda self: self._anybody_there)
    @rule(helper=HELPER, back=PLACE)
    def call(self, helper: str, back: int) -> None:
        self.pair.call(helper, self._number(back))

    @precondition(lambda self: self._anybody_there)
    @rule(helper=HELPER, back=PLACE)
    def start(self, helper: str, back: int) -> None:
        self.pair.start(helper, self._number(back))

    @precondition(lambda self: self._anybody_there)
    @rule(helper=HELPER, back=PLACE)
    def complete(self, helper: str, back: int) -> None:
        self.pair.complete(helper, self._number(back))

    @precondition(lambda self: self._anybody_there)
    @rule(helper=HELPER, back=PLACE)
    def no_show(self, helper: str, back: int) -> None:
        self.pair.no_show(helper, self._number(back))

    @precondition(lambda self: self._anybody_there)
    @rule(helper=HELPER, back=PLACE, behind=st.integers(0, 5))
    def return_to_line(self, helper: str, back: int, behind: int) -> None:
        self.pair.return_(helper, self._number(back), behind)

    @precondition(lambda self: self._anybody_there)
    @rule(helper=HELPER, back=PLACE, position=st.integers(-2, 9))
    def move(self, helper: str, back: int, position: int) -> None:
        self.pair.move(helper, self._number(back), position)

    @precondition(lambda self: self._anybody_there)
    @rule(person=ANYBODY, back=PLACE, minutes=st.sampled_from([1, 20]))
    def hold(self, person: str, back: int, minutes: int) -> None:
        self.pair.hold(person, self._number(back), minutes)

    @precondition(lambda self: self._anybody_there)
    @rule(person=ANYBODY, back=PLACE)
    def release(self, person: str, back: int) -> None:
        self.pair.release(person, self._number(back))

    @precondition(lambda self: self._anybody_there)
    @rule(helper=HELPER, back=PLACE)
    def remove(self, helper: str, back: int) -> None:
        self.pair.remove(helper, self._number(back))

    @rule(helper=HELPER, minutes=st.sampled_from([None, 1, 30]))
    def pause(self, helper: str, minutes: int | None) -> None:
        self.pair.pause(helper, minutes)

    @rule(helper=HELPER)
    def resume(self, helper: str) -> None:
        self.pair.resume(helper)

    @precondition(lambda self: len(self.pair.stations) < 4)
    @rule(helper=HELPER)
    def open_station(self, helper: str) -> None:
        self.pair.open_station(helper)

    @rule(helper=HELPER, number=st.integers(0, 3))
    def close_station(self, helper: str, number: int) -> None:
        self.pair.close_station(helper, number % len(self.pair.stations))

    @rule(person=ANYBODY, back=st.integers(0, 3))
    def undo(self, person: str, back: int) -> None:
        self.pair.undo(person, back)

    @rule(seconds=st.sampled_from([1, 11, 61, 1300]))
    def tick(self, seconds: int) -> None:
        self.pair.tick(seconds)

    @invariant()
    def is_what_it_must_be(self) -> None:
        self.pair.check()

    def teardown(self) -> None:
        if hasattr(self, "pair"):
            self.pair.check_view()
            self.pair.check_history()
            self.pair.shell.database.close()


def test_any_deeds_in_any_order_on_sqlite(migrated_sqlite: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix="line-"))

    class OnSqlite(LineMachine):
        count = 0

        @classmethod
        def make(cls) -> Pair:
            cls.count += 1
            shutil.copy(migrated_sqlite, folder / f"{cls.count}.db")
            return Pair(f"sqlite:///{folder}/{cls.count}.db")

    try:
        run_state_machine_as_test(OnSqlite, settings=_settings(examples=12, steps=50))
    finally:
        shutil.rmtree(folder)


def test_any_deeds_in_any_order_on_postgres(postgres_server: str, migrated_postgres: str) -> None:
    class OnPostgres(LineMachine):
        url = ""

        @classmethod
        def make(cls) -> Pair:
            with psycopg.connect(cls.url, autocommit=True) as admin:
                admin.execute(b"TRUNCATE organization, user_account CASCADE")
            return Pair(cls.url)

    with owners_database(postgres_server, copy_of=migrated_postgres) as name:
        OnPostgres.url = as_owner(postgres_server, name)
        run_state_machine_as_test(OnPostgres, settings=_settings(examples=5, steps=40))


def test_a_long_day_of_random_deeds(house_url: str) -> None:
    pair, chance = Pair(house_url), Random("a long day")
    for step in range(600):
        random_step(pair, chance)
        if step % 25 == 0:
            pair.check()
    pair.check()
    pair.check_view()
    pair.check_history()
    pair.shell.database.close()


def _settings(*, examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
