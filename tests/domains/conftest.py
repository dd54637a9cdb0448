"""The whole house over a real database, and a named cast in two organizations."""

import shutil
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
from sqlalchemy.engine import make_url

from memberpulse.domains.accounts.models import Session
from memberpulse.domains.accounts.mutations import create_user, start_session
from memberpulse.domains.accounts.rules import new_token, reference_of
from memberpulse.domains.activity.queries import list_latest
from memberpulse.domains.catalog import DOMAINS
from memberpulse.domains.organizations.identity import identify
from memberpulse.domains.organizations.models import Role
from memberpulse.domains.organizations.mutations import add_member, create_organization
from memberpulse.engine import Caller, Engine, EngineSettings, MutationCtx, system
from memberpulse.migrations import migrate
from tests.engine.conftest import Screen

T = TypeVar("T")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> Iterator[str]:
    """The name of a PostgreSQL database with the schema, to make others from."""
    name = f"template_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    migrate(make_url(postgres_server).set(database=name).render_as_string(hide_password=False))
    yield name
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def house_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with the current schema and nothing in it."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "house.db")
        yield f"sqlite:///{tmp_path}/house.db"
        return
    server, template = request.getfixturevalue("postgres_server"), request.getfixturevalue("migrated_postgres")
    name = f"house_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


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

    def watch(self, caller: Caller, function: Callable[..., Any], **arguments: Any) -> Screen:
        return Screen(self.engine, caller).watch(function, **arguments)


@pytest.fixture
async def cast(engine: Engine) -> Cast:
    here = await engine.mutate(create_organization, caller=system(), name="Here")
    there = await engine.mutate(create_organization, caller=system(), name="There")
    people = {
        "ann": await a_person(engine, "Ann", here, Role.OWNER),
        "abe": await a_person(engine, "Abe", here, Role.ADMIN),
        "cleo": await a_person(engine, "Cleo", here, Role.CREATOR),
        "max": await a_person(engine, "Max", here, Role.MEMBER),
        "otto": await a_person(engine, "Otto", there, Role.OWNER),
    }
    return Cast(engine, here, there, **people)


async def a_person(engine: Engine, name: str, organization_id: uuid.UUID, role: Role = Role.MEMBER) -> Caller:
    """Somebody who is signed in and belongs to an organization."""
    email = f"{name.lower().replace(' ', '.')}@post.example"
    user_id = await engine.mutate(create_user, caller=system(), email=email, name=name)
    await engine.mutate(add_member, caller=system(organization_id), user_id=user_id, role=role)
    return await signed_in(engine, user_id)


async def signed_in(engine: Engine, user_id: uuid.UUID) -> Caller:
    reference = reference_of(new_token())
    await engine.mutate(start_session, caller=system(), user_id=user_id, token_hash=reference)
    return await engine.caller_of(reference)


async def session_of(engine: Engine, caller: Caller) -> Session:
    return await engine.transact_async(lambda ctx: ctx.db.get_one(Session, caller.session_id), system())
