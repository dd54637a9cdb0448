"""Two organizations full of rows, and a person of every kind: what the generated tests stand on.

Everything here is generated from the registry. A new function, route or handler is covered by existing; nothing is
listed by hand but the few arguments that a schema cannot suggest.
"""

import asyncio
import json
import re
import sqlite3
import uuid
from collections.abc import AsyncIterator, Generator, Iterable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from itertools import product
from typing import Any
from unittest.mock import patch

from sqlalchemy.engine import make_url
from sqlmodel import SQLModel, select

from memberpulse.demo import seed
from memberpulse.demo.people import FERNHILL_ID, HARBOUR_ID
from memberpulse.demo.seed import seed_demo
from memberpulse.demo.stripe.server import FakeStripe
from memberpulse.domains.accounts.models import Session
from memberpulse.domains.accounts.mutations import User, start_session
from memberpulse.domains.accounts.rules import reference_of
from memberpulse.domains.accounts.step_up import SENSITIVE
from memberpulse.domains.announcements.mutations import post_for
from memberpulse.domains.catalog import DOMAINS
from memberpulse.domains.organizations.identity import identify
from memberpulse.domains.organizations.models import Membership, Role
from memberpulse.domains.organizations.roles.models import CustomRole
from memberpulse.engine import ANONYMOUS, Caller, Engine, EngineSettings, Function, MutationCtx, system, utc_now
from memberpulse.engine.limits import Limiter
from memberpulse.engine.predicates import Write
from memberpulse.engine.session import tenant_tables
from memberpulse.migrations import migrate

CUSTOM = "custom"
PEOPLE = ("user", "by", "author", "requester", "payer")
"""What ids of people are called."""
ROLES = ["anonymous", "outsider", "member", "creator", "admin", "owner"]


WRITTEN = re.compile(r"^(?:UPDATE|INSERT INTO|INSERT OR IGNORE INTO|DELETE FROM) (\w+)")


Rows = dict[str, frozenset[tuple[Any, ...]]]
"""Table to what it holds."""


