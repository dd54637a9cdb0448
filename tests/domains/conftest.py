"""The whole house over a real database, and a named cast in two organizations."""

import asyncio
import shutil
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import select
from sqlmodel import col

from memberpulse.demo.seed import seed_demo
from memberpulse.domains.accounts.models import Session
from memberpulse.domains.accounts.mutations import create_user, start_session
from memberpulse.domains.accounts.rules import new_token, reference_of
from memberpulse.domains.activity.queries import list_latest
from memberpulse.domains.catalog import DOMAINS
from memberpulse.domains.organizations.identity import identify
from memberpulse.domains.organizations.models import Role
from memberpulse.domains.organizations.mutations import add_member, create_organization
from memberpulse.engine import Caller, Engine, EngineSettings, MutationCtx, system
from memberpulse.engine.tables import EngineJob
from memberpulse.migrations import migrate
from tests.engine.conftest import Screen
from tests.once import once
from tests.postgres import KEPT, KeptDatabase, as_owner, owners_database

T = TypeVar("T")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def migrated_sqlite() -> Path:
    return once("migrated", lambda folder: migrate(f"sqlite:///{folder}/house.db")) / "house.db"


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> Iterator[str]:
    """The name of a PostgreSQL database with the schema, to make others from."""
    with owners_database(postgres_server) as name:
        migrate(as_owner(postgres_server, name))
        yield name


@pytest.fixture(scope="session")
def peopled_sqlite(migrated_sqlite: Path) -> Path:
    """The same with everybody of the cast in it."""
    return _filled(migrated_sqlite, "peopled", settle_cast)


@pytest.fixture(scope="session")
def peopled_postgres(postgres_server: str, migrated_postgres: str) -> Iterator[str]:
    with owners_database(postgres_server, copy_of=migrated_postgres) as name:
        asyncio.run(settle_cast(as_owner(postgres_server, name)))
        yield name


@pytest.fixture(scope="session")
def seeded_sqlite(migrated_sqlite: Path) -> Path:
    """One with the demo in it."""
    return _filled(migrated_sqlite, "with-demo", _seed)


def _filled(empty: Path, name: str, fill: Callable[[str], Coroutine[Any, Any, None]]) -> Path:
    def make(folder: Path) -> None:
        shutil.copy(empty, folder)
        asyncio.run(fill(f"sqlite:///{folder}/{empty.name}"))

    return once(name, make) / empty.name


@pytest.fixture(scope="session")
def seeded_postgres(postgres_server: str, migrated_postgres: str) -> Iterator[str]:
    with owners_database(postgres_server, copy_of=migrated_postgres) as name:
        asyncio.run(_seed(as_owner(postgres_server, name)))
        yield name


@pytest.fixture(scope="session")
def kept_databases(postgres_server: str) -> Iterator[Callable[[str], KeptDatabase]]:
    """The copy of a database that all tests use which need no more than that."""
    known: dict[str, KeptDatabase] = {}
    with ExitStack() as stack:

        def kept(template: str) -> KeptDatabase:
            if template not in known:
                name = stack.enter_context(owners_database(postgres_server, copy_of=template, begins=KEPT))
                known[template] = stack.enter_context(closing(KeptDatabase(postgres_server, name)))
            return known[template]

        yield kept


CONTENTS = {"cast": "peopled", "demo": "seeded"}


