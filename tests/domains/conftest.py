"""The whole house over a real database, and a named cast in two organizations."""

import shutil
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest

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
from tests.conftest import OWNER, as_owner
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
        admin.execute(f"CREATE DATABASE {name} OWNER {OWNER}")
    migrate(as_owner(postgres_server, name))
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
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER} STRATEGY FILE_COPY")
    yield as_owner(server, name)
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
    def found(ctx: MutationCtx) -> tuple[uuid.UUID, uuid.UUID]:
        return create_organization(ctx, name="Here"), create_organization(ctx, name="There")

    here, there = await engine.transact_async(found, system())
    roles = {"Ann": Role.OWNER, "Abe": Role.ADMIN, "Cleo": Role.CREATOR, "Max": Role.MEMBER}
    ann, abe, cleo, member = await people(engine, here, roles)
    (otto,) = await people(engine, there, {"Otto": Role.OWNER})
    return Cast(engine, here, there, ann, abe, cleo, member, otto)


async def people(engine: Engine, organization_id: uuid.UUID, roles: dict[str, Role]) -> list[Caller]:
    """Somebody of each name who belongs to the organization and is signed in."""

    def join(ctx: MutationCtx) -> list[str]:
        references: list[str] = []
        for name, role in roles.items():
            email = f"{name.lower().replace(' ', '.')}@post.example"
            user_id = create_user(ctx, email=email, name=name)
            add_member(ctx, user_id=user_id, role=role)
            references.append(reference_of(new_token()))
            start_session(ctx, user_id=user_id, token_hash=references[-1])
        return references

    references = await engine.transact_async(join, system(organization_id))
    return [await engine.caller_of(reference) for reference in references]


async def a_person(engine: Engine, name: str, organization_id: uuid.UUID, role: Role = Role.MEMBER) -> Caller:
    return (await people(engine, organization_id, {name: role}))[0]


async def signed_in(engine: Engine, user_id: uuid.UUID) -> Caller:
    reference = reference_of(new_token())
    await engine.mutate(start_session, caller=system(), user_id=user_id, token_hash=reference)
    return await engine.caller_of(reference)


async def session_of(engine: Engine, caller: Caller) -> Session:
    return await engine.transact_async(lambda ctx: ctx.db.get_one(Session, caller.session_id), system())