@dataclass
class World:
    """The running engine, who is who, and the rows of the organization under attack."""

    engine: Engine
    url: str
    references: dict[str, str]
    """Role to session reference; the outsider owns the other organization and nothing here, `CUSTOM` holds the
    organization's own role."""
    ids: dict[str, list[uuid.UUID]] = field(init=False)
    """Table name to the ids of the attacked organization's rows."""
    answers: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """What functions answered last, for those that are performed after them."""
    refusal: str = ""
    """Why a function that was performed did nothing."""
    stripe: FakeStripe = field(init=False)
    """What plays Stripe, while payments are offered."""
    _seeded_rows: dict[uuid.UUID, Rows] = field(default_factory=dict[uuid.UUID, Rows])
    seeded: dict[str, int] = field(default_factory=dict[str, int])
    _kept_at: int = -1

    def __post_init__(self) -> None:
        self._watcher = sqlite3.connect(self._file, check_same_thread=False)
        self.names = {"fernhill": FERNHILL_ID.hex, "harbour": HARBOUR_ID.hex}
        for role, reference in self.references.items():
            of = "FROM user_session WHERE token_hash = ?"
            person, session = self._watcher.execute(f"SELECT user_id, id {of}", [reference]).fetchone()
            self.names |= {role: person, f"{role}_session": session, f"{role}_reference": reference}

    async def caller(self, role: str) -> Caller:
        return ANONYMOUS if role == "anonymous" else await self.engine.caller_of(self.references[role])

    def prove(self, role: str) -> None:
        """Let the role's session do everything that takes a fresh proof. Twice is harmless."""
        self.write(
            "INSERT OR IGNORE INTO step_up_grant (id, session_id, action, method, expires_at) "
            f"SELECT lower(hex(randomblob(16))), :{role}_session, value, 'password', datetime('now', '+10 minutes') "
            f"FROM json_each('{json.dumps(list(SENSITIVE))}')"
        )

    def ids_of(self, table: str) -> list[uuid.UUID]:
        """The ids of a table's rows as they are now, the oldest first; of a tenant table those of Fernhill."""
        theirs = "WHERE organization_id = :fernhill" if table in tenant_tables() else ""
        return [uuid.UUID(each) for (each,) in self.select(f"SELECT id FROM {table} {theirs} ORDER BY rowid")]

    def select(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a statement, in which `:owner` is the owner's id as the database has it, and so on."""
        return self._watcher.execute(statement, self.names).fetchall()

    def write(self, statement: str) -> None:
        """Change rows past all rules, so that a day is over or a seat taken; live queries are told of it."""
        with closing(sqlite3.connect(self._file)) as file, file:
            file.execute(statement, self.names)
        table = WRITTEN.search(statement)
        assert table, f"{statement} changes nothing"
        self.engine.reactor.apply((Write(table[1], {}),))

    @contextmanager
    def at_once(self) -> Generator[None]:
        """Let live queries learn of everything that changes in the block as of one change, at its end."""
        reactor, heard = self.engine.reactor, list[Write]()
        with patch.object(reactor, "apply", heard.extend):
            yield
        reactor.apply(tuple(heard))

    def keep(self) -> None:
        """Remember the database as it is now."""
        self.ids = _ids(self._file)
        _copy(self._file, self._pristine)
        self._kept_at, self.seeded = self._version(), self.contents()
        self._seeded_rows = {each: self._read_rows(each, _tables()) for each in (FERNHILL_ID, HARBOUR_ID)}

    def restore(self) -> None:
        """Undo all that was written since `keep`, which no live query is told, and forget how often anybody called."""
        self.engine.limiter = Limiter()
        if self._version() == self._kept_at:
            return
        self._put_back(self.changed_since(self.seeded))
        self._kept_at = self._version()
        self.engine.accesses.refresh()

    def _put_back(self, tables: Iterable[str]) -> None:
        """Table by table: were the file replaced, each of the engine's connections would read the schema anew."""
        with closing(sqlite3.connect(self._file)) as file:
            file.execute("ATTACH ? AS pristine", [self._pristine])
            with file:
                for table in (*tables, "changes_counted"):
                    file.execute(f"DELETE FROM {table}")
                    file.execute(f"INSERT INTO {table} SELECT * FROM pristine.{table} ORDER BY rowid")

    def contents(self) -> dict[str, int]:
        """How often each table has been changed: see `_count_changes`."""
        return dict(self._watcher.execute("SELECT name, times FROM changes_counted").fetchall())

    def changed_since(self, contents: dict[str, int]) -> set[str]:
        """The tables in which a row has become another, has come or has gone."""
        return {name for name, held in self.contents().items() if held != contents.get(name)}

    @property
    def _file(self) -> str:
        return str(make_url(self.url).database)

    @property
    def _pristine(self) -> str:
        return f"{self._file}.pristine"

    def rows(self, organization_id: uuid.UUID = FERNHILL_ID) -> Rows:
        """Every tenant row of an organization, for comparison."""
        written = self.changed_since(self.seeded).intersection(_tables())
        return self._seeded_rows[organization_id] | self._read_rows(organization_id, written)

    def _read_rows(self, organization_id: uuid.UUID, tables: Iterable[str]) -> Rows:
        of = "WHERE organization_id = ?"
        return {
            name: frozenset(self._watcher.execute(f"SELECT * FROM {name} {of}", [organization_id.hex]))
            for name in tables
        }

    def _version(self) -> int:
        """Another number whenever anybody has committed since."""
        return self._watcher.execute("PRAGMA data_version").fetchone()[0]


@lru_cache(maxsize=1)
def _domains_of_tables() -> dict[str, str]:
    """Table to the domain that it belongs to."""
    models = [mapper.class_ for mapper in SQLModel._sa_registry.mappers]
    return {
        model.__tablename__: model.__module__.split(".")[2]
        for model in models
        if model.__module__.startswith("memberpulse.domains.") and "id" in model.model_fields
    }


def _tables() -> list[str]:
    """The product's tenant tables; other tests may have declared tables of their own in this process."""
    return [name for name in sorted(tenant_tables()) if not name.startswith(("test_", "prop_"))]


def _count_changes(file: str) -> None:
    """Let the database count for each table how often a row comes, goes or becomes another, cascades and all."""
    with closing(sqlite3.connect(file)) as opened, opened:
        tables = opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        opened.execute("CREATE TABLE changes_counted (name PRIMARY KEY, times)")
        for (table,) in tables:
            columns = [each[1] for each in opened.execute(f"PRAGMA table_info({table})")]
            differs = " OR ".join(f"OLD.{each} IS NOT NEW.{each}" for each in columns)
            opened.execute("INSERT INTO changes_counted VALUES (?, 0)", [table])
            for deed, when in (("INSERT", "1"), ("DELETE", "1"), ("UPDATE", differs)):
                count = f"UPDATE changes_counted SET times = times + 1 WHERE name = '{table}'"
                opened.execute(
                    f"CREATE TRIGGER count_{table}_{deed} AFTER {deed} ON {table} WHEN {when} BEGIN {count}; END"
                )


def _copy(source: str, target: str) -> None:
    """By SQLite's own backup, which works while others have the file open."""
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
        read.backup(written)


@asynccontextmanager
async def a_world(url: str, **settings: Any) -> AsyncIterator[World]:
    """Migrate, seed both organizations, and sign everybody in."""
    await asyncio.to_thread(migrate, url)
    engine = Engine(EngineSettings(database_url=url, background=False, **settings), DOMAINS, identify)
    await engine.start()
    try:
        with patch.object(seed, "HISTORY", timedelta(days=2)):  # the rows of a month take seconds, and show no more
            await seed_demo(engine)
        references = await _sign_in(engine)
        await _one_announcement(engine)
        _count_changes(str(make_url(url).database))
        world = World(engine, url, references)
        world.keep()
        yield world
    finally:
        await engine.stop()


async def _sign_in(engine: Engine) -> dict[str, str]:
    def open_sessions(ctx: MutationCtx) -> dict[str, str]:
        found = {role: _open_session(ctx, role, _holder(ctx, role)) for role in ROLES if role != "anonymous"}
        return found | {CUSTOM: _open_session(ctx, CUSTOM, _custom_holder(ctx))}

    return await engine.transact_async(open_sessions, system())


def _holder(ctx: MutationCtx, role: str) -> uuid.UUID:
    home, wanted = _home(role), Role.OWNER if role == "outsider" else Role(role)
    with ctx.across_organizations():
        of_role = select(Membership).where(Membership.organization_id == home, Membership.role == wanted)
        elsewhere = set(ctx.db.scalars(select(Membership.user_id).where(Membership.organization_id != home)))
        return next(
            each.user_id for each in ctx.db.scalars(of_role) if each.user_id not in elsewhere or role != "outsider"
        )


def _custom_holder(ctx: MutationCtx) -> uuid.UUID:
    with ctx.across_organizations():
        role_id = ctx.db.scalars(select(CustomRole.id).where(CustomRole.organization_id == FERNHILL_ID)).one()
        return ctx.db.scalars(select(Membership.user_id).where(Membership.custom_role_id == role_id).limit(1)).one()


def _home(role: str) -> uuid.UUID:
    return HARBOUR_ID if role == "outsider" else FERNHILL_ID


def _open_session(ctx: MutationCtx, role: str, user_id: uuid.UUID) -> str:
    reference = reference_of(f"token of {role}")
    session_id = start_session(ctx, user_id=user_id, token_hash=reference)
    ctx.db.get_one(Session, session_id).organization_id = _home(role)
    return reference


async def _one_announcement(engine: Engine) -> None:
    def owner(ctx: MutationCtx) -> uuid.UUID:
        owners = select(Membership.user_id).where(Membership.role == Role.OWNER)
        return ctx.db.scalars(owners).first()  # type: ignore[return-value]

    author = await engine.transact_async(owner, system(FERNHILL_ID))
    await engine.mutate(
        post_for, caller=system(FERNHILL_ID), author_id=author, title="For members only", body="Fernhill"
    )


def _ids(file: str) -> dict[str, list[uuid.UUID]]:
    with closing(sqlite3.connect(file)) as opened:

        def ids(statement: str, *values: str) -> list[uuid.UUID]:
            return [uuid.UUID(row[0]) for row in opened.execute(statement, values)]

        found = {name: ids(f"SELECT id FROM {name} WHERE organization_id = ?", FERNHILL_ID.hex) for name in _tables()}
        return found | {"user": ids(f"SELECT id FROM {User.__tablename__}"), "organization": [FERNHILL_ID]}


def arguments_for(function: Function, world: World) -> dict[str, Any]:
    """JSON arguments that fit the signature; ids are those of the attacked organization's rows."""
    return next(all_arguments_for(function, world))


def all_arguments_for(function: Function, world: World, **given: Any) -> Iterator[dict[str, Any]]:
    """As `arguments_for`, with one row after the other, and with what is `given` for some of the arguments."""
    schema = function.arguments.model.model_json_schema()
    domain, definitions = function.name.partition(".")[0], schema.get("$defs", {})
    needed = {name: schema["properties"][name] for name in schema.get("required", []) if name not in given}
    values = [_values(name, each, domain, definitions, world) for name, each in needed.items()]
    for some in product(*values):
        yield dict(zip(needed, some, strict=True)) | given


def _values(name: str, schema: dict[str, Any], domain: str, definitions: dict[str, Any], world: World) -> list[Any]:
    """What fits: each row of the table where it is an id, and one value where it is something else."""
    if "$ref" in schema:
        return _values(name, definitions[schema["$ref"].rsplit("/", 1)[1]], domain, definitions, world)
    if "anyOf" in schema:
        return _values(name, schema["anyOf"][0], domain, definitions, world)
    if "enum" in schema:
        return schema["enum"][:1]
    kind, shape = schema.get("type"), schema.get("format")
    if kind == "array":
        items = _values(name.removesuffix("s"), schema["items"], domain, definitions, world)
        return [[each] for each in items]
    if kind == "object":
        fields = {key: schema["properties"][key] for key in schema.get("required", [])}
        return [{key: _values(key, each, domain, definitions, world)[0] for key, each in fields.items()}]
    if shape == "uuid":
        return [str(each) for each in _ids_named(name, domain, world)]
    if shape == "date-time":
        return [utc_now().isoformat()]
    if shape == "date":
        return [utc_now().date().isoformat()]
    return [{"string": "Fernhill", "integer": 1, "number": 1.0, "boolean": True, "null": None}[kind or "null"]]


def _ids_named(name: str, domain: str, world: World) -> list[uuid.UUID]:
    """`membership_id` names a row of the table `membership`, of the function's own domain before others; a name that
    no table has gets the organization's own id."""
    stem = name.removesuffix("_id")
    tables = [each for each in _domains_of_tables() if each.endswith("user_account" if stem in PEOPLE else stem)]
    for table in sorted(tables, key=lambda table: _domains_of_tables()[table] != domain):
        if found := world.ids_of(table):
            return found
    return [FERNHILL_ID]


def secrets_of(world: World) -> list[str]:
    """Texts that must never reach another organization: the ids of Fernhill's rows and its own words."""
    tables = {name: ids for name, ids in world.ids.items() if name not in ("user", "organization")}
    return [str(each) for ids in tables.values() for each in ids] + ["For members only"]
