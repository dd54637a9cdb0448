"""Two organizations full of rows, and a person of every kind: what the generated tests stand on.

Everything here is generated from the registry. A new function, route or handler is covered by existing; nothing is
listed by hand but the few arguments that a schema cannot suggest.
"""

import asyncio
import sqlite3
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy.engine import make_url
from sqlmodel import select

from memberpulse.demo.people import FERNHILL_ID, HARBOUR_ID
from memberpulse.demo.seed import seed_demo
from memberpulse.domains.accounts.models import Session, StepUpGrant, User
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
ROLES = ["anonymous", "outsider", "member", "creator", "admin", "owner"]


@dataclass
class World:
    """The running engine, who is who, and the rows of the organization under attack."""

    engine: Engine
    url: str
    references: dict[str, str]
    """Role to session reference; the outsider owns the other organization and nothing here, `CUSTOM` holds the
    organization's own role."""
    ids: dict[str, list[uuid.UUID]]
    """Table name to the ids of the attacked organization's rows."""
    _seen: dict[uuid.UUID, tuple[int, dict[str, frozenset[tuple[Any, ...]]]]] = field(default_factory=dict)
    _held: tuple[int, dict[str, int]] = (-1, {})
    _kept: dict[str, int] = field(default_factory=dict)
    _kept_at: int = -1

    def __post_init__(self) -> None:
        self._watcher = sqlite3.connect(self._file, check_same_thread=False)

    async def caller(self, role: str) -> Caller:
        return ANONYMOUS if role == "anonymous" else await self.engine.caller_of(self.references[role])

    async def prove(self, role: str) -> None:
        """Let the role's session do everything that takes a fresh proof."""

        def grant(ctx: MutationCtx) -> None:
            found = ctx.db.scalars(select(Session).where(Session.token_hash == self.references[role])).one()
            for action in SENSITIVE:
                ends = utc_now() + timedelta(minutes=10)
                ctx.db.add(StepUpGrant(session_id=found.id, action=action, method="password", expires_at=ends))

        await self.engine.transact_async(grant, system())

    def keep(self) -> None:
        """Remember the database as it is now."""
        _copy(self._file, self._pristine)
        self._kept_at, self._kept = self._version(), self.contents()

    def restore(self) -> None:
        """Undo all that was written since `keep`, and forget how often anybody has called."""
        self.engine.limiter = Limiter()
        if self._version() == self._kept_at:
            return
        written = self.changed_since(self._kept) if self.engine.reactor.queries else ()
        _copy(self._pristine, self._file)
        self._kept_at = self._version()
        self._held = self._kept_at, self._kept
        self.engine.accesses.refresh()
        self.engine.reactor.apply(tuple(Write(table, {}) for table in written))

    def contents(self) -> dict[str, int]:
        """What each table of the database holds, as a number that differs when a row does."""
        version = self._version()
        if self._held[0] != version:
            found = self._watcher.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            rows = {name: self._watcher.execute(f"SELECT * FROM {name} ORDER BY 1") for (name,) in found}
            self._held = version, {name: hash(tuple(each)) for name, each in rows.items()}
        return self._held[1]

    def changed_since(self, contents: dict[str, int]) -> set[str]:
        """The tables that hold something else than they did."""
        return {name for name, held in self.contents().items() if held != contents.get(name)}

    @property
    def _file(self) -> str:
        return str(make_url(self.url).database)

    @property
    def _pristine(self) -> str:
        return f"{self._file}.pristine"

    def rows(self, organization_id: uuid.UUID = FERNHILL_ID) -> dict[str, frozenset[tuple[Any, ...]]]:
        """Every tenant row of an organization, for comparison."""
        version = self._version()
        if self._seen.get(organization_id, (-1,))[0] != version:
            self._seen[organization_id] = (version, self._read_rows(organization_id))
        return self._seen[organization_id][1]

    def _read_rows(self, organization_id: uuid.UUID) -> dict[str, frozenset[tuple[Any, ...]]]:
        of = "WHERE organization_id = ?"
        return {
            name: frozenset(self._watcher.execute(f"SELECT * FROM {name} {of}", [organization_id.hex]))
            for name in _tables()
        }

    def _version(self) -> int:
        """Another number whenever anybody has committed since."""
        return self._watcher.execute("PRAGMA data_version").fetchone()[0]


def _tables() -> list[str]:
    """The product's tenant tables; other tests may have declared tables of their own in this process."""
    return [name for name in sorted(tenant_tables()) if not name.startswith(("test_", "prop_"))]


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
        await seed_demo(engine)
        references = await _sign_in(engine)
        await _one_announcement(engine)
        world = World(engine, url, references, _ids(str(make_url(url).database)))
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
    reference, home = reference_of(f"token of {role}"), _home(role)
    ends = utc_now() + timedelta(days=1)
    ctx.db.add(Session(token_hash=reference, user_id=user_id, organization_id=home, expires_at=ends))
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
    schema = function.arguments.model.model_json_schema()
    definitions = schema.get("$defs", {})
    return {
        name: _value(name, each, definitions, world)
        for name, each in schema.get("properties", {}).items()
        if name in schema.get("required", [])
    }


def _value(name: str, schema: dict[str, Any], definitions: dict[str, Any], world: World) -> Any:
    if "$ref" in schema:
        return _value(name, definitions[schema["$ref"].rsplit("/", 1)[1]], definitions, world)
    if "anyOf" in schema:
        return _value(name, schema["anyOf"][0], definitions, world)
    if "enum" in schema:
        return schema["enum"][0]
    kind, shape = schema.get("type"), schema.get("format")
    if shape == "uuid":
        return str(_id_named(name, world))
    if shape == "date-time":
        return utc_now().isoformat()
    if kind == "array":
        return [_value(name.removesuffix("s"), schema["items"], definitions, world)]
    if kind == "object":
        required = schema.get("required", [])
        return {
            key: _value(key, each, definitions, world) for key, each in schema["properties"].items() if key in required
        }
    return {"string": "Fernhill", "integer": 1, "number": 1.0, "boolean": True, "null": None}[kind or "null"]


def _id_named(name: str, world: World) -> uuid.UUID:
    """`membership_id` names a row of the table `membership`; an unknown name gets any row of the organization."""
    stem = name.removesuffix("_id")
    candidates = [ids for table, ids in world.ids.items() if table.endswith(stem) and ids]
    return candidates[0][0] if candidates else FERNHILL_ID


def secrets_of(world: World) -> list[str]:
    """Texts that must never reach another organization: the ids of Fernhill's rows and its own words."""
    tables = {name: ids for name, ids in world.ids.items() if name not in ("user", "organization")}
    return [str(each) for ids in tables.values() for each in ids] + ["For members only"]