@pytest.fixture(params=["sqlite", "postgres"])
def house_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with the current schema, and nothing in it but the cast or the demo, for a test that has one."""
    kind = next((CONTENTS[name] for name in request.fixturenames if name in CONTENTS), "migrated")
    template = request.getfixturevalue(f"{kind}_{request.param}")
    if request.param == "sqlite":
        shutil.copy(template, tmp_path / "house.db")
        return f"sqlite:///{tmp_path}/house.db"
    kept = request.getfixturevalue("kept_databases")(template)
    kept.restore()
    return kept.url


@pytest.fixture
async def engine(house_url: str) -> AsyncIterator[Engine]:
    running = Engine(EngineSettings(database_url=house_url, background=False), DOMAINS, identify)
    await running.start()
    yield running
    await running.stop()


@dataclass
class Cast:
    """Ann owns Here, Abe is its admin, Cleo a creator, Max a member. Otto owns There."""

    engine: Engine
    here: uuid.UUID
    there: uuid.UUID
    ann: Caller
    abe: Caller
    cleo: Caller
    max: Caller
    otto: Caller

    async def again(self, caller: Caller) -> Caller:
        """The same session as it is now."""
        return await self.engine.caller_of(caller.reference)

    async def happened(self) -> list[tuple[str, str, str]]:
        """The activities of Here, newest first: who, did, what."""
        rows = await self.engine.query(list_latest, caller=self.ann)
        return [(row.person.name if row.person else "", row.text, row.target) for row in rows]

    async def write(self, work: Callable[[MutationCtx], T], organization_id: uuid.UUID | None = None) -> T:
        """Do something to rows of Here that no mutation does, such as making them old."""
        return await self.engine.transact_async(work, system(organization_id or self.here))

    async def let_time_pass(self) -> None:
        """Let every job that waits for its time be due, and work it off."""

        def hurry(ctx: MutationCtx) -> None:
            for each in ctx.db.scalars(select(EngineJob).where(col(EngineJob.state) == "scheduled")):
                each.run_at = ctx.now

        await self.write(hurry)
        await self.engine.jobs.settle()

    def watch(self, caller: Caller, function: Callable[..., Any], **arguments: Any) -> Screen:
        return Screen(self.engine, caller).watch(function, **arguments)


HERE, THERE = (uuid.UUID(f"01900000-0000-7000-8000-00000000000{number}") for number in (1, 2))
CAST = {"Ann": Role.OWNER, "Abe": Role.ADMIN, "Cleo": Role.CREATOR, "Max": Role.MEMBER}


async def settle_cast(url: str) -> None:
    """Put everybody into an empty database."""
    engine = Engine(EngineSettings(database_url=url, background=False), DOMAINS, identify)
    await engine.start()
    for organization_id, name, roles in ((HERE, "Here", CAST), (THERE, "There", {"Otto": Role.OWNER})):
        await engine.mutate(create_organization, caller=system(), name=name, organization_id=organization_id)
        await people(engine, organization_id, roles, references=[_reference(each) for each in roles])
    await engine.stop()


async def _seed(url: str) -> None:
    engine = Engine(EngineSettings(database_url=url, background=False), DOMAINS, identify)
    await engine.start()
    assert await seed_demo(engine)
    await engine.stop()


def _reference(name: str) -> str:
    return reference_of(f"the session of {name}")


@pytest.fixture
async def cast(engine: Engine, casts: dict[bool, list[Caller]]) -> Cast:
    kind = engine.database.is_sqlite
    if kind not in casts:
        casts[kind] = [await engine.caller_of(_reference(name)) for name in (*CAST, "Otto")]
    return Cast(engine, HERE, THERE, *casts[kind])


@pytest.fixture(scope="session")
def casts() -> dict[bool, list[Caller]]:
    """Who the cast are in the one database that all others of its kind are made from: on SQLite or not."""
    return {}


async def people(
    engine: Engine, organization_id: uuid.UUID, roles: dict[str, Role], references: Sequence[str] = ()
) -> list[Caller]:
    """Somebody of each name who belongs to the organization and is signed in. references: of their sessions."""
    references = references or [reference_of(new_token()) for _ in roles]

    def join(ctx: MutationCtx) -> None:
        for (name, role), reference in zip(roles.items(), references, strict=True):
            email = f"{name.lower().replace(' ', '.')}@post.example"
            user_id = create_user(ctx, email=email, name=name)
            add_member(ctx, user_id=user_id, role=role)
            start_session(ctx, user_id=user_id, token_hash=reference)

    await engine.transact_async(join, system(organization_id))
    return [await engine.caller_of(reference) for reference in references]


async def a_person(engine: Engine, name: str, organization_id: uuid.UUID, role: Role = Role.MEMBER) -> Caller:
    return (await people(engine, organization_id, {name: role}))[0]


async def signed_in(engine: Engine, user_id: uuid.UUID) -> Caller:
    reference = reference_of(new_token())
    await engine.mutate(start_session, caller=system(), user_id=user_id, token_hash=reference)
    return await engine.caller_of(reference)


async def session_of(engine: Engine, caller: Caller) -> Session:
    return await engine.transact_async(lambda ctx: ctx.db.get_one(Session, caller.session_id), system())
